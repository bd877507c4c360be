// A Python that has a package, where one is found: what it makes is compared with, and never committed.
import { spawnSync } from "node:child_process";

/** The command of a Python that can import `packages`; undefined where none is found. */
export function pythonWith(packages: string): string | undefined {
  return ["/usr/bin/python3", "python3"].find(
    (command) => spawnSync(command, ["-c", `import ${packages}`]).status === 0,
  );
}

/** What a program prints. */
export function printed(python: string, args: readonly string[], input?: string): string {
  const { status, stdout, stderr } = spawnSync(python, args, {
    encoding: "utf8",
    input,
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

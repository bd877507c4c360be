// Python with a package, where the machine has one: an oracle beside the committed files.
import { spawnSync } from "node:child_process";

/** Programs named `python3`, first the one of the system, that import what is asked for. */
export function pythonWith(...packages: string[]): string | undefined {
  return ["/usr/bin/python3", "python3"].find(
    (program) =>
      spawnSync(program, ["-c", `import ${packages.join(", ")}`], { stdio: "ignore" }).status === 0,
  );
}

/** Runs a script and gives what it printed. */
export function runPython(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

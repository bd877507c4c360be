// The TypeScript versions by which users may compile: installed once, in .cache/, since each brings a command `tsc`.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The oldest that the README promises, the last before typed arrays became generic, the project's own, the newest. */
const VERSIONS = { "5.4": "5.4.5", "5.6": "5.6.3", "6.0": "6.0.3", "7.0": "7.0.2" };

const cache = fileURLToPath(new URL("../../.cache/typescript", import.meta.url));

const names = Object.keys(VERSIONS);

/** The versions, each with its command line. */
export const compilers = names.map((version, i) => ({
  version,
  tsc: join(cache, "node_modules", `typescript-${version}`, "bin/tsc"),
  oldestOrNewest: i === 0 || i === names.length - 1,
}));

export function installCompilers(): void {
  const stamp = join(cache, "installed.json");
  const wanted = JSON.stringify(VERSIONS);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, "package.json"), '{ "private": true }');
  const specs = Object.entries(VERSIONS).map(
    ([name, version]) => `typescript-${name}@npm:typescript@${version}`,
  );
  const flags = ["--no-package-lock", "--no-bin-links", "--ignore-scripts", "--no-audit"];
  execFileSync("npm", ["install", ...flags, "--no-fund", ...specs], { cwd: cache, stdio: "pipe" });
  writeFileSync(stamp, wanted);
}

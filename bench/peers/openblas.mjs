// PyTorch's start from here: which Python, and with the fastest of OpenBLAS's cores (openblas.py tells more).
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Debian's python3-torch belongs to Debian's Python, whatever stands first in the path. */
export const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

export const hasPytorch = () => spawnSync(python, ["-c", "import torch"]).status === 0;

/**
 * Tries the cores, some ten seconds: `env` makes programs that call `use_fastest_core` take this one without a trial of
 * their own, `line` says what was chosen.
 */
export function fastestCore() {
  const script = fileURLToPath(new URL("openblas.py", import.meta.url));
  const { stdout, stderr, status } = spawnSync(python, [script], { encoding: "utf8" });
  if (status !== 0) throw new Error(`openblas.py: ${stderr.trim()}`);
  const { choice, torch, openblas, core, tried } = JSON.parse(stdout);
  const speeds = tried.map(
    ({ asked, gflops, failed }) => `${asked ?? "unset"} ${gflops ?? failed}`,
  );
  return {
    env: { BENCH_OPENBLAS_CORE: choice },
    line:
      `PyTorch ${torch}, OpenBLAS ${openblas}, core ${core}, the fastest on a 512×512 product ` +
      `(GFLOP/s by OPENBLAS_CORETYPE: ${speeds.join(", ")})`,
  };
}

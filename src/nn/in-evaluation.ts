import type { Module } from "./module.js";

/** Runs with a module in evaluation mode; then every module in it has the mode it had. */
export function inEvaluation<T>(module: Module, run: () => T): T {
  const modes = [...module.namedModules().values()].map((each) => [each, each.training] as const);
  for (const [each] of modes) each.training = false;
  try {
    return run();
  } finally {
    for (const [each, training] of modes) each.training = training;
  }
}

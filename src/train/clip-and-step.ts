import type { Module } from "../nn/module.js";
import { clipGradNorm } from "../optim/clip.js";
import type { Optimizer, OptimizerOptions } from "../optim/optimizer.js";

/** Clips the gradients, then steps the optimizer. @returns their norm before, where they are clipped */
export function clipAndStep<Options extends OptimizerOptions>(
  optimizer: Optimizer<Options>,
  model: Module,
  maxNorm: number | undefined,
): number | undefined {
  const norm = maxNorm === undefined ? undefined : clipGradNorm(model.parameters(), maxNorm);
  optimizer.step();
  return norm;
}

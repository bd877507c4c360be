// The kernels of the main module with those that only training calls. `kernels()` has not got these, so forward code that
// called one would not compile; and the inference build, which has no code behind this file, is checked to leave it out
// (scripts/bundle.mjs).
import { kernels } from "./backend.js";
import type { Kernels } from "./generated/kernels.js";

/** @internal Of the module that trains: for `backward`, losses, optimizers and random numbers. */
export function trainingKernels(): Kernels {
  return kernels() as Kernels;
}

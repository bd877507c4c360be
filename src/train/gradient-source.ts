import type { Module } from "../nn/module.js";
import type { Optimizer, OptimizerOptions } from "../optim/optimizer.js";

/** What computes the gradients of a batch elsewhere: a `DataParallel` of `hiddenstate/parallel`. */
export interface GradientSource<Batch> {
  /** Gives each parameter of the model the gradient of the batch's loss, as `backward` would, and that loss. */
  gradients(batch: Batch): Promise<number>;
  /**
   * @internal Clips those gradients and steps the optimizer, to the bits of `clipAndStep`, and gives the norm; undefined where it
   * has no other way than that. Default: it has none.
   */
  step_?<Options extends OptimizerOptions>(
    optimizer: Optimizer<Options>,
    model: Module,
    maxNorm: number | undefined,
  ): Promise<number | undefined> | undefined;
}

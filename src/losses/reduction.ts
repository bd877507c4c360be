// From one loss an element or row to what a loss function returns.
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import type { Shape } from "../core/shape.js";
import { mean, sum } from "../ops/reduce.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { f32 } from "../wasm/memory.js";
import { bytesOf, type Ptr } from "../wasm/ptr.js";
import { withScratch } from "../wasm/scratch.js";

/** `"none"`: every loss; `"mean"` (default): their mean; `"sum"`: their sum. */
export type Reduction = "none" | "mean" | "sum";

/** How gradients of the single losses follow from that of the result, as the kernels take it. */
export interface LossGradient {
  /** 1 where every loss has a gradient of its own, 0 where one stands for all. */
  readonly stride: 0 | 1;
  readonly factor: number;
}

export function checkReduction(op: string, reduction: Reduction): void {
  if (reduction !== "none" && reduction !== "mean" && reduction !== "sum")
    throw new OptionError({
      op,
      expected: 'reduction "none", "mean" or "sum"',
      got: described(reduction),
    });
}

/** The same of losses that are a tensor already, for losses composed of operations. */
export function reduced(losses: Tensor, reduction: Reduction): Tensor {
  return reduction === "none" ? losses : reduction === "sum" ? sum(losses) : mean(losses);
}

/**
 * The loss tensor: `shape` for "none", else a scalar.
 *
 * @param write puts one loss for each element of `shape` at an address, and says what a mean divides by
 */
export function reduceLosses(
  reduction: Reduction,
  shape: Shape,
  count: number,
  write: (losses: Ptr) => number,
): { loss: Tensor; gradient: LossGradient } {
  if (reduction === "none") {
    const loss = empty(shape);
    write(loss.storage.ptr);
    return { loss, gradient: { stride: 1, factor: 1 } };
  }
  const loss = empty([]);
  const divisor = withScratch(bytesOf(count), (losses) => {
    const by = write(losses);
    kernels().sumAxis(loss.storage.ptr, losses, 1, count, 1);
    return by;
  });
  if (reduction === "sum") return { loss, gradient: { stride: 0, factor: 1 } };
  const value = f32(loss.storage.ptr, 1);
  value[0] = value[0]! / divisor;
  return { loss, gradient: { stride: 0, factor: 1 / divisor } };
}

import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import type { Tensor } from "../tensor/tensor.js";

let enabled = true;

/**
 * Runs `fn` without recording a graph, and returns what it returns. Results require no gradient.
 *
 * @example
 * ```ts
 * const head = new Linear(4, 2);
 * const scores = scope(() => noGrad(() => head.forward(ones([1, 4]))));
 * scores.requiresGrad; // false
 * ```
 */
export function noGrad<T>(fn: () => T): T {
  checkCall("noGrad", arguments, "fn:function");
  const before = enabled;
  enabled = false;
  try {
    return fn();
  } finally {
    enabled = before;
  }
}

/** @internal Whether an operation on these inputs will be recorded, and so must keep what its gradient needs. */
export function records(inputs: readonly Tensor<DType>[]): boolean {
  return TRAINING && enabled && inputs.some((input) => input.requiresGrad);
}

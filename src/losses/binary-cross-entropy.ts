import { checkCall } from "../core/check.js";
import { ShapeError } from "../core/errors.js";
import { broadcastShapes, formatShape, sameShape, type Shape } from "../core/shape.js";
import { add, mul, sub } from "../ops/arithmetic.js";
import { combine } from "../ops/broadcast.js";
import { requireFloat } from "../ops/check.js";
import { full } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import {
  elementwiseLoss,
  requireSameShape,
  type ElementwiseLoss,
  type LossOptions,
} from "./elementwise.js";
import { checkReduction, reduced } from "./reduction.js";

export interface BinaryCrossEntropyOptions extends LossOptions {
  /** What each loss is multiplied by; broadcasts to the input's shape. Default: 1. */
  weight?: Tensor | undefined;
  /** What the loss of the positive part is multiplied by, to weigh recall; broadcasts to the input's shape. */
  posWeight?: Tensor | undefined;
}

const OP = "binaryCrossEntropyWithLogits";

const unweighted: ElementwiseLoss = /* @__PURE__ */ elementwiseLoss({
  name: OP,
  forward: (losses, x, y, size) => trainingKernels().binaryCrossEntropyForward(losses, x, y, size),
  backward: (to, dLoss, x, y, size, { stride, factor }) =>
    trainingKernels().binaryCrossEntropyBackward(to, dLoss, x, y, size, stride, factor),
  // The loss is linear in the target, with slope -input.
  targetGradient(to, dLoss, x, _y, size, { stride, factor }) {
    const shape = [size];
    const dy = stride === 1 ? { ptr: dLoss, shape, size } : { ptr: dLoss, shape: [], size: 1 };
    combine("mulBroadcast", to, shape, { ptr: x, shape, size }, dy);
    kernels().scale(to, to, size, -factor);
  },
});

/**
 * -(y · log σ(x) + (1 - y) · log(1 - σ(x))) for logits x and targets y from 0 to 1, stable for any x.
 * The mean divides by the number of elements, whatever the weights.
 *
 * @param target float32 of the input's shape
 * @returns a scalar, or for reduction "none" the input's shape
 * @throws ShapeError for a target of another shape or weights that do not broadcast to it; DTypeError
 *   for int32; OptionError for an unknown reduction
 * @example
 * ```ts
 * binaryCrossEntropyWithLogits(tensor([0]), tensor([1])).item().toFixed(4); // "0.6931"
 * ```
 */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor,
  options: BinaryCrossEntropyOptions = {},
): Tensor {
  checkCall(
    "binaryCrossEntropyWithLogits",
    arguments,
    "input:tensor target:tensor {weight:tensor posWeight:tensor reduction:string}",
  );
  const { weight, posWeight, reduction = "mean" } = options;
  if (!weight && !posWeight) return unweighted(input, target, { reduction });
  checkReduction(OP, reduction);
  requireSameShape(OP, input, target);
  for (const [name, each] of [
    ["weight", weight],
    ["posWeight", posWeight],
  ] as const)
    if (each) checkWeight(name, each, input.shape);
  let losses = posWeight
    ? positivesWeighted(input, target, posWeight)
    : unweighted(input, target, { reduction: "none" });
  if (weight) losses = mul(losses, weight);
  return reduced(losses, reduction);
}

/** posWeight · y · (-log σ(x)) + (1 - y) · (-log(1 - σ(x))): the losses for targets all 1 and all 0, mixed. */
function positivesWeighted(input: Tensor, target: Tensor, posWeight: Tensor): Tensor {
  const lossFor = (value: number): Tensor =>
    unweighted(input, full(input.shape, value), { reduction: "none" });
  return add(mul(mul(target, posWeight), lossFor(1)), mul(sub(1, target), lossFor(0)));
}

function checkWeight(name: string, weight: Tensor, shape: Shape): void {
  requireFloat(OP, weight);
  if (!sameShape(broadcastShapes(OP, weight.shape, shape), shape))
    throw new ShapeError({
      op: OP,
      expected: `${name} of a shape that broadcasts to the input's ${formatShape(shape)}`,
      got: formatShape(weight.shape),
    });
}

// Binary cross-entropy of probabilities. Kept apart from that of logits: its kernels are those that only subpaths call.
import { checkCall } from "../core/check.js";
import { NumericError, ShapeError } from "../core/errors.js";
import { broadcastShapes, formatShape, sameShape } from "../core/shape.js";
import { mul } from "../ops/arithmetic.js";
import { combine } from "../ops/broadcast.js";
import { requireFloat } from "../ops/check.js";
import type { Tensor } from "../tensor/tensor.js";
import { heap, kernels } from "../wasm/backend.js";
import { extraKernels } from "../wasm/extra.js";
import { f32 } from "../wasm/memory.js";
import { bytesOf, type Ptr } from "../wasm/ptr.js";
import { elementwiseLoss, requireSameShape, type LossOptions } from "./elementwise.js";
import { checkReduction, reduced, type LossGradient } from "./reduction.js";

export interface ProbabilityLossOptions extends LossOptions {
  /** What each loss is multiplied by; broadcasts to the input's shape. Default: 1. */
  weight?: Tensor | undefined;
}

const OP = "binaryCrossEntropy";
/** Logarithms end here, and the divisor of the gradient there, as in PyTorch. */
const LEAST_LOG = -100;
const LEAST_DIVISOR = 1e-12;

/** to = 1 - x */
function oneMinus(to: Ptr, x: Ptr, size: number): void {
  kernels().scale(to, x, size, -1);
  extraKernels().addScalar(to, to, size, 1);
}

function boundedLog(to: Ptr, x: Ptr, size: number): void {
  kernels().logForward(to, x, size);
  extraKernels().clampForward(to, to, size, LEAST_LOG, Infinity);
}

/** to = log(1 - x) - log(x), rest = log(1 - x): the loss is linear in the target. */
function slopes(to: Ptr, rest: Ptr, x: Ptr, size: number): void {
  oneMinus(rest, x, size);
  boundedLog(rest, rest, size);
  boundedLog(to, x, size);
  kernels().sub(to, rest, to, size);
}

function withBlock(size: number, run: (block: Ptr) => void): void {
  const block = heap().allocate(bytesOf(size));
  run(block);
  heap().free(block);
}

/** to = to · the gradient of the loss. */
function timesLoss(to: Ptr, dLoss: Ptr, size: number, { stride, factor }: LossGradient): void {
  const shape = [size];
  const dy = stride === 1 ? { ptr: dLoss, shape, size } : { ptr: dLoss, shape: [], size: 1 };
  combine("mulBroadcast", to, shape, { ptr: to, shape, size }, dy);
  kernels().scale(to, to, size, factor);
}

const unweighted = /* @__PURE__ */ elementwiseLoss<LossOptions>({
  name: OP,
  forward: (losses, x, y, size) =>
    withBlock(size, (rest) => {
      slopes(losses, rest, x, size);
      kernels().mul(losses, losses, y, size);
      kernels().sub(losses, losses, rest, size);
    }),
  // (x - y) / (x · (1 - x))
  backward: (to, dLoss, x, y, size, gradient) =>
    withBlock(size, (divisor) => {
      oneMinus(divisor, x, size);
      kernels().mul(divisor, divisor, x, size);
      extraKernels().clampForward(divisor, divisor, size, LEAST_DIVISOR, Infinity);
      kernels().sub(to, x, y, size);
      kernels().div(to, to, divisor, size);
      timesLoss(to, dLoss, size, gradient);
    }),
  targetGradient: (to, dLoss, x, _y, size, gradient) =>
    withBlock(size, (rest) => {
      slopes(to, rest, x, size);
      timesLoss(to, dLoss, size, gradient);
    }),
});

/**
 * -(y · log x + (1 - y) · log(1 - x)) for probabilities x and targets y from 0 to 1, PyTorch's `BCELoss`: logarithms are at
 * least -100. Of logits, {@link binaryCrossEntropyWithLogits} is stable for any. The mean divides by the number of elements.
 *
 * @param target float32 of the input's shape
 * @returns a scalar, or for reduction "none" the input's shape
 * @throws NumericError for an input outside 0 to 1, with its place; ShapeError for a target of another shape or a weight that
 *   does not broadcast to it; DTypeError for int32; OptionError for an unknown reduction
 */
export function binaryCrossEntropy(
  input: Tensor,
  target: Tensor,
  options: ProbabilityLossOptions = {},
): Tensor {
  checkCall(OP, arguments, "input:tensor target:tensor {weight:tensor reduction:string}");
  const { weight, reduction = "mean" } = options;
  checkReduction(OP, reduction);
  requireSameShape(OP, input, target);
  const values = f32(input.address(OP), input.size);
  const bad = values.findIndex((value) => !(value >= 0 && value <= 1));
  if (bad >= 0)
    throw new NumericError({
      op: OP,
      expected: "probabilities from 0 to 1",
      got: `${values[bad]} as element ${bad}`,
      cure: "Of logits, take binaryCrossEntropyWithLogits.",
    });
  if (!weight) return unweighted(input, target, { reduction });
  requireFloat(OP, weight);
  if (!sameShape(broadcastShapes(OP, weight.shape, input.shape), input.shape))
    throw new ShapeError({
      op: OP,
      expected: `weight of a shape that broadcasts to the input's ${formatShape(input.shape)}`,
      got: formatShape(weight.shape),
    });
  return reduced(mul(unweighted(input, target, { reduction: "none" }), weight), reduction);
}

import { described } from "../core/described.js";
import { checkCall } from "../core/check.js";
import { records } from "../autograd/mode.js";
import { defineOp } from "../autograd/op.js";
import type { DType } from "../core/dtype.js";
import { OptionError } from "../core/errors.js";
import { sameShape } from "../core/shape.js";
import { add, mul, neg } from "../ops/arithmetic.js";
import { less } from "../ops/compare.js";
import { sum } from "../ops/reduce.js";
import { logSoftmax } from "../ops/softmax.js";
import { where } from "../ops/where.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import {
  badClass,
  checkClassLoss,
  checkWeight,
  type ClassLossOptions,
  type Rows,
} from "./class-target.js";
import { requireSameShape } from "./elementwise.js";
import { checkReduction, reduced, reduceLosses, type LossGradient } from "./reduction.js";

export interface CrossEntropyOptions extends ClassLossOptions {
  /** How much of the target's probability is spread evenly over all classes, 0 to 1. Default 0. */
  labelSmoothing?: number | undefined;
}

interface Saved extends Rows {
  /** What the kernel leaves for the backward; nothing where no gradient is wanted. */
  readonly exps: Tensor | undefined;
  readonly target: Tensor<"int32">;
  readonly weight: Tensor | undefined;
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;
  readonly gradient: LossGradient;
}

const ofClasses: (
  logits: Tensor,
  target: Tensor<"int32">,
  options?: CrossEntropyOptions,
) => Tensor = /* @__PURE__ */ defineOp({
  name: "crossEntropy",
  forward(logits: Tensor, target: Tensor<"int32">, options: CrossEntropyOptions = {}) {
    const { weight, ignoreIndex = -100, reduction = "mean", labelSmoothing = 0 } = options;
    const { rows, classes } = checkClassLoss("crossEntropy", logits, target, options);
    checkSmoothing(labelSmoothing);
    const from = logits.address("crossEntropy");
    const targets = target.address("crossEntropy");
    const weights = weight?.address("crossEntropy") ?? 0;
    const exps = records([logits]) ? empty([rows * (classes + 1)]) : undefined;
    const { loss, gradient } = reduceLosses(reduction, target.shape, rows, (losses) => {
      const bad = kernels().crossEntropyForward(
        losses,
        exps?.storage.ptr ?? 0,
        from,
        targets,
        weights,
        rows,
        classes,
        ignoreIndex,
        labelSmoothing,
      );
      if (bad >= 0) throw badClass("crossEntropy", target, bad, classes, ignoreIndex);
      return kernels().targetWeightSum(targets, weights, rows, ignoreIndex);
    });
    const saved = {
      exps,
      target,
      weight,
      ignoreIndex,
      labelSmoothing,
      gradient,
      rows,
      classes,
    };
    return { inputs: [logits, target], output: loss, saved };
  },
  backward(pass, saved: Saved) {
    const { exps, target, weight, ignoreIndex, labelSmoothing, gradient, rows, classes } = saved;
    if (!exps) return;
    pass.writeOver(0, exps, (dLogits) =>
      trainingKernels().crossEntropyBackward(
        dLogits,
        pass.grad(),
        exps.address("crossEntropy"),
        target.address("crossEntropy"),
        weight?.address("crossEntropy") ?? 0,
        rows,
        classes,
        ignoreIndex,
        labelSmoothing,
        gradient.stride,
        gradient.factor,
      ),
    );
  },
});

/** -Σ weight · target · log softmax(logits) over the classes of each row. */
function ofProbabilities(
  logits: Tensor,
  target: Tensor,
  { weight, ignoreIndex, reduction = "mean", labelSmoothing = 0 }: CrossEntropyOptions,
): Tensor {
  const op = "crossEntropy";
  requireSameShape(op, logits, target);
  checkReduction(op, reduction);
  checkSmoothing(labelSmoothing);
  const classes = logits.shape.at(-1)!;
  if (weight) checkWeight(op, weight, classes);
  if (ignoreIndex !== undefined)
    throw new OptionError({
      op,
      expected: "no ignoreIndex beside a target of probabilities",
      got: described(ignoreIndex),
    });
  const logProbs = logSoftmax(logits);
  // A class masked by -Infinity counts for nothing where its probability is 0: not 0 · Infinity.
  let scores = where(less(logProbs, LOWEST), LOWEST, logProbs);
  if (weight) scores = mul(scores, weight);
  if (labelSmoothing > 0) target = add(mul(target, 1 - labelSmoothing), labelSmoothing / classes);
  return reduced(neg(sum(mul(scores, target), -1)), reduction);
}

/** Nearly the lowest float. */
const LOWEST = -3.4e38;

function checkSmoothing(labelSmoothing: number): void {
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new OptionError({
      op: "crossEntropy",
      expected: "labelSmoothing from 0 to 1",
      got: described(labelSmoothing),
    });
}

/**
 * Negative log likelihood of the target classes under softmax(logits), computed from the logits in one
 * go. PyTorch's `cross_entropy`, classes on the last axis.
 *
 * If every target is ignored, the mean is NaN (0 / 0), as in PyTorch. For sequences of different lengths give the
 * places past a length the target `ignoreIndex`: `padSequences(targets, { padding: -100 })` of hiddenstate/data does.
 *
 * @param logits `[..., classes]`
 * @param target int32 classes of the leading shape; or float32 probabilities of the logits' shape, such as
 *   another model's: then the loss is that of the whole distribution, the mean is over the rows, and a class
 *   of probability 0 may have a logit of -Infinity, and a row of zeros counts for nothing but the mean's divisor
 * @returns a scalar, or for reduction "none" the leading shape (0 where ignored)
 * @throws IndexError for a target that is neither a class nor `ignoreIndex`, with its value and place;
 *   ShapeError, DTypeError or OptionError for what does not fit
 * @example
 * ```ts
 * const logits = tensor([[2, 0, 0], [0, 0, 3]]);
 * const target = tensor([0, 2], { dtype: "int32" });
 * crossEntropy(logits, target).item() < 0.3; // true
 * ```
 */
export function crossEntropy(
  logits: Tensor,
  target: Tensor<"int32"> | Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  checkCall(
    "crossEntropy",
    arguments,
    "logits:tensor target:tensor {weight:tensor ignoreIndex:number reduction:string labelSmoothing:number}",
  );
  return isProbabilities(target, logits)
    ? ofProbabilities(logits, target, options)
    : ofClasses(logits, target, options);
}

function isProbabilities(target: Tensor<DType>, { shape }: Tensor): target is Tensor {
  return target.dtype === "float32" && shape.length > 0 && sameShape(target.shape, shape);
}

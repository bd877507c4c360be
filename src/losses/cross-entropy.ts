import { records } from "../autograd/mode.js";
import { defineOp } from "../autograd/op.js";
import { OptionError } from "../core/errors.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { badClass, checkClassLoss, type ClassLossOptions, type Rows } from "./class-target.js";
import { reduceLosses, type LossGradient } from "./reduction.js";

export interface CrossEntropyOptions extends ClassLossOptions {
  /** How much of the target's probability is spread evenly over all classes, 0 to 1. Default 0. */
  labelSmoothing?: number;
}

interface Saved extends Rows {
  readonly logProbs: Tensor;
  readonly target: Tensor<"int32">;
  readonly weight: Tensor | undefined;
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;
  readonly gradient: LossGradient;
}

/**
 * Negative log likelihood of the target classes under softmax(logits), computed from the logits in one
 * go. PyTorch's `cross_entropy`, classes on the last axis.
 *
 * If every target is ignored, the mean is NaN (0 / 0), as in PyTorch.
 *
 * @param logits `[..., classes]`
 * @param target int32 classes of the leading shape
 * @returns a scalar, or for reduction "none" the leading shape (0 where ignored)
 * @throws IndexError for a target that is neither a class nor `ignoreIndex`, with its value and place;
 *   ShapeError, DTypeError or OptionError for what does not fit
 */
export const crossEntropy = /* @__PURE__ */ defineOp({
  name: "crossEntropy",
  forward(logits: Tensor, target: Tensor<"int32">, options: CrossEntropyOptions = {}) {
    const { weight, ignoreIndex = -100, reduction = "mean", labelSmoothing = 0 } = options;
    const { rows, classes } = checkClassLoss("crossEntropy", logits, target, options);
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
      throw new OptionError({
        op: "crossEntropy",
        expected: "labelSmoothing from 0 to 1",
        got: String(labelSmoothing),
      });
    const from = logits.address("crossEntropy");
    const targets = target.address("crossEntropy");
    const weights = weight?.address("crossEntropy") ?? 0;
    const logProbs = empty(logits.shape);
    const { loss, gradient } = reduceLosses(reduction, target.shape, rows, (losses) => {
      const bad = kernels().crossEntropyForward(
        losses,
        logProbs.storage.ptr,
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
    if (!records(logits)) logProbs.dispose();
    const saved = {
      logProbs,
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
    const { logProbs, target, weight, ignoreIndex, labelSmoothing, gradient, rows, classes } =
      saved;
    pass.writeOver(0, logProbs, (dLogits) =>
      kernels().crossEntropyBackward(
        dLogits,
        pass.grad(),
        logProbs.address("crossEntropy"),
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
}) as (logits: Tensor, target: Tensor<"int32">, options?: CrossEntropyOptions) => Tensor;

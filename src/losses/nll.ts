import { defineOp } from "../autograd/op.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { badClass, checkClassLoss, type ClassLossOptions, type Rows } from "./class-target.js";
import { reduceLosses, type LossGradient } from "./reduction.js";

interface Saved extends Rows {
  readonly target: Tensor<"int32">;
  readonly weight: Tensor | undefined;
  readonly ignoreIndex: number;
  readonly gradient: LossGradient;
}

/**
 * Negative log likelihood of the target classes under given log-probabilities, as logSoftmax gives
 * them. PyTorch's `nll_loss`, classes on the last axis. For logits, crossEntropy is faster.
 *
 * If every target is ignored, the mean is NaN (0 / 0), as in PyTorch.
 *
 * @param logProbs `[..., classes]`
 * @param target int32 classes of the leading shape
 * @returns a scalar, or for reduction "none" the leading shape (0 where ignored)
 * @throws IndexError for a target that is neither a class nor `ignoreIndex`, with its value and place;
 *   ShapeError, DTypeError or OptionError for what does not fit
 * @example
 * ```ts
 * const logProbs = logSoftmax(tensor([[0, 0]]));
 * nllLoss(logProbs, tensor([1], { dtype: "int32" })).item().toFixed(4); // "0.6931"
 * ```
 */
export const nllLoss: (
  logProbs: Tensor,
  target: Tensor<"int32">,
  options?: ClassLossOptions,
) => Tensor = /* @__PURE__ */ defineOp({
  name: "nllLoss",
  signature: "logProbs:tensor target:tensor {weight:tensor ignoreIndex:number reduction:string}",
  forward(logProbs: Tensor, target: Tensor<"int32">, options: ClassLossOptions = {}) {
    const { weight, ignoreIndex = -100, reduction = "mean" } = options;
    const { rows, classes } = checkClassLoss("nllLoss", logProbs, target, options);
    const from = logProbs.address("nllLoss");
    const targets = target.address("nllLoss");
    const weights = weight?.address("nllLoss") ?? 0;
    const { loss, gradient } = reduceLosses(reduction, target.shape, rows, (losses) => {
      const bad = trainingKernels().nllForward(
        losses,
        from,
        targets,
        weights,
        rows,
        classes,
        ignoreIndex,
      );
      if (bad >= 0) throw badClass("nllLoss", target, bad, classes, ignoreIndex);
      return kernels().targetWeightSum(targets, weights, rows, ignoreIndex);
    });
    const saved = { target, weight, ignoreIndex, gradient, rows, classes };
    return { inputs: [logProbs, target], output: loss, saved };
  },
  backward(pass, { target, weight, ignoreIndex, gradient, rows, classes }: Saved) {
    pass.write(0, (dLogProbs) =>
      trainingKernels().nllBackward(
        dLogProbs,
        pass.grad(),
        target.address("nllLoss"),
        weight?.address("nllLoss") ?? 0,
        rows,
        classes,
        ignoreIndex,
        gradient.stride,
        gradient.factor,
      ),
    );
  },
});

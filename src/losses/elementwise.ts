// Losses of each element by itself: squared, absolute, binary.
import type { BackwardPass } from "../autograd/backward-pass.js";
import { defineOp } from "../autograd/op.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, sameShape } from "../core/shape.js";
import { requireFloat } from "../ops/check.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { checkReduction, reduceLosses, type LossGradient, type Reduction } from "./reduction.js";

export interface LossOptions {
  /** Default `"mean"`. */
  reduction?: Reduction;
}

/** input and target of one shape → a scalar, or for reduction "none" that shape. */
export type ElementwiseLoss = (input: Tensor, target: Tensor, options?: LossOptions) => Tensor;

interface Saved {
  readonly input: Tensor;
  readonly target: Tensor;
  readonly gradient: LossGradient;
}

interface Definition {
  readonly name: string;
  readonly kernel: "mse" | "l1" | "binaryCrossEntropy";
  /** Writes the target's gradient. */
  readonly targetGradient: (to: number, dLoss: number, saved: Saved) => void;
}

/** @internal Refuses what is no pair of float32 tensors of one shape. */
export function requireSameShape(op: string, input: Tensor, target: Tensor): void {
  requireFloat(op, input, target);
  if (!sameShape(input.shape, target.shape))
    throw new ShapeError({
      op,
      expected: `a target of shape ${formatShape(input.shape)}, as the input`,
      got: formatShape(target.shape),
      cure: "Losses do not broadcast: reshape() or expand() one of them.",
    });
}

/** @internal */
export function elementwiseLoss({ name, kernel, targetGradient }: Definition): ElementwiseLoss {
  const forward = `${kernel}Forward` as const;
  const backward = `${kernel}Backward` as const;
  return defineOp({
    name,
    forward(input: Tensor, target: Tensor, { reduction = "mean" }: LossOptions = {}) {
      requireSameShape(name, input, target);
      checkReduction(name, reduction);
      const { shape, size } = input;
      const x = input.address(name);
      const y = target.address(name);
      const { loss, gradient } = reduceLosses(reduction, shape, size, (losses) => {
        kernels()[forward](losses, x, y, size);
        return size;
      });
      return { inputs: [input, target], output: loss, saved: { input, target, gradient } };
    },
    backward(pass: BackwardPass, saved: Saved) {
      const { input, target, gradient } = saved;
      pass.write(0, (dInput) =>
        kernels()[backward](
          dInput,
          pass.grad(),
          input.address(name),
          target.address(name),
          input.size,
          gradient.stride,
          gradient.factor,
        ),
      );
      pass.write(1, (dTarget) => targetGradient(dTarget, pass.grad(), saved));
    },
  }) as ElementwiseLoss;
}

/**
 * Squared difference, (input - target)².
 *
 * @throws ShapeError for different shapes; DTypeError for int32; OptionError for an unknown reduction
 */
export const mseLoss = /* @__PURE__ */ elementwiseLoss({
  name: "mseLoss",
  kernel: "mse",
  targetGradient: (to, dLoss, { input, target, gradient: { stride, factor } }) =>
    kernels().mseBackward(
      to,
      dLoss,
      target.address("mseLoss"),
      input.address("mseLoss"),
      input.size,
      stride,
      factor,
    ),
});

/**
 * Absolute difference, |input - target|; where they are equal the gradient is 0.
 *
 * @throws ShapeError for different shapes; DTypeError for int32; OptionError for an unknown reduction
 */
export const l1Loss = /* @__PURE__ */ elementwiseLoss({
  name: "l1Loss",
  kernel: "l1",
  targetGradient: (to, dLoss, { input, target, gradient: { stride, factor } }) =>
    kernels().l1Backward(
      to,
      dLoss,
      target.address("l1Loss"),
      input.address("l1Loss"),
      input.size,
      stride,
      factor,
    ),
});

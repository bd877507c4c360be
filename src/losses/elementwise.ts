// Losses of each element by itself: of a difference, binary.
import type { BackwardPass } from "../autograd/backward-pass.js";
import { defineOp } from "../autograd/op.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, sameShape } from "../core/shape.js";
import { requireFloat } from "../ops/check.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Ptr } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { checkReduction, reduceLosses, type LossGradient, type Reduction } from "./reduction.js";

export interface LossOptions {
  /** Default `"mean"`. */
  reduction?: Reduction | undefined;
}

/** input and target of one shape → a scalar, or for reduction "none" that shape. */
export type ElementwiseLoss = (input: Tensor, target: Tensor, options?: LossOptions) => Tensor;

interface Saved<Options> {
  readonly input: Tensor;
  readonly target: Tensor;
  readonly options: Options;
  readonly gradient: LossGradient;
}

type Backward<Options> = (
  to: Ptr,
  dLoss: Ptr,
  x: Ptr,
  y: Ptr,
  size: number,
  gradient: LossGradient,
  options: Options,
) => void;

interface Definition<Options> {
  readonly name: string;
  /** What options there are beside the reduction, for `checkCall`. */
  readonly options?: string | undefined;
  /** Refuses options that make no sense. */
  readonly check?: ((options: Options) => void) | undefined;
  /** Writes the losses. */
  readonly forward: (losses: Ptr, x: Ptr, y: Ptr, size: number, options: Options) => void;
  /** Writes the input's gradient. */
  readonly backward: Backward<Options>;
  /** Writes the target's. Default: that of the input with the two exchanged, for losses of a difference. */
  readonly targetGradient?: Backward<Options> | undefined;
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
export function elementwiseLoss<Options extends LossOptions>({
  name,
  options: known = "",
  check,
  forward,
  backward,
  targetGradient = (to, dLoss, x, y, ...rest) => backward(to, dLoss, y, x, ...rest),
}: Definition<Options>): (input: Tensor, target: Tensor, options?: Options) => Tensor {
  return defineOp({
    name,
    signature: `input:tensor target:tensor {reduction:string ${known}}`,
    forward(input: Tensor, target: Tensor, options = {} as Options) {
      requireSameShape(name, input, target);
      const { reduction = "mean" } = options;
      checkReduction(name, reduction);
      check?.(options);
      const { shape, size } = input;
      const x = input.address(name);
      const y = target.address(name);
      const { loss, gradient } = reduceLosses(reduction, shape, size, (losses) => {
        forward(losses, x, y, size, options);
        return size;
      });
      return { inputs: [input, target], output: loss, saved: { input, target, options, gradient } };
    },
    backward(pass: BackwardPass, { input, target, options, gradient }: Saved<Options>) {
      const write = (which: 0 | 1, slope: Backward<Options>): void =>
        pass.write(which, (to) => {
          const x = input.address(name);
          slope(to, pass.grad(), x, target.address(name), input.size, gradient, options);
        });
      write(0, backward);
      write(1, targetGradient);
    },
  });
}

/**
 * Squared difference, (input - target)².
 *
 * @throws ShapeError for different shapes; DTypeError for int32; OptionError for an unknown reduction
 * @example
 * ```ts
 * mseLoss(tensor([1, 2]), tensor([1, 4])).item(); // 2
 * ```
 */
export const mseLoss: ElementwiseLoss = /* @__PURE__ */ elementwiseLoss({
  name: "mseLoss",
  forward: (losses, x, y, size) => trainingKernels().mseForward(losses, x, y, size),
  backward: (to, dLoss, x, y, size, { stride, factor }) =>
    trainingKernels().mseBackward(to, dLoss, x, y, size, stride, factor),
});

/**
 * Absolute difference, |input - target|; where they are equal the gradient is 0.
 *
 * @throws ShapeError for different shapes; DTypeError for int32; OptionError for an unknown reduction
 * @example
 * ```ts
 * l1Loss(tensor([1, 2]), tensor([1, 4])).item(); // 1
 * ```
 */
export const l1Loss: ElementwiseLoss = /* @__PURE__ */ elementwiseLoss({
  name: "l1Loss",
  forward: (losses, x, y, size) => trainingKernels().l1Forward(losses, x, y, size),
  backward: (to, dLoss, x, y, size, { stride, factor }) =>
    trainingKernels().l1Backward(to, dLoss, x, y, size, stride, factor),
});

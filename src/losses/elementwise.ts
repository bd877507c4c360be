// Losses of each element by itself: of a difference, binary.
import type { BackwardPass } from "../autograd/backward-pass.js";
import { defineOp } from "../autograd/op.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape, sameShape } from "../core/shape.js";
import { requireFloat } from "../ops/check.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import type { Ptr } from "../wasm/ptr.js";
import { checkReduction, reduceLosses, type LossGradient, type Reduction } from "./reduction.js";

export interface LossOptions {
  /** Default `"mean"`. */
  reduction?: Reduction;
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
  /** Refuses options that make no sense. */
  readonly check?: (options: Options) => void;
  /** Writes the losses. */
  readonly forward: (losses: Ptr, x: Ptr, y: Ptr, size: number, options: Options) => void;
  /** Writes the input's gradient. */
  readonly backward: Backward<Options>;
  /** Writes the target's. Default: that of the input with the two exchanged, for losses of a difference. */
  readonly targetGradient?: Backward<Options>;
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
  check,
  forward,
  backward,
  targetGradient = (to, dLoss, x, y, ...rest) => backward(to, dLoss, y, x, ...rest),
}: Definition<Options>): (input: Tensor, target: Tensor, options?: Options) => Tensor {
  return defineOp({
    name,
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
 */
export const mseLoss: ElementwiseLoss = /* @__PURE__ */ elementwiseLoss({
  name: "mseLoss",
  forward: (losses, x, y, size) => kernels().mseForward(losses, x, y, size),
  backward: (to, dLoss, x, y, size, { stride, factor }) =>
    kernels().mseBackward(to, dLoss, x, y, size, stride, factor),
});

/**
 * Absolute difference, |input - target|; where they are equal the gradient is 0.
 *
 * @throws ShapeError for different shapes; DTypeError for int32; OptionError for an unknown reduction
 */
export const l1Loss: ElementwiseLoss = /* @__PURE__ */ elementwiseLoss({
  name: "l1Loss",
  forward: (losses, x, y, size) => kernels().l1Forward(losses, x, y, size),
  backward: (to, dLoss, x, y, size, { stride, factor }) =>
    kernels().l1Backward(to, dLoss, x, y, size, stride, factor),
});

export interface HuberLossOptions extends LossOptions {
  /** Where the loss goes on along a straight line, above 0. Default 1. */
  delta?: number;
}

/**
 * d² / 2 for a difference d = input - target of at most delta, delta · (|d| - delta / 2) beyond (Huber 1964):
 * outliers weigh less than in {@link mseLoss}.
 *
 * @throws ShapeError for different shapes; DTypeError for int32; OptionError for an unknown reduction or a
 *   delta that is not above 0
 */
export const huberLoss = /* @__PURE__ */ elementwiseLoss<HuberLossOptions>({
  name: "huberLoss",
  check({ delta = 1 }) {
    if (!(delta > 0 && delta < Infinity)) throw refusedWidth("huberLoss", "delta above 0", delta);
  },
  forward: (losses, x, y, size, { delta = 1 }) => kernels().huberForward(losses, x, y, size, delta),
  backward: (to, dLoss, x, y, size, { stride, factor }, { delta = 1 }) =>
    kernels().huberBackward(to, dLoss, x, y, size, stride, factor, delta),
});

export interface SmoothL1LossOptions extends LossOptions {
  /** Where the loss goes on along a straight line of slope 1; 0 for {@link l1Loss}, its gradient included. Default 1. */
  beta?: number;
}

/**
 * d² / (2 · beta) for a difference d = input - target of at most beta, |d| - beta / 2 beyond: {@link huberLoss}
 * divided by its delta.
 *
 * @throws ShapeError for different shapes; DTypeError for int32; OptionError for an unknown reduction or a
 *   negative beta
 */
export const smoothL1Loss = /* @__PURE__ */ elementwiseLoss<SmoothL1LossOptions>({
  name: "smoothL1Loss",
  check({ beta = 1 }) {
    if (!(beta >= 0 && beta < Infinity))
      throw refusedWidth("smoothL1Loss", "beta of at least 0", beta);
  },
  forward(losses, x, y, size, { beta = 1 }) {
    if (beta === 0) return kernels().l1Forward(losses, x, y, size);
    kernels().huberForward(losses, x, y, size, beta);
    kernels().scale(losses, losses, size, 1 / beta);
  },
  backward(to, dLoss, x, y, size, { stride, factor }, { beta = 1 }) {
    if (beta === 0) kernels().l1Backward(to, dLoss, x, y, size, stride, factor);
    else kernels().huberBackward(to, dLoss, x, y, size, stride, factor / beta, beta);
  },
});

function refusedWidth(op: string, expected: string, got: number): OptionError {
  return new OptionError({ op, expected, got: String(got) });
}

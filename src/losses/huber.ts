// Losses of a difference that go on along a straight line beyond some width.
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { kernels } from "../wasm/backend.js";
import { extraKernels } from "../wasm/extra.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { elementwiseLoss, type LossOptions } from "./elementwise.js";

export interface HuberLossOptions extends LossOptions {
  /** Where the loss goes on along a straight line, above 0. Default 1. */
  delta?: number | undefined;
}

/**
 * d² / 2 for a difference d = input - target of at most delta, delta · (|d| - delta / 2) beyond (Huber 1964):
 * outliers weigh less than in {@link mseLoss}.
 *
 * @throws ShapeError for different shapes; DTypeError for int32; OptionError for an unknown reduction or a
 *   delta that is not above 0
 * @example
 * ```ts
 * huberLoss(tensor([0, 0]), tensor([1, 3]), { delta: 1 }).item(); // 1.5
 * ```
 */
export const huberLoss = /* @__PURE__ */ elementwiseLoss<HuberLossOptions>({
  name: "huberLoss",
  options: "delta:number",
  check({ delta = 1 }) {
    if (!(delta > 0 && delta < Infinity)) throw refusedWidth("huberLoss", "delta above 0", delta);
  },
  forward: (losses, x, y, size, { delta = 1 }) =>
    extraKernels().huberForward(losses, x, y, size, delta),
  backward: (to, dLoss, x, y, size, { stride, factor }, { delta = 1 }) =>
    extraKernels().huberBackward(to, dLoss, x, y, size, stride, factor, delta),
});

export interface SmoothL1LossOptions extends LossOptions {
  /** Where the loss goes on along a straight line of slope 1; 0 for {@link l1Loss}, its gradient included. Default 1. */
  beta?: number | undefined;
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
  options: "beta:number",
  check({ beta = 1 }) {
    if (!(beta >= 0 && beta < Infinity))
      throw refusedWidth("smoothL1Loss", "beta of at least 0", beta);
  },
  forward(losses, x, y, size, { beta = 1 }) {
    if (beta === 0) return trainingKernels().l1Forward(losses, x, y, size);
    extraKernels().huberForward(losses, x, y, size, beta);
    kernels().scale(losses, losses, size, 1 / beta);
  },
  backward(to, dLoss, x, y, size, { stride, factor }, { beta = 1 }) {
    if (beta === 0) trainingKernels().l1Backward(to, dLoss, x, y, size, stride, factor);
    else extraKernels().huberBackward(to, dLoss, x, y, size, stride, factor / beta, beta);
  },
});

function refusedWidth(op: string, expected: string, got: number): OptionError {
  return new OptionError({ op, expected, got: described(got) });
}

import type { BackwardPass } from "../../autograd/backward-pass.js";
import { kernels } from "../../wasm/backend.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { withScratch } from "../../wasm/scratch.js";
import { trainingKernels } from "../../wasm/training-kernels.js";
import { packedWeight } from "../packed-weights.js";
import { gradientPacking, productPacking } from "../products.js";
import { giveBiasGradients } from "../weight-gradients.js";
import type { Direction } from "./direction.js";
import { hiddenWeightGradient } from "./gradients.js";
import { defineCell } from "./layer.js";

/**
 * PyTorch's form, the reset gate after the recurrent product, which has a bias of its own:
 * r, z = σ(W_i· x + b_i· + W_h· h + b_h·); n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn)); h' = (1 - z) ⊙ n + z ⊙ h.
 * Gates in the order r, z, n; `extra` is the candidate's part of the product, W_hn h + b_hn.
 */
export const gru = /* @__PURE__ */ defineCell({
  op: "gru",
  gates: 3,
  parts: ["h"],
  keepsExtra: true,
  biasesApart: true,
  forward(direction, out) {
    const { hs, gates, extra, lengths, mask, masked, rowStride, timeStride } = direction;
    const { weights, T, B, H, reverse } = direction;
    const wh = packedWeight(weights.hiddenWeight, productPacking(B), "gru");
    const bias = weights.hiddenBias?.address("gru") ?? 0;
    withScratch(bytesOf(B * 3 * H), (space) =>
      // prettier-ignore
      kernels().gruForward(
        out, hs, gates, extra, wh, bias, lengths, mask, masked, space, rowStride, timeStride, T, B, H, reverse,
      ),
    );
  },
  backward(pass, direction, first, dh, dc, dOut) {
    gruThroughTime(direction, dh, dc, dOut);
    gruHiddenGradients(pass, direction, first);
  },
  stepScratch: 6,
  pack: ({ inputWeight, hiddenWeight, inputBias, hiddenBias }, packer) => ({
    wx: packer.matrix(inputWeight),
    wh: packer.matrix(hiddenWeight),
    bias: packer.sum(inputBias),
    extra: packer.sum(hiddenBias),
  }),
  step(state, gates, x, { wx, wh, bias, extra, inputSize }, { batch, hiddenSize: hidden }) {
    const space = at(gates, 3 * batch * hidden);
    kernels().gruStep(state[0]!, gates, space, x, wx, wh, bias, extra, batch, inputSize, hidden);
  },
});

/** The recurrence of the gradient, without those of weights. */
export function gruThroughTime(direction: Direction, dh: Ptr, _dc: Ptr, dOut: Ptr): void {
  const { hs, gates, extra, lengths, mask, rowStride, timeStride } = direction;
  const { weights, T, B, H, reverse } = direction;
  const wh = packedWeight(weights.hiddenWeight, gradientPacking(B), "gru");
  withScratch(bytesOf(B * H), (space) =>
    // prettier-ignore
    trainingKernels().gruBackward(
      dh, gates, extra, hs, dOut, wh, lengths, mask, space, rowStride, timeStride, T, B, H, reverse,
    ),
  );
}

/** Gives W_hh and b_hh their gradients; then `gates` become those on the input's side. */
export function gruHiddenGradients(pass: BackwardPass, direction: Direction, first: number): void {
  const { gates, extra, T, B, H, weights } = direction;
  hiddenWeightGradient(pass, first + 1, direction, 3);
  const rows = T * B;
  if (weights.hiddenBias) giveBiasGradients(pass, [first + 3], gates, rows, 3 * H);
  // On the input's side the candidate's gradient is without the reset gate.
  kernels().copyRows(at(gates, 2 * H), extra, rows, H, 3 * H, H);
}

import { kernels } from "../../wasm/backend.js";
import type { Ptr } from "../../wasm/ptr.js";
import { trainingKernels } from "../../wasm/training-kernels.js";
import { packedWeight } from "../packed-weights.js";
import { gradientPacking, productPacking } from "../products.js";
import type { Direction } from "./direction.js";
import { hiddenWeightGradient } from "./gradients.js";
import { defineCell, type Cell } from "./layer.js";
import { packSummed } from "./step.js";

/** h' = tanh or ReLU of W_ih x + b_ih + W_hh h + b_hh. */
const elman = (relu: 0 | 1): Cell<"h"> =>
  /* @__PURE__ */ defineCell({
    op: "rnn",
    gates: 1,
    parts: ["h"],
    keepsExtra: false,
    biasesApart: false,
    forward(direction, out) {
      const { hs, gates, lengths, mask, masked, rowStride, timeStride } = direction;
      const { weights, T, B, H, reverse } = direction;
      const wh = packedWeight(weights.hiddenWeight, productPacking(B), "rnn");
      // prettier-ignore
      kernels().rnnForward(
      out, hs, gates, wh, lengths, mask, masked, rowStride, timeStride, T, B, H, reverse, relu,
    );
    },
    backward(pass, direction, first, dh, _dc, dOut) {
      throughTime(relu, direction, dh, dOut);
      hiddenWeightGradient(pass, first + 1, direction, 1);
    },
    stepScratch: 1,
    pack: packSummed,
    step(state, gates, x, { wx, wh, bias, inputSize }, { batch, hiddenSize }) {
      kernels().rnnStep(state[0]!, gates, x, wx, wh, bias, batch, inputSize, hiddenSize, relu);
    },
  });

/** Elman's cell with tanh. */
export const rnn = /* @__PURE__ */ elman(0);

/** Elman's cell with ReLU. */
export const rnnRelu = /* @__PURE__ */ elman(1);

function throughTime(relu: 0 | 1, direction: Direction, dh: Ptr, dOut: Ptr): void {
  const { hs, gates, lengths, mask, rowStride, timeStride } = direction;
  const { weights, T, B, H, reverse } = direction;
  const wh = packedWeight(weights.hiddenWeight, gradientPacking(B), "rnn");
  // prettier-ignore
  trainingKernels().rnnBackward(
    dh, gates, hs, dOut, wh, lengths, mask, rowStride, timeStride, T, B, H, reverse, relu,
  );
}

/** The recurrence of the gradient of tanh's cell, without those of weights. */
export function rnnThroughTime(direction: Direction, dh: Ptr, _dc: Ptr, dOut: Ptr): void {
  throughTime(0, direction, dh, dOut);
}

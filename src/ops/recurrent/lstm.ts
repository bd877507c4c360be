import { kernels } from "../../wasm/backend.js";
import type { Ptr } from "../../wasm/ptr.js";
import { trainingKernels } from "../../wasm/training-kernels.js";
import { packedWeight } from "../packed-weights.js";
import { gradientPacking, productPacking } from "../products.js";
import type { Direction } from "./direction.js";
import { hiddenWeightGradient } from "./gradients.js";
import { defineCell } from "./layer.js";
import { packSummed } from "./step.js";

/**
 * i, f, o = σ(W_i· x + b_i· + W_h· h + b_h·); g = tanh(…); c' = f ⊙ c + i ⊙ g; h' = o ⊙ tanh(c'). Gates in the order
 * i, f, g, o.
 */
export const lstm = /* @__PURE__ */ defineCell({
  op: "lstm",
  gates: 4,
  parts: ["h", "c"],
  keepsExtra: false,
  biasesApart: false,
  forward(direction, out) {
    const { hs, cs, gates, lengths, mask, masked, rowStride, timeStride } = direction;
    const { weights, T, B, H, reverse } = direction;
    const wh = packedWeight(weights.hiddenWeight, productPacking(B), "lstm");
    // prettier-ignore
    kernels().lstmForward(
      out, hs, cs, gates, wh, lengths, mask, masked, rowStride, timeStride, T, B, H, reverse,
    );
  },
  backward(pass, direction, first, dh, dc, dOut) {
    lstmThroughTime(direction, dh, dc, dOut);
    hiddenWeightGradient(pass, first + 1, direction, 4);
  },
  stepScratch: 4,
  pack: packSummed,
  step(state, gates, x, { wx, wh, bias, inputSize }, { batch, hiddenSize }) {
    const [h, c] = [state[0]!, state[1]!];
    kernels().lstmStep(h, c, gates, x, wx, wh, bias, batch, inputSize, hiddenSize);
  },
});

/** The recurrence of the gradient, without those of weights. */
export function lstmThroughTime(direction: Direction, dh: Ptr, dc: Ptr, dOut: Ptr): void {
  const { cs, gates, lengths, mask, rowStride, timeStride } = direction;
  const { weights, T, B, H, reverse } = direction;
  const wh = packedWeight(weights.hiddenWeight, gradientPacking(B), "lstm");
  // prettier-ignore
  trainingKernels().lstmBackward(
    dh, dc, gates, cs, dOut, wh, lengths, mask, rowStride, timeStride, T, B, H, reverse,
  );
}

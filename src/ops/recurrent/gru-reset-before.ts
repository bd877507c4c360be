import { kernels } from "../../wasm/backend.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { withScratch } from "../../wasm/scratch.js";
import { trainingKernels } from "../../wasm/training-kernels.js";
import { packedWeight } from "../packed-weights.js";
import { gradientPacking, productPacking, type Packing } from "../products.js";
import { giveWeightGradient } from "../weight-gradients.js";
import { statesBefore } from "./gradients.js";
import { defineCell } from "./layer.js";
import type { LayerWeights } from "./weights.js";

/**
 * The textbooks' form (Cho et al. 2014), the reset gate before the recurrent product: as {@link gru}, but
 * n = tanh(W_in x + b_in + W_hn (r ⊙ h) + b_hn). `extra` is what the candidate's product reads, r ⊙ h.
 */
export const gruResetBefore = /* @__PURE__ */ defineCell({
  op: "gru",
  gates: 3,
  parts: ["h"],
  keepsExtra: true,
  biasesApart: false,
  forward(direction, out) {
    const { hs, gates, extra, lengths, mask, masked, rowStride, timeStride } = direction;
    const { weights, T, B, H, reverse } = direction;
    const [whGates, whCandidate] = halves(weights, productPacking(B), H);
    // prettier-ignore
    kernels().gruResetBeforeForward(
      out, hs, gates, extra, whGates, whCandidate, lengths, mask, masked, rowStride, timeStride, T, B, H, reverse,
    );
  },
  backward(pass, direction, first, dh, _dc, dOut) {
    const { hs, gates, extra, lengths, mask, masked, rowStride, timeStride } = direction;
    const { weights, T, B, H, reverse } = direction;
    const [whGates, whCandidate] = halves(weights, gradientPacking(B), H);
    withScratch(bytesOf(B * H), (space) =>
      // prettier-ignore
      trainingKernels().gruResetBeforeBackward(
        dh, gates, hs, dOut, whGates, whCandidate, lengths, mask, masked, space, rowStride, timeStride, T, B, H,
        reverse,
      ),
    );
    const sizes = { rows: T * B, inputs: H, stride: 3 * H };
    giveWeightGradient(
      pass,
      first + 1,
      { dy: gates, x: statesBefore(direction), outputs: 2 * H, ...sizes },
      { dy: at(gates, 2 * H), x: extra, outputs: H, ...sizes },
    );
  },
  stepScratch: 4,
  pack({ inputWeight, hiddenWeight, inputBias, hiddenBias }, packer) {
    const hidden = hiddenWeight.shape[1]!;
    return {
      wx: packer.matrix(inputWeight),
      wh: packer.matrix(hiddenWeight, 0, 2 * hidden),
      bias: packer.sum(inputBias, hiddenBias),
      extra: packer.matrix(hiddenWeight, 2 * hidden, hidden),
    };
  },
  step(state, gates, x, { wx, wh, bias, extra, inputSize }, { batch, hiddenSize: hidden }) {
    const [h, reset] = [state[0]!, at(gates, 3 * batch * hidden)];
    kernels().gruResetBeforeStep(h, gates, reset, x, wx, wh, extra, bias, batch, inputSize, hidden);
  },
});

/** W_hh packed in two: the rows of r and z, and those of n. */
function halves({ hiddenWeight }: LayerWeights, packing: Packing, H: number): [Ptr, Ptr] {
  return [
    packedWeight(hiddenWeight, packing, "gru", [0, 2 * H]),
    packedWeight(hiddenWeight, packing, "gru", [2 * H, H]),
  ];
}

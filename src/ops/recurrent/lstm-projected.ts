import { kernels } from "../../wasm/backend.js";
import { at, bytesOf } from "../../wasm/ptr.js";
import { withBlock, withScratch } from "../../wasm/scratch.js";
import { trainingKernels } from "../../wasm/training-kernels.js";
import { packedWeight } from "../packed-weights.js";
import { gradientPacking, productPacking } from "../products.js";
import { giveWeightGradient } from "../weight-gradients.js";
import { hiddenWeightGradient } from "./gradients.js";
import { defineCell } from "./layer.js";
import { packSummed } from "./step.js";

/** An LSTM whose h is projected (Sak et al. 2014): h' = W_hr · (o ⊙ tanh(c')). `extra` keeps o ⊙ tanh(c'). */
export const lstmProjected = /* @__PURE__ */ defineCell({
  op: "lstm",
  gates: 4,
  parts: ["h", "c"],
  keepsExtra: true,
  biasesApart: false,
  forward(direction, out) {
    const { hs, cs, gates, extra, lengths, mask, masked, rowStride, timeStride } = direction;
    const { weights, T, B, H, P, reverse } = direction;
    const wh = packedWeight(weights.hiddenWeight, productPacking(B), "lstm");
    const wr = packedWeight(weights.projection!, productPacking(B), "lstm");
    // prettier-ignore
    kernels().lstmProjectedForward(
      out, hs, cs, extra, gates, wh, wr, lengths, mask, masked, rowStride, timeStride, T, B, H, P, reverse,
    );
  },
  backward(pass, direction, first, dh, dc, dOut) {
    const { cs, gates, extra, lengths, mask, rowStride, timeStride } = direction;
    const { weights, T, B, H, P, reverse } = direction;
    const wh = packedWeight(weights.hiddenWeight, gradientPacking(B), "lstm");
    const wr = packedWeight(weights.projection!, gradientPacking(B), "lstm");
    withBlock(bytesOf(T * B * P), (dhs) => {
      withScratch(bytesOf(B * H), (space) =>
        // prettier-ignore
        trainingKernels().lstmProjectedBackward(
        dh, dc, dhs, gates, cs, dOut, wh, wr, lengths, mask, space, rowStride, timeStride, T, B, H, P, reverse,
      ),
      );
      hiddenWeightGradient(pass, first + 1, direction, 4);
      const projection = first + (weights.inputBias ? 4 : 2);
      const sizes = { rows: T * B, outputs: P, inputs: H };
      giveWeightGradient(pass, projection, { dy: dhs, x: extra, ...sizes });
    });
  },
  stepScratch: 5,
  pack: (weights, packer) => ({
    ...packSummed(weights, packer),
    extra: packer.matrix(weights.projection!),
  }),
  step(state, gates, x, { wx, wh, bias, extra: wr, inputSize }, sizes) {
    const { batch, hiddenSize, outputSize } = sizes;
    const y = at(gates, 4 * batch * hiddenSize);
    const [h, c] = [state[0]!, state[1]!];
    // prettier-ignore
    kernels().lstmProjectedStep(
      h, c, y, gates, x, wx, wh, wr, bias, batch, inputSize, hiddenSize, outputSize,
    );
  },
});

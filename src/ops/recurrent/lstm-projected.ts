import { heap, kernels } from "../../wasm/backend.js";
import { scratch } from "../../wasm/memory.js";
import { bytesOf } from "../../wasm/ptr.js";
import { accumulateWeightGradient } from "../linear.js";
import { gradientPacking, packed, productPacking } from "../packed.js";
import { defineCell } from "./cell.js";
import { hiddenWeightGradient } from "./gradients.js";
import { recurrentLayer } from "./layer.js";

/** h = W_hr · (o ⊙ tanh(c)); `extra` keeps o ⊙ tanh(c). */
const LSTM_PROJECTED = /* @__PURE__ */ defineCell({
  op: "lstm",
  gates: 4,
  hasC: true,
  hasExtra: true,
  biasesApart: false,
  forward(run, out) {
    const { hs, cs, gates, extra, lengths, mask, masked, rowStride, timeStride } = run;
    const { weights, T, B, H, P, reverse } = run;
    const wh = packed(weights.hiddenWeight, productPacking(B), "lstm");
    const wr = packed(weights.projection!, productPacking(B), "lstm");
    // prettier-ignore
    kernels().lstmProjectedForward(
      out, hs, cs, extra, gates, wh, wr, lengths, mask, masked, rowStride, timeStride, T, B, H, P, reverse,
    );
  },
  backward(pass, run, first, dh, dc, dOut) {
    const { cs, gates, extra, lengths, mask, rowStride, timeStride } = run;
    const { weights, T, B, H, P, reverse } = run;
    const wh = packed(weights.hiddenWeight, gradientPacking(B), "lstm");
    const wr = packed(weights.projection!, gradientPacking(B), "lstm");
    const dhs = heap().allocate(bytesOf(T * B * P));
    const space = scratch(bytesOf(B * H));
    // prettier-ignore
    kernels().lstmProjectedBackward(
      dh, dc, dhs, gates, cs, dOut, wh, wr, lengths, mask, space, rowStride, timeStride, T, B, H, P, reverse,
    );
    hiddenWeightGradient(pass, first + 1, run, 4);
    const projection = first + (weights.inputBias ? 4 : 2);
    const sizes = { rows: T * B, outputs: P, inputs: H };
    accumulateWeightGradient(pass, projection, { dy: dhs, x: extra, ...sizes });
    heap().free(dhs);
  },
});

/** One LSTM layer whose h is projected (Sak et al. 2014). See {@link recurrentLayer}. */
export const lstmProjectedLayer = /* @__PURE__ */ recurrentLayer(LSTM_PROJECTED);

import { kernels } from "../../wasm/backend.js";
import { gradientPacking, packed, productPacking } from "../packed.js";
import { defineCell } from "./cell.js";
import { hiddenWeightGradient } from "./gradients.js";
import { recurrentLayer } from "./layer.js";

const LSTM = /* @__PURE__ */ defineCell({
  op: "lstm",
  gates: 4,
  hasC: true,
  hasExtra: false,
  biasesApart: false,
  forward(run, out) {
    const { hs, cs, gates, lengths, mask, masked, rowStride, timeStride, T, B, H, reverse } = run;
    const wh = packed(run.weights.hiddenWeight, productPacking(B), "lstm");
    // prettier-ignore
    kernels().lstmForward(
      out, hs, cs, gates, wh, lengths, mask, masked, rowStride, timeStride, T, B, H, reverse,
    );
  },
  backward(pass, run, first, dh, dc, dOut) {
    const { cs, gates, lengths, mask, rowStride, timeStride, T, B, H, reverse } = run;
    const wh = packed(run.weights.hiddenWeight, gradientPacking(B), "lstm");
    // prettier-ignore
    kernels().lstmBackward(
      dh, dc, gates, cs, dOut, wh, lengths, mask, rowStride, timeStride, T, B, H, reverse,
    );
    hiddenWeightGradient(pass, first + 1, run, 4);
  },
});

/** One LSTM layer, gates in the order i, f, g, o. See {@link recurrentLayer}. */
export const lstmLayer = /* @__PURE__ */ recurrentLayer(LSTM);

import { kernels } from "../../wasm/backend.js";
import { scratch } from "../../wasm/memory.js";
import { at, bytesOf } from "../../wasm/ptr.js";
import { gradientPacking, packed, productPacking } from "../packed.js";
import { defineCell } from "./cell.js";
import { biasGradients } from "../linear.js";
import { hiddenWeightGradient } from "./gradients.js";
import { recurrentLayer } from "./layer.js";

/** The reset gate after the recurrent product, which has a bias of its own; `extra` is the candidate's part of it. */
const GRU = /* @__PURE__ */ defineCell({
  op: "gru",
  gates: 3,
  hasC: false,
  hasExtra: true,
  biasesApart: true,
  forward(run, out) {
    const { hs, gates, extra, lengths, mask, masked, rowStride, timeStride } = run;
    const { weights, T, B, H, reverse } = run;
    const wh = packed(weights.hiddenWeight, productPacking(B), "gru");
    const bias = weights.hiddenBias?.address("gru") ?? 0;
    const space = scratch(bytesOf(B * 3 * H));
    // prettier-ignore
    kernels().gruForward(
      out, hs, gates, extra, wh, bias, lengths, mask, masked, space, rowStride, timeStride, T, B, H, reverse,
    );
  },
  backward(pass, run, first, dh, _dc, dOut) {
    const { hs, gates, extra, lengths, mask, rowStride, timeStride, T, B, H, reverse } = run;
    const k = kernels();
    const wh = packed(run.weights.hiddenWeight, gradientPacking(B), "gru");
    const space = scratch(bytesOf(B * H));
    // prettier-ignore
    k.gruBackward(
      dh, gates, extra, hs, dOut, wh, lengths, mask, space, rowStride, timeStride, T, B, H, reverse,
    );
    hiddenWeightGradient(pass, first + 1, run, 3);
    const rows = T * B;
    if (run.weights.hiddenBias) biasGradients(pass, [first + 3], gates, rows, 3 * H);
    // On the input's side the candidate's gradient is without the reset gate.
    k.copyRows(at(gates, 2 * H), extra, rows, H, 3 * H, H);
  },
});

/** One GRU layer, gates in the order r, z, n. See {@link recurrentLayer}. */
export const gruLayer = /* @__PURE__ */ recurrentLayer(GRU);

import { kernels } from "../../wasm/backend.js";
import { gradientPacking, packed, productPacking } from "../packed.js";
import { defineCell } from "./cell.js";
import { hiddenWeightGradient } from "./gradients.js";
import { recurrentLayer } from "./layer.js";

/** h' = tanh or ReLU of x · W_ihᵀ + b_ih + h · W_hhᵀ + b_hh. */
const rnn = (relu: 0 | 1) =>
  defineCell({
    op: "rnn",
    gates: 1,
    hasC: false,
    hasExtra: false,
    biasesApart: false,
    forward(run, out) {
      const { hs, gates, lengths, mask, masked, rowStride, timeStride, T, B, H, reverse } = run;
      const wh = packed(run.weights.hiddenWeight, productPacking(B), "rnn");
      // prettier-ignore
      kernels().rnnForward(
      out, hs, gates, wh, lengths, mask, masked, rowStride, timeStride, T, B, H, reverse, relu,
    );
    },
    backward(pass, run, first, dh, _dc, dOut) {
      const { hs, gates, lengths, mask, rowStride, timeStride, T, B, H, reverse } = run;
      const wh = packed(run.weights.hiddenWeight, gradientPacking(B), "rnn");
      // prettier-ignore
      kernels().rnnBackward(
      dh, gates, hs, dOut, wh, lengths, mask, rowStride, timeStride, T, B, H, reverse, relu,
    );
      hiddenWeightGradient(pass, first + 1, run, 1);
    },
  });

/** One Elman layer with tanh. See {@link recurrentLayer}. */
export const rnnLayer = /* @__PURE__ */ recurrentLayer(/* @__PURE__ */ rnn(0));

/** One Elman layer with ReLU. See {@link recurrentLayer}. */
export const rnnReluLayer = /* @__PURE__ */ recurrentLayer(/* @__PURE__ */ rnn(1));

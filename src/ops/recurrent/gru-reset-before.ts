import { kernels } from "../../wasm/backend.js";
import { scratch } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { accumulateWeightGradient } from "../linear.js";
import { gradientPacking, packed, productPacking, type Packing } from "../packed.js";
import { defineCell } from "./cell.js";
import { statesBefore } from "./gradients.js";
import { recurrentLayer } from "./layer.js";
import type { LayerWeights } from "./weights.js";

/** The reset gate before the recurrent product; `extra` is what the candidate's product reads, r ⊙ h. */
const GRU_RESET_BEFORE = /* @__PURE__ */ defineCell({
  op: "gru",
  gates: 3,
  hasC: false,
  hasExtra: true,
  biasesApart: false,
  forward(run, out) {
    const { hs, gates, extra, lengths, mask, masked, rowStride, timeStride, T, B, H, reverse } =
      run;
    const [whGates, whCandidate] = halves(run.weights, productPacking(B), H);
    // prettier-ignore
    kernels().gruResetBeforeForward(
      out, hs, gates, extra, whGates, whCandidate, lengths, mask, masked, rowStride, timeStride, T, B, H, reverse,
    );
  },
  backward(pass, run, first, dh, _dc, dOut) {
    const { hs, gates, extra, lengths, mask, masked, rowStride, timeStride, T, B, H, reverse } =
      run;
    const [whGates, whCandidate] = halves(run.weights, gradientPacking(B), H);
    const space = scratch(bytesOf(B * H));
    // prettier-ignore
    kernels().gruResetBeforeBackward(
      dh, gates, hs, dOut, whGates, whCandidate, lengths, mask, masked, space, rowStride, timeStride, T, B, H,
      reverse,
    );
    const sizes = { rows: T * B, inputs: H, stride: 3 * H };
    accumulateWeightGradient(
      pass,
      first + 1,
      { dy: gates, x: statesBefore(run), outputs: 2 * H, ...sizes },
      { dy: at(gates, 2 * H), x: extra, outputs: H, ...sizes },
    );
  },
});

/** W_hh packed in two: the rows of r and z, and those of n. */
function halves({ hiddenWeight }: LayerWeights, packing: Packing, H: number): [Ptr, Ptr] {
  return [
    packed(hiddenWeight, packing, "gru", [0, 2 * H]),
    packed(hiddenWeight, packing, "gru", [2 * H, H]),
  ];
}

/** One GRU layer of the textbooks' form (Cho et al. 2014), gates in the order r, z, n. See {@link recurrentLayer}. */
export const gruResetBeforeLayer = /* @__PURE__ */ recurrentLayer(GRU_RESET_BEFORE);

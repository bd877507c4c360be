import { gruLayer } from "../ops/recurrent/gru.js";
import { gruResetBeforeLayer } from "../ops/recurrent/gru-reset-before.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { at } from "../wasm/ptr.js";
import type { RecurrentOptions } from "./recurrent-options.js";
import { Recurrent, variant, type ForwardOptions, type RecurrentKind } from "./recurrent.js";

/** A GRU's state: `h` `[numLayers · directions, batch, hidden]`. */
export interface GRUState {
  readonly h: Tensor;
}

export interface GRUOptions extends RecurrentOptions {
  /**
   * Whether the reset gate acts after the recurrent product (PyTorch's form, default) or before it (Cho et al.
   * 2014, the textbooks' form).
   */
  resetAfter?: boolean;
}
export type GRUForwardOptions = ForwardOptions<GRUState>;

/**
 * The gated recurrent unit (Cho et al. 2014), as PyTorch computes it:
 *
 * r, z = σ(W_i· x + b_i· + W_h· h + b_h·); n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn));
 * h' = (1 - z) ⊙ n + z ⊙ h
 *
 * With `resetAfter: false`, n = tanh(W_in x + b_in + W_hn (r ⊙ h) + b_hn).
 *
 * Gates stand in the order r, z, n in every weight.
 */
export class GRU extends Recurrent<"h"> {
  readonly resetAfter: boolean;

  constructor(
    inputSize: number,
    hiddenSize: number,
    { resetAfter = true, ...options }: GRUOptions = {},
  ) {
    super(resetAfter ? GRU_KIND : RESET_BEFORE_KIND, inputSize, hiddenSize, options);
    this.resetAfter = resetAfter;
  }
}

/** @internal */
export const GRU_KIND: RecurrentKind<"h"> = {
  name: "GRU",
  defaults: { resetAfter: true },
  gates: 3,
  parts: ["h"],
  layer: gruLayer,
  stream: {
    name: "gru",
    scratch: 6,
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
  },
};

/** @internal */
export const RESET_BEFORE_KIND: RecurrentKind<"h"> = /* @__PURE__ */ variant(GRU_KIND, {
  layer: gruResetBeforeLayer,
  stream: {
    name: "gru",
    scratch: 4,
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
      // prettier-ignore
      kernels().gruResetBeforeStep(
        h, gates, reset, x, wx, wh, extra, bias, batch, inputSize, hidden,
      );
    },
  },
});

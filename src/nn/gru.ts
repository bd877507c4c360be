import { gruLayer } from "../ops/recurrent/gru.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import {
  Recurrent,
  type ForwardOptions,
  type RecurrentKind,
  type RecurrentOptions,
} from "./recurrent.js";

/** A GRU's state: `h` `[numLayers · directions, batch, hidden]`. */
export interface GRUState {
  readonly h: Tensor;
}

export type GRUOptions = RecurrentOptions;
export type GRUForwardOptions = ForwardOptions<GRUState>;

/**
 * The gated recurrent unit (Cho et al. 2014), as PyTorch computes it:
 *
 * r, z = σ(W_i· x + b_i· + W_h· h + b_h·); n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn));
 * h' = (1 - z) ⊙ n + z ⊙ h
 *
 * Gates stand in the order r, z, n in every weight.
 */
export class GRU extends Recurrent<"h"> {
  constructor(inputSize: number, hiddenSize: number, options: GRUOptions = {}) {
    super(GRU_KIND, inputSize, hiddenSize, options);
  }
}

/** @internal */
export const GRU_KIND: RecurrentKind<"h"> = {
  name: "GRU",
  defaults: {},
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
      const space = gates + 3 * batch * hidden * 4;
      kernels().gruStep(state[0]!, gates, space, x, wx, wh, bias, extra, batch, inputSize, hidden);
    },
  },
};

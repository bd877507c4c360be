import { lstmLayer } from "../ops/recurrent/lstm.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import {
  Recurrent,
  type ForwardOptions,
  type RecurrentKind,
  type RecurrentOptions,
} from "./recurrent.js";

/** An LSTM's state: hidden and cell, each `[numLayers · directions, batch, hidden]`. */
export interface LSTMState {
  readonly h: Tensor;
  readonly c: Tensor;
}

export type LSTMOptions = RecurrentOptions;
export type LSTMForwardOptions = ForwardOptions<LSTMState>;

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gates of Gers et al. 2000), as
 * PyTorch computes it:
 *
 * i, f, o = σ(W_i· x + b_i· + W_h· h + b_h·); g = tanh(…); c' = f ⊙ c + i ⊙ g; h' = o ⊙ tanh(c')
 *
 * Gates stand in the order i, f, g, o in every weight.
 */
export class LSTM extends Recurrent<"h" | "c"> {
  constructor(inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    super(LSTM_KIND, inputSize, hiddenSize, options);
  }
}

/** @internal */
export const LSTM_KIND: RecurrentKind<"h" | "c"> = {
  name: "LSTM",
  defaults: {},
  gates: 4,
  parts: ["h", "c"],
  layer: lstmLayer,
  stream: {
    name: "lstm",
    scratch: 4,
    step: (state, gates, x, { wx, wh, bias, inputSize }, { batch, hiddenSize }) =>
      kernels().lstmStep(
        state[0]!,
        state[1]!,
        gates,
        x,
        wx,
        wh,
        bias,
        batch,
        inputSize,
        hiddenSize,
      ),
  },
};

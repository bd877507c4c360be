import { OptionError } from "../core/errors.js";
import { checkCount } from "../core/shape.js";
import { lstmLayer } from "../ops/recurrent/lstm.js";
import { lstmProjectedLayer } from "../ops/recurrent/lstm-projected.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { at } from "../wasm/ptr.js";
import type { RecurrentOptions } from "./recurrent-options.js";
import { Recurrent, variant, type ForwardOptions, type RecurrentKind } from "./recurrent.js";
import { packSummed } from "./stream-weights.js";

/** An LSTM's state: hidden and cell, each `[numLayers · directions, batch, hidden]`. */
export interface LSTMState {
  readonly h: Tensor;
  readonly c: Tensor;
}

export interface LSTMOptions extends RecurrentOptions {
  /** Projects h to this size, below hiddenSize (Sak et al. 2014): outputs and `h` have it, `c` does not. Default 0: none. */
  projSize?: number;
}
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
  constructor(
    inputSize: number,
    hiddenSize: number,
    { projSize = 0, ...options }: LSTMOptions = {},
  ) {
    checkCount("LSTM", "projSize", projSize, 0);
    if (projSize >= hiddenSize && projSize > 0)
      throw new OptionError({
        op: "LSTM",
        expected: `projSize below hiddenSize (${hiddenSize})`,
        got: String(projSize),
      });
    super(projSize > 0 ? PROJECTED_KIND : LSTM_KIND, inputSize, hiddenSize, options, projSize);
  }
}

/** @internal */
export const LSTM_KIND: RecurrentKind<"h" | "c"> = {
  name: "LSTM",
  defaults: { projSize: 0 },
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

const PROJECTED_KIND: RecurrentKind<"h" | "c"> = /* @__PURE__ */ variant(LSTM_KIND, {
  layer: lstmProjectedLayer,
  stream: {
    name: "lstm",
    scratch: 5,
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
  },
});

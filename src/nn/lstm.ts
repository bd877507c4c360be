import { described } from "../core/described.js";
import { checkCall, checkCount } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { lstm } from "../ops/recurrent/lstm.js";
import { lstmProjected } from "../ops/recurrent/lstm-projected.js";
import type { Tensor } from "../tensor/tensor.js";
import { RECURRENT_KEYS, type RecurrentOptions } from "./recurrent-options.js";
import { Recurrent, type ForwardOptions } from "./recurrent.js";

/** An LSTM's state: hidden and cell, each `[numLayers · directions, batch, hidden]`. */
export interface LSTMState {
  readonly h: Tensor;
  readonly c: Tensor;
}

export interface LSTMOptions extends RecurrentOptions {
  /** Projects h to this size, below hiddenSize (Sak et al. 2014): outputs and `h` have it, `c` does not. Default 0: none. */
  projSize?: number | undefined;
}
export type LSTMForwardOptions = ForwardOptions<LSTMState>;

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gates of Gers et al. 2000), as
 * PyTorch computes it:
 *
 * i, f, o = σ(W_i· x + b_i· + W_h· h + b_h·); g = tanh(…); c' = f ⊙ c + i ⊙ g; h' = o ⊙ tanh(c')
 *
 * Gates are in the order i, f, g, o in every weight.
 *
 * @example
 * ```ts
 * const lstm = new LSTM(8, 16, { numLayers: 2 });
 * const { output, state } = lstm.forward(randn([3, 5, 8]), { lengths: [5, 2, 4] });
 * output.shape; // [3, 5, 16]
 * state.h.shape; // [2, 3, 16]
 * ```
 */
export class LSTM extends Recurrent<"h" | "c"> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "LSTM";
  /**
   * @param inputSize numbers at each step
   * @param hiddenSize units, the size of h
   * @throws OptionError for sizes or options that make no sense together
   */
  constructor(inputSize: number, hiddenSize: number, given: LSTMOptions = {}) {
    checkCall("LSTM", arguments, `inputSize hiddenSize {${RECURRENT_KEYS} projSize:number}`);
    const { projSize = 0, ...options } = given;
    checkCount("LSTM", "projSize", projSize, 0);
    if (projSize >= hiddenSize && projSize > 0)
      throw new OptionError({
        op: "LSTM",
        expected: `projSize below hiddenSize (${hiddenSize})`,
        got: described(projSize),
      });
    const cell = projSize > 0 ? lstmProjected : lstm;
    const kind = { name: "LSTM", cell, defaults: { projSize: 0 } };
    super(kind, inputSize, hiddenSize, options, projSize);
  }
}

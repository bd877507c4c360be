import { checkCall } from "../core/check.js";
import { gru } from "../ops/recurrent/gru.js";
import { gruResetBefore } from "../ops/recurrent/gru-reset-before.js";
import type { Tensor } from "../tensor/tensor.js";
import { RECURRENT_KEYS, type RecurrentOptions } from "./recurrent-options.js";
import { Recurrent, type ForwardOptions } from "./recurrent.js";

/** A GRU's state: `h` `[numLayers · directions, batch, hidden]`. */
export interface GRUState {
  readonly h: Tensor;
}

export interface GRUOptions extends RecurrentOptions {
  /**
   * Whether the reset gate acts after the recurrent product (PyTorch's form, default) or before it (Cho et al.
   * 2014, the textbooks' form).
   */
  resetAfter?: boolean | undefined;
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
 * Gates are in the order r, z, n in every weight.
 *
 * @example
 * ```ts
 * const gru = new GRU(8, 16, { bidirectional: true });
 * const { output, state } = gru.forward(randn([3, 5, 8]));
 * output.shape; // [3, 5, 32]
 * state.h.shape; // [2, 3, 16]
 * ```
 */
export class GRU extends Recurrent<"h"> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "GRU";
  readonly resetAfter: boolean;

  /**
   * @param inputSize numbers at each step
   * @param hiddenSize units, the size of h
   * @throws OptionError for sizes or options that make no sense together
   */
  constructor(inputSize: number, hiddenSize: number, given: GRUOptions = {}) {
    checkCall("GRU", arguments, `inputSize hiddenSize {${RECURRENT_KEYS} resetAfter:boolean}`);
    const { resetAfter = true, ...options } = given;
    const cell = resetAfter ? gru : gruResetBefore;
    super({ name: "GRU", cell, defaults: { resetAfter: true } }, inputSize, hiddenSize, options);
    this.resetAfter = resetAfter;
  }
}

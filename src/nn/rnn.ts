import { described } from "../core/described.js";
import { checkCall } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import type { Cell } from "../ops/recurrent/layer.js";
import { rnn, rnnRelu } from "../ops/recurrent/rnn.js";
import type { Tensor } from "../tensor/tensor.js";
import { RECURRENT_KEYS, type RecurrentOptions } from "./recurrent-options.js";
import { Recurrent, type ForwardOptions } from "./recurrent.js";

/** An RNN's state: `h` `[numLayers · directions, batch, hidden]`. */
export interface RNNState {
  readonly h: Tensor;
}

export type Nonlinearity = "tanh" | "relu";

export interface RNNOptions extends RecurrentOptions {
  /** Default `"tanh"`. */
  nonlinearity?: Nonlinearity | undefined;
}
export type RNNForwardOptions = ForwardOptions<RNNState>;

/**
 * The simple recurrent network of Elman (1990), as PyTorch computes it:
 *
 * h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or ReLU instead of tanh.
 *
 * @example
 * ```ts
 * const rnn = new RNN(8, 16, { nonlinearity: "relu" });
 * rnn.forward(randn([3, 5, 8])).output.shape; // [3, 5, 16]
 * ```
 */
export class RNN extends Recurrent<"h"> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "RNN";
  readonly nonlinearity: Nonlinearity;

  /**
   * @param inputSize numbers at each step
   * @param hiddenSize units, the size of h
   * @throws OptionError for sizes or options that make no sense together
   */
  constructor(inputSize: number, hiddenSize: number, given: RNNOptions = {}) {
    checkCall("RNN", arguments, `inputSize hiddenSize {${RECURRENT_KEYS} nonlinearity:string}`);
    const { nonlinearity = "tanh", ...options } = given;
    const cell = elmanCell("RNN", nonlinearity);
    super(
      { name: "RNN", cell, defaults: { nonlinearity: "tanh" } },
      inputSize,
      hiddenSize,
      options,
    );
    this.nonlinearity = nonlinearity;
  }
}

const CELLS = { tanh: rnn, relu: rnnRelu };

/** @internal The cell of an RNN or an RNNCell. */
export function elmanCell(op: string, nonlinearity: Nonlinearity): Cell<"h"> {
  if (!Object.hasOwn(CELLS, nonlinearity))
    throw new OptionError({
      op,
      expected: 'nonlinearity "tanh" or "relu"',
      got: described(nonlinearity),
    });
  return CELLS[nonlinearity];
}

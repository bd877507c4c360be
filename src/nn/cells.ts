// One step of RNN, LSTM and GRU, to build recurrences of your own.
import { checkCall, checkCount } from "../core/check.js";
import type { Shape } from "../core/shape.js";
import { gru } from "../ops/recurrent/gru.js";
import { gruResetBefore } from "../ops/recurrent/gru-reset-before.js";
import type { Cell } from "../ops/recurrent/layer.js";
import { lstm } from "../ops/recurrent/lstm.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { uniformParameter } from "./init.js";
import { Module } from "./module.js";
import { checkInput, checkState } from "./recurrent-input.js";
import type { State } from "./recurrent.js";
import { elmanCell, type Nonlinearity } from "./rnn.js";

export interface CellOptions {
  /** Whether to add `bias_ih` and `bias_hh`. Default true. */
  bias?: boolean | undefined;
}

/**
 * One step of a recurrent layer. Parameters `weight_ih` `[gates·hidden, input]`, `weight_hh`
 * `[gates·hidden, hidden]`, `bias_ih`, `bias_hh` `[gates·hidden]`, as PyTorch's, from U(-1/√hidden, 1/√hidden).
 */
export abstract class RecurrentCell<Part extends string> extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly weight_ih: Parameter;
  readonly weight_hh: Parameter;
  readonly bias_ih: Parameter | undefined;
  readonly bias_hh: Parameter | undefined;
  readonly #cell: Cell<Part>;

  /** @internal */
  constructor(
    name: string,
    cell: Cell<Part>,
    inputSize: number,
    hiddenSize: number,
    options: CellOptions,
  ) {
    super();
    checkCount(name, "inputSize", inputSize);
    checkCount(name, "hiddenSize", hiddenSize);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.#cell = cell;
    const rows = cell.gates * hiddenSize;
    const make = (shape: Shape): Parameter => uniformParameter(shape, 1 / Math.sqrt(hiddenSize));
    this.weight_ih = make([rows, inputSize]);
    this.weight_hh = make([rows, hiddenSize]);
    const { bias = true } = options;
    this.bias_ih = bias ? make([rows]) : undefined;
    this.bias_hh = bias ? make([rows]) : undefined;
  }

  /**
   * x `[batch, inputSize]` and a state, each part `[batch, hiddenSize]` (default zeros) → the next state;
   * `h` is the output.
   */
  forward(x: Tensor, state?: State<Part>): State<Part> {
    const { parts, layer } = this.#cell;
    const op = `${this.#cell.op}Cell`;
    checkCall(op, arguments, "x:tensor state?:object");
    checkInput(op, x, this.inputSize, 2);
    const shape = [x.shape[0]!, this.hiddenSize];
    if (state) {
      const shapes = Object.fromEntries(parts.map((part) => [part, shape]));
      checkState(op, state, shapes);
    }
    const weights = {
      inputWeight: this.weight_ih,
      hiddenWeight: this.weight_hh,
      inputBias: this.bias_ih,
      hiddenBias: this.bias_hh,
    };
    const [output, ...next] = layer(x, [weights], {
      hiddenSize: this.hiddenSize,
      initial: state && parts.map((part) => state[part]),
      cellState: true,
    });
    // The same numbers as h, which nobody would give back outside of a scope.
    output!.dispose();
    return Object.fromEntries(parts.map((part, i) => [part, next[i]!])) as State<Part>;
  }

  /** The same as {@link forward}, as a layer's `step` gives it: the output is `state.h`. */
  step(x: Tensor, state?: State<Part>): { output: Tensor; state: State<Part> } {
    checkCall(`${this.#cell.op}Cell.step`, arguments, "x:tensor state?:object");
    const next = this.forward(x, state);
    return { output: next[this.#cell.parts[0]], state: next };
  }
}

/**
 * One step of an Elman network: h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or ReLU. See {@link RNN}.
 *
 * @example
 * ```ts
 * const cell = new RNNCell(8, 16);
 * cell.forward(randn([3, 8])).h.shape; // [3, 16]
 * ```
 */
export class RNNCell extends RecurrentCell<"h"> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "RNNCell";
  constructor(
    inputSize: number,
    hiddenSize: number,
    given: CellOptions & { nonlinearity?: Nonlinearity | undefined } = {},
  ) {
    checkCall("RNNCell", arguments, "inputSize hiddenSize {bias:boolean nonlinearity:string}");
    const { nonlinearity = "tanh", ...options } = given;
    super("RNNCell", elmanCell("RNNCell", nonlinearity), inputSize, hiddenSize, options);
  }
}

/**
 * One step of an LSTM. See {@link LSTM}.
 *
 * @example
 * ```ts
 * const cell = new LSTMCell(8, 16);
 * let state = cell.forward(randn([3, 8]));
 * state = cell.forward(randn([3, 8]), state);
 * state.c.shape; // [3, 16]
 * ```
 */
export class LSTMCell extends RecurrentCell<"h" | "c"> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "LSTMCell";
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    checkCall("LSTMCell", arguments, "inputSize hiddenSize {bias:boolean}");
    super("LSTMCell", lstm, inputSize, hiddenSize, options);
  }
}

/**
 * One step of a gated recurrent unit. See {@link GRU}.
 *
 * @example
 * ```ts
 * const cell = new GRUCell(8, 16);
 * const first = cell.forward(randn([3, 8]));
 * cell.forward(randn([3, 8]), first).h.shape; // [3, 16]
 * ```
 */
export class GRUCell extends RecurrentCell<"h"> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "GRUCell";
  readonly resetAfter: boolean;

  constructor(
    inputSize: number,
    hiddenSize: number,
    given: CellOptions & { resetAfter?: boolean | undefined } = {},
  ) {
    checkCall("GRUCell", arguments, "inputSize hiddenSize {bias:boolean resetAfter:boolean}");
    const { resetAfter = true, ...options } = given;
    super("GRUCell", resetAfter ? gru : gruResetBefore, inputSize, hiddenSize, options);
    this.resetAfter = resetAfter;
  }
}

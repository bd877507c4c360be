import { described } from "../core/described.js";
import { checkCall, checkCount } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { sigmoid, tanh } from "../ops/unary.js";
import { sub } from "../ops/arithmetic.js";
import { maximum, minimum } from "../ops/extremes.js";
import { linear } from "../ops/linear.js";
import { split } from "../ops/slice.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { uniformParameter } from "./init.js";
import type { LSTMState } from "./lstm.js";
import { Module } from "./module.js";
import { checkInput, checkState } from "./recurrent-input.js";

export interface LSTMVariantOptions {
  /** Whether to add `bias_ih` and `bias_hh`. Default true. */
  bias?: boolean | undefined;
  /** Whether gates see the cell: i and f the one before, o the new one (Gers & Schmidhuber 2000; Graves 2013). Default false. */
  peepholes?: boolean | undefined;
  /** Whether i = 1 - f, with no input gate of its own (Greff et al. 2017, CIFG). Default false. */
  coupled?: boolean | undefined;
  /** Clips c to [-cellClip, cellClip] at every step (Sak et al. 2014). Default: not at all. */
  cellClip?: number | undefined;
}

/**
 * One step of an LSTM's variants, made of ordinary operations: {@link LSTMCell} is faster where it does.
 *
 * i, f, o = σ(W_i· x + b_i· + W_h· h + b_h· + p_· ⊙ c); g = tanh(W_ig x + b_ig + W_hg h + b_hg);
 * c' = clip(f ⊙ c + i ⊙ g); h' = o ⊙ tanh(c'); o sees c', the others c.
 *
 * Parameters as {@link LSTMCell}'s, gates in the order i, f, g, o (coupled: f, g, o); `weight_ci`, `weight_cf`,
 * `weight_co` `[hidden]` for peepholes. `new Scan(cell)` runs it over sequences.
 *
 * @example
 * ```ts
 * const peephole = new Scan(new LSTMVariantCell(3, 8, { peepholes: true }));
 * peephole.forward(randn([4, 6, 3])).output.shape; // [4, 6, 8]
 * ```
 */
export class LSTMVariantCell extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "LSTMVariantCell";
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly coupled: boolean;
  readonly cellClip: number | undefined;
  readonly weight_ih: Parameter;
  readonly weight_hh: Parameter;
  readonly bias_ih: Parameter | undefined;
  readonly bias_hh: Parameter | undefined;
  readonly weight_ci: Parameter | undefined;
  readonly weight_cf: Parameter | undefined;
  readonly weight_co: Parameter | undefined;

  constructor(inputSize: number, hiddenSize: number, options: LSTMVariantOptions = {}) {
    checkCall(
      "LSTMVariantCell",
      arguments,
      "inputSize hiddenSize {bias:boolean peepholes:boolean coupled:boolean cellClip:number}",
    );
    super();
    const op = "LSTMVariantCell";
    checkCount(op, "inputSize", inputSize);
    checkCount(op, "hiddenSize", hiddenSize);
    const { bias = true, peepholes = false, coupled = false, cellClip } = options;
    if (cellClip !== undefined && !(cellClip > 0))
      throw new OptionError({ op, expected: "cellClip above 0", got: described(cellClip) });
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.coupled = coupled;
    this.cellClip = cellClip;
    const rows = (coupled ? 3 : 4) * hiddenSize;
    const make = (...shape: number[]): Parameter =>
      uniformParameter(shape, 1 / Math.sqrt(hiddenSize));
    this.weight_ih = make(rows, inputSize);
    this.weight_hh = make(rows, hiddenSize);
    this.bias_ih = bias ? make(rows) : undefined;
    this.bias_hh = bias ? make(rows) : undefined;
    this.weight_ci = peepholes && !coupled ? make(hiddenSize) : undefined;
    this.weight_cf = peepholes ? make(hiddenSize) : undefined;
    this.weight_co = peepholes ? make(hiddenSize) : undefined;
  }

  /** x `[batch, inputSize]` and a state, each part `[batch, hiddenSize]` (default zeros) → the output h, the state. */
  step(x: Tensor, state?: LSTMState): { output: Tensor; state: LSTMState } {
    checkCall("LSTMVariantCell.step", arguments, "x:tensor state?:object");
    checkInput("lstmVariantCell", x, this.inputSize, 2);
    const shape = [x.shape[0]!, this.hiddenSize];
    if (state) checkState("lstmVariantCell", { ...state }, { h: shape, c: shape });
    let sum = linear(x, this.weight_ih, this.bias_ih);
    if (state) sum = sum.add(linear(state.h, this.weight_hh, this.bias_hh));
    else if (this.bias_hh) sum = sum.add(this.bias_hh);
    const before = state?.c;
    const gates = split(sum, this.hiddenSize, 1);
    const [g, o] = gates.slice(-2) as [Tensor, Tensor];
    const f = this.#gate(gates[this.coupled ? 0 : 1]!, this.weight_cf, before);
    const i = this.coupled ? sub(1, f) : this.#gate(gates[0]!, this.weight_ci, before);
    const fresh = i.mul(tanh(g));
    const sumOfBoth = before ? f.mul(before).add(fresh) : fresh;
    const clip = this.cellClip;
    const c = clip === undefined ? sumOfBoth : maximum(minimum(sumOfBoth, clip), -clip);
    const h = this.#gate(o, this.weight_co, c).mul(tanh(c));
    return { output: h, state: { h, c } };
  }

  /** σ of a gate's sum, which a peephole's view of the cell may add to. */
  #gate(sum: Tensor, peephole: Parameter | undefined, c: Tensor | undefined): Tensor {
    return sigmoid(peephole && c ? sum.add(c.mul(peephole)) : sum);
  }
}

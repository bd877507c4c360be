import { checkCall, checkChoice, checkCount } from "../core/check.js";
import { linear } from "../ops/linear.js";
import { softmax } from "../ops/softmax.js";
import { relu, sigmoid, tanh } from "../ops/unary.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { uniformParameter } from "./init.js";
import { Module } from "./module.js";
import { checkInput, checkState } from "./recurrent-input.js";

const ACTIVATIONS = { tanh, relu, sigmoid, identity: (x: Tensor): Tensor => x };
const OUTPUT_ACTIVATIONS = { ...ACTIVATIONS, softmax: (x: Tensor): Tensor => softmax(x, -1) };

/** The name of an activation. */
export type Activation = keyof typeof ACTIVATIONS;

/** The name of an activation of outputs: `"softmax"` makes them the probabilities of classes. */
export type OutputActivation = keyof typeof OUTPUT_ACTIVATIONS;

export interface JordanCellOptions {
  /** Of the hidden units. Default `"tanh"`. */
  activation?: Activation | undefined;
  /** Of the outputs, before they are fed back. Default `"identity"`. */
  outputActivation?: OutputActivation | undefined;
  /** Whether to add biases. Default true. */
  bias?: boolean | undefined;
}

/** The output of the step before, `[batch, outputSize]`. */
export interface JordanState {
  readonly y: Tensor;
}

/**
 * The network of Jordan (1986), whose output feeds back, where Elman's feeds back its hidden units:
 *
 * h = f(W_ih x + b_ih + W_hh y'); y = g(W_ho h + b_ho), y' the output of the step before.
 *
 * Parameters `weight_ih` `[hidden, input]`, `weight_hh` `[hidden, output]`, `weight_ho` `[output, hidden]`,
 * `bias_ih` `[hidden]`, `bias_ho` `[output]`, from U(-1/√hidden, 1/√hidden). `new Scan(cell)` runs it over sequences.
 *
 * @example
 * ```ts
 * const jordan = new Scan(new JordanCell(3, 8, 2));
 * jordan.forward(randn([4, 6, 3])).output.shape; // [4, 6, 2]
 * ```
 */
export class JordanCell extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "JordanCell";
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly outputSize: number;
  readonly activation: Activation;
  readonly outputActivation: OutputActivation;
  readonly weight_ih: Parameter;
  readonly weight_hh: Parameter;
  readonly weight_ho: Parameter;
  readonly bias_ih: Parameter | undefined;
  readonly bias_ho: Parameter | undefined;

  constructor(
    inputSize: number,
    hiddenSize: number,
    outputSize: number,
    options: JordanCellOptions = {},
  ) {
    checkCall(
      "JordanCell",
      arguments,
      "inputSize hiddenSize outputSize {activation:string outputActivation:string bias:boolean}",
    );
    super();
    const { activation = "tanh", outputActivation = "identity", bias = true } = options;
    const outputNames = Object.keys(OUTPUT_ACTIVATIONS);
    checkChoice("JordanCell", "activation", activation, Object.keys(ACTIVATIONS));
    checkChoice("JordanCell", "outputActivation", outputActivation, outputNames);
    checkCount("JordanCell", "inputSize", inputSize);
    checkCount("JordanCell", "hiddenSize", hiddenSize);
    checkCount("JordanCell", "outputSize", outputSize);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.outputSize = outputSize;
    this.activation = activation;
    this.outputActivation = outputActivation;
    const bound = 1 / Math.sqrt(hiddenSize);
    this.weight_ih = uniformParameter([hiddenSize, inputSize], bound);
    this.weight_hh = uniformParameter([hiddenSize, outputSize], bound);
    this.weight_ho = uniformParameter([outputSize, hiddenSize], bound);
    this.bias_ih = bias ? uniformParameter([hiddenSize], bound) : undefined;
    this.bias_ho = bias ? uniformParameter([outputSize], bound) : undefined;
  }

  /** x `[batch, inputSize]` and the output before (default zeros) → output `[batch, outputSize]`, which is the state. */
  step(x: Tensor, state?: JordanState): { output: Tensor; state: JordanState } {
    checkCall("JordanCell.step", arguments, "x:tensor state?:object");
    checkInput("jordanCell", x, this.inputSize, 2);
    if (state) checkState("jordanCell", { ...state }, { y: [x.shape[0]!, this.outputSize] });
    const fresh = linear(x, this.weight_ih, this.bias_ih);
    const sum = state ? fresh.add(linear(state.y, this.weight_hh)) : fresh;
    const h = ACTIVATIONS[this.activation](sum);
    const y = OUTPUT_ACTIVATIONS[this.outputActivation](linear(h, this.weight_ho, this.bias_ho));
    return { output: y, state: { y } };
  }
}

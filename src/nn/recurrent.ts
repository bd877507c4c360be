// What RNN, LSTM and GRU share: options, parameters by PyTorch's names, checks of inputs and lengths.
import { checkProbability, refuseUnknown } from "../core/check.js";
import { IndexError, OptionError, ShapeError } from "../core/errors.js";
import { checkCount, formatShape, sameShape, type Shape } from "../core/shape.js";
import { requireInt } from "../ops/check.js";
import type { LayerWeights } from "../ops/layer-weights.js";
import type { Parameter } from "../tensor/parameter.js";
import { Tensor } from "../tensor/tensor.js";
import { uniformParameter } from "./init.js";
import { Module } from "./module.js";
import { reprOf } from "./repr.js";

export interface RecurrentOptions {
  /** Layers, each reading the outputs of the one below. Default 1. */
  numLayers?: number;
  /** Whether to add `bias_ih` and `bias_hh`. Default true. */
  bias?: boolean;
  /** Probability of dropping an output between layers, in training. Default 0; needs numLayers > 1. */
  dropout?: number;
  /** A second set of weights that reads backwards; outputs are concatenated. Default false. */
  bidirectional?: boolean;
}

/** Steps that count in each row: integers 0..time. */
export type Lengths = readonly number[] | Int32Array | Tensor<"int32">;

/**
 * A stack of recurrent layers in one or two directions. Parameters have PyTorch's names and layouts:
 * `weight_ih_l0` `[gates·hidden, input]`, `weight_hh_l0` `[gates·hidden, hidden]`, `bias_ih_l0`,
 * `bias_hh_l0` `[gates·hidden]`, then `_reverse` for the backward direction; all from
 * U(-1/√hidden, 1/√hidden).
 */
export abstract class Recurrent extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  /** A parameter by its name in the state dict. */
  readonly [name: `weight_${string}` | `bias_${string}`]: Parameter;
  /** The parameters again, in the order the operation takes them: layer by layer, direction by direction. */
  readonly #weights: LayerWeights[] = [];
  readonly #name: string;

  protected constructor(
    name: string,
    gates: number,
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions,
  ) {
    super();
    const { numLayers = 1, bias = true, dropout = 0, bidirectional = false } = options;
    refuseUnknown(name, options, ["numLayers", "bias", "dropout", "bidirectional"]);
    checkCount(name, "inputSize", inputSize);
    checkCount(name, "hiddenSize", hiddenSize);
    checkCount(name, "numLayers", numLayers);
    checkProbability(name, dropout);
    if (dropout > 0 && numLayers === 1)
      throw new OptionError({
        op: name,
        expected: "numLayers above 1 with dropout, which acts between layers",
        got: `dropout ${dropout} with one layer`,
        cure: "Put a Dropout layer behind it instead.",
      });
    this.#name = name;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.bias = bias;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    const bound = 1 / Math.sqrt(hiddenSize);
    const rows = gates * hiddenSize;
    const add = (parameterName: string, shape: Shape): Parameter => {
      const parameter = uniformParameter(shape, bound);
      Object.defineProperty(this, parameterName, { value: parameter, enumerable: true });
      return parameter;
    };
    for (let layer = 0; layer < numLayers; layer++)
      for (const suffix of bidirectional ? ["", "_reverse"] : [""]) {
        const size = layer === 0 ? inputSize : hiddenSize * this.directions;
        const end = `l${layer}${suffix}`;
        this.#weights.push({
          inputWeight: add(`weight_ih_${end}`, [rows, size]),
          hiddenWeight: add(`weight_hh_${end}`, [rows, hiddenSize]),
          inputBias: bias ? add(`bias_ih_${end}`, [rows]) : undefined,
          hiddenBias: bias ? add(`bias_hh_${end}`, [rows]) : undefined,
        });
      }
  }

  /** 2 when bidirectional, else 1. */
  get directions(): number {
    return this.bidirectional ? 2 : 1;
  }

  /** The shape of each part of the state: `[numLayers · directions, batch, hidden]`. */
  protected stateShape(batch: number): [number, number, number] {
    return [this.numLayers * this.directions, batch, this.hiddenSize];
  }

  protected override extraRepr(): string {
    const defaults = { numLayers: 1, bias: true, dropout: 0, bidirectional: false };
    return reprOf([this.inputSize, this.hiddenSize], this, defaults);
  }

  protected get weights(): readonly LayerWeights[] {
    return this.#weights;
  }

  /** Refuses an input of the wrong shape. */
  protected checkInput(x: Tensor, rank: 2 | 3): void {
    const { shape } = x;
    if (shape.length === rank && shape[rank - 1] === this.inputSize) return;
    const axes = rank === 3 ? "batch, time" : "batch";
    throw new ShapeError({
      op: this.#name.toLowerCase(),
      expected: `input [${axes}, ${this.inputSize}]`,
      got: formatShape(shape),
      cure:
        shape.length === rank
          ? `The last axis must equal inputSize (${this.inputSize}).`
          : `Give it ${rank} axes: ${axes}, features.`,
    });
  }

  /** Refuses a state of the wrong shape. */
  protected checkState(parts: Readonly<Record<string, Tensor>>, shape: Shape): void {
    for (const [part, value] of Object.entries(parts))
      if (!(value instanceof Tensor) || !sameShape(value.shape, shape))
        throw new ShapeError({
          op: this.#name.toLowerCase(),
          expected: `state.${part} ${formatShape(shape)} ([numLayers · directions, batch, hidden])`,
          got: value instanceof Tensor ? formatShape(value.shape) : String(value),
        });
  }

  /** The lengths, or undefined where every row is full. */
  protected checkLengths(
    lengths: Lengths | undefined,
    batch: number,
    time: number,
  ): Int32Array | undefined {
    if (lengths === undefined) return undefined;
    const op = this.#name.toLowerCase();
    if (lengths instanceof Tensor) requireInt(op, "lengths", lengths);
    const values = lengths instanceof Tensor ? lengths.data() : Int32Array.from(lengths);
    if (values.length !== batch)
      throw new ShapeError({
        op,
        expected: `${batch} lengths, one a row`,
        got: String(values.length),
      });
    values.forEach((length, row) => {
      const given = lengths instanceof Tensor ? length : lengths[row]!;
      if (given !== length || length < 0 || length > time)
        throw new IndexError({
          op,
          expected: `lengths to be whole numbers from 0 to ${time}`,
          got: `${given} for row ${row}`,
        });
    });
    return values.every((length) => length === time) ? undefined : values;
  }
}

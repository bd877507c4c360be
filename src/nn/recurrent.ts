// What RNN, LSTM and GRU share: layers by PyTorch's parameter names, whole sequences, steps, streams.
import { records } from "../autograd/mode.js";
import { checkProbability, refuseUnknown } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { checkCount, type Shape } from "../core/shape.js";
import { dropout } from "../ops/dropout.js";
import { concat } from "../ops/join.js";
import type { RecurrentLayer } from "../ops/recurrent/layer.js";
import { tensorsOf, type LayerWeights } from "../ops/recurrent/weights.js";
import type { Parameter } from "../tensor/parameter.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { Carry } from "./carry.js";
import { uniformParameter } from "./init.js";
import { Module } from "./module.js";
import { checkInput, checkLengths, checkState, type Lengths } from "./recurrent-input.js";
import { reprOf } from "./repr.js";
import { Stream, type StreamCell } from "./stream.js";

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

const DEFAULTS = { numLayers: 1, bias: true, dropout: 0, bidirectional: false };

/** A recurrent state: its parts, each `[numLayers · directions, batch, size]`. */
export type State<Part extends string = string> = { readonly [P in Part]: Tensor };

export interface ForwardOptions<S> {
  /** Where to start. Default zeros. */
  state?: S;
  /** Steps that count in each row. Default all. */
  lengths?: Lengths;
}

/** What tells one kind of recurrent layer from another. */
export interface RecurrentKind<Part extends string> {
  /** `"LSTM"` */
  readonly name: string;
  /** Options it has beside those of all kinds, and their defaults. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** How many times hidden rows the weights have. */
  readonly gates: number;
  /** The parts of the state; h first. */
  readonly parts: readonly [Part, ...Part[]];
  readonly layer: RecurrentLayer;
  readonly stream: StreamCell;
}

/**
 * A stack of recurrent layers in one or two directions. Parameters have PyTorch's names and layouts:
 * `weight_ih_l0` `[gates·hidden, input]`, `weight_hh_l0` `[gates·hidden, hidden]`, `bias_ih_l0`,
 * `bias_hh_l0` `[gates·hidden]`, then `_reverse` for the backward direction; all from
 * U(-1/√hidden, 1/√hidden).
 */
export abstract class Recurrent<Part extends string> extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly bias: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  /** A parameter by its name in the state dict. */
  readonly [name: `weight_${string}` | `bias_${string}`]: Parameter;
  /** The parameters again, layer by layer, a list of directions each. */
  readonly #layers: LayerWeights[][] = [];
  readonly #kind: RecurrentKind<Part>;

  protected constructor(
    kind: RecurrentKind<Part>,
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions,
  ) {
    super();
    const { name } = kind;
    const { numLayers = 1, bias = true, dropout = 0, bidirectional = false } = options;
    refuseUnknown(name, options, Object.keys({ ...DEFAULTS, ...kind.defaults }));
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
    this.#kind = kind;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.bias = bias;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    for (let layer = 0; layer < numLayers; layer++) {
      const size = layer === 0 ? inputSize : hiddenSize * this.directions;
      const suffixes = bidirectional ? ["", "_reverse"] : [""];
      this.#layers.push(suffixes.map((suffix) => this.#addWeights(`l${layer}${suffix}`, size)));
    }
  }

  /** 2 when bidirectional, else 1. */
  get directions(): number {
    return this.bidirectional ? 2 : 1;
  }

  /**
   * Runs over whole sequences.
   *
   * @param x `[batch, time, inputSize]`
   * @param options.state where to start; default zeros
   * @param options.lengths steps that count in each row, 0..time. Past its length a row's state is
   *   carried on unchanged and its output is zero; what stands there in `x` has no influence at all
   * @returns `output` `[batch, time, hidden · directions]` of the last layer; the `state` after each row's
   *   last step, part of the graph
   */
  forward(
    x: Tensor,
    { state, lengths }: ForwardOptions<State<Part>> = {},
  ): { output: Tensor; state: State<Part> } {
    checkInput(this.#op, x, this.inputSize, 3);
    const [batch, time] = x.shape as [number, number];
    return this.#run(x, state, checkLengths(this.#op, lengths, batch, time));
  }

  /**
   * One time step: x `[batch, inputSize]` → output `[batch, hidden]`. Differentiable; nothing is
   * changed in place.
   *
   * @throws OptionError when bidirectional: the backward direction needs the whole sequence
   */
  step(x: Tensor, state?: State<Part>): { output: Tensor; state: State<Part> } {
    this.#refuseBidirectional("step");
    checkInput(this.#op, x, this.inputSize, 2);
    return this.#run(x, state, undefined);
  }

  /**
   * A running state for inference step by step that allocates nothing: it owns packed copies of the
   * weights as they are now.
   */
  stream({ batch = 1 }: { batch?: number } = {}): Stream<Part> {
    this.#refuseBidirectional("stream");
    const { inputSize, hiddenSize } = this;
    const { stream, parts } = this.#kind;
    const layers = this.#layers.map(([forwards]) => forwards!);
    return new Stream(stream, parts, layers, { inputSize, hiddenSize, batch });
  }

  /**
   * A state on the heap for truncated backpropagation: pass it as `state`, then `carry.set(state)` with
   * the state that came back. Gradients do not flow through it.
   */
  carry(batch: number): Carry<State<Part>> {
    return new Carry(this.#stateShapes(batch));
  }

  protected override extraRepr(): string {
    return reprOf([this.inputSize, this.hiddenSize], this, { ...DEFAULTS, ...this.#kind.defaults });
  }

  get #op(): string {
    return this.#kind.name.toLowerCase();
  }

  #addWeights(end: string, size: number): LayerWeights {
    const { gates } = this.#kind;
    const rows = gates * this.hiddenSize;
    const bound = 1 / Math.sqrt(this.hiddenSize);
    const add = (name: string, shape: Shape): Parameter => {
      const parameter = uniformParameter(shape, bound);
      Object.defineProperty(this, `${name}_${end}`, { value: parameter, enumerable: true });
      return parameter;
    };
    return {
      inputWeight: add("weight_ih", [rows, size]),
      hiddenWeight: add("weight_hh", [rows, this.hiddenSize]),
      inputBias: this.bias ? add("bias_ih", [rows]) : undefined,
      hiddenBias: this.bias ? add("bias_hh", [rows]) : undefined,
    };
  }

  #weights(): Tensor[] {
    return this.#layers.flatMap((directions) => directions.flatMap(tensorsOf));
  }

  /** The shape of each part of the state. */
  #stateShapes(batch: number): Record<Part, Shape> {
    const slots = this.numLayers * this.directions;
    const shapes = this.#kind.parts.map((part) => [part, [slots, batch, this.hiddenSize]]);
    return Object.fromEntries(shapes) as Record<Part, Shape>;
  }

  #run(
    x: Tensor,
    state: State<Part> | undefined,
    lengths: Int32Array | undefined,
  ): { output: Tensor; state: State<Part> } {
    if (state) checkState(this.#op, state, this.#stateShapes(x.shape[0]!));
    const { parts } = this.#kind;
    const initial = state && parts.map((part) => state[part]);
    const run = (): readonly Tensor[] => this.#stack(x, initial, lengths);
    // Without a graph to record, what passes between layers goes at once.
    const composed = this.numLayers > 1;
    const recorded = !composed || records(x, ...(initial ?? []), ...this.#weights());
    const [output, ...final] = recorded ? run() : scope(run);
    const named = parts.map((part, i) => [part, final[i]!]);
    return { output: output!, state: Object.fromEntries(named) as State<Part> };
  }

  /** Layer after layer, time-major in between: the output and each part of the final state. */
  #stack(
    x: Tensor,
    initial: readonly Tensor[] | undefined,
    lengths: Int32Array | undefined,
  ): readonly Tensor[] {
    const { hiddenSize, directions, numLayers } = this;
    const finals: (readonly Tensor[])[] = [];
    let current = x;
    this.#layers.forEach((weights, layer) => {
      const [output, ...final] = this.#kind.layer(current, weights, {
        hiddenSize,
        lengths,
        initial,
        slot: layer * directions,
        timeMajorInput: layer > 0,
        timeMajorOutput: layer < numLayers - 1,
      });
      finals.push(final);
      const drops = this.training && layer < numLayers - 1;
      current = drops ? dropout(output!, this.dropout) : output!;
    });
    if (numLayers === 1) return [current, ...finals[0]!];
    return [current, ...this.#kind.parts.map((_, i) => concat(finals.map((final) => final[i]!)))];
  }

  #refuseBidirectional(method: string): void {
    if (this.bidirectional)
      throw new OptionError({
        op: `${this.#op}.${method}`,
        expected: "a layer that reads forwards only",
        got: "a bidirectional one",
        cure: "The backward direction needs the whole sequence: use forward().",
      });
  }
}

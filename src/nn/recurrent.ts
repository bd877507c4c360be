// What RNN, LSTM and GRU share: layers by PyTorch's parameter names, whole sequences, steps, streams.
import { records } from "../autograd/mode.js";
import { checkCall, checkCount } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import type { Shape } from "../core/shape.js";
import { dropout } from "../ops/dropout.js";
import { concat } from "../ops/join.js";
import { permute } from "../ops/permute.js";
import type { Cell } from "../ops/recurrent/layer.js";
import { timeMajor } from "../ops/recurrent/time-major.js";
import { tensorsOf, type LayerWeights } from "../ops/recurrent/weights.js";
import { ones } from "../tensor/create.js";
import type { Parameter } from "../tensor/parameter.js";
import { scopeReturning } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { Carry } from "./carry.js";
import { mergeDirections, splitDirections } from "./merge-directions.js";
import { Module } from "./module.js";
import { checkInput, checkLengths, checkState, type Lengths } from "./recurrent-input.js";
import {
  DEFAULTS,
  settingsOf,
  type MergeMode,
  type RecurrentOptions,
  type Skip,
} from "./recurrent-options.js";
import { addLayerWeights } from "./recurrent-weights.js";
import { reprOf } from "./repr.js";
import { Stream } from "./stream.js";

/** A recurrent state: its parts, each `[numLayers · directions, batch, size]`. */
export type State<Part extends string = string> = { readonly [P in Part]: Tensor };

export interface ForwardOptions<S> {
  /** Where to start. Default zeros. */
  state?: S;
  /** Steps that count in each row. Default all. */
  lengths?: Lengths;
}

/** What tells one recurrent layer from another. */
interface RecurrentKind<Part extends string> {
  /** `"LSTM"` */
  readonly name: string;
  readonly cell: Cell<Part>;
  /** Options it has beside those of all kinds, and their defaults. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

/**
 * A stack of recurrent layers in one or two directions. Parameters have PyTorch's names and layouts:
 * `weight_ih_l0` `[gates·hidden, input]`, `weight_hh_l0` `[gates·hidden, hidden]`, `bias_ih_l0`,
 * `bias_hh_l0` `[gates·hidden]`, `weight_hr_l0` `[projected, hidden]`, then `_reverse` for the backward direction; all from
 * U(-1/√hidden, 1/√hidden).
 */
export abstract class Recurrent<Part extends string> extends Module {
  declare readonly inputSize: number;
  declare readonly hiddenSize: number;
  /** The size of h where it is projected, else 0. */
  declare readonly projSize: number;
  declare readonly numLayers: number;
  declare readonly bias: boolean;
  declare readonly dropout: number;
  declare readonly variationalDropout: boolean;
  declare readonly recurrentDropout: number;
  declare readonly weightDropout: number;
  declare readonly bidirectional: boolean;
  declare readonly mergeMode: MergeMode;
  declare readonly skip: Skip;
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
    projSize = 0,
  ) {
    super();
    const { name } = kind;
    checkCount(name, "inputSize", inputSize);
    checkCount(name, "hiddenSize", hiddenSize);
    // The options by their names: numLayers, bias, …
    Object.assign(this, { inputSize, hiddenSize, projSize }, settingsOf(name, options));
    this.#kind = kind;
    for (let layer = 0; layer < this.numLayers; layer++) {
      const suffixes = this.bidirectional ? ["", "_reverse"] : [""];
      const size = layer === 0 ? inputSize : this.#width + (this.skip === "concat" ? inputSize : 0);
      this.#layers.push(
        suffixes.map((suffix) =>
          addLayerWeights(this, `l${layer}${suffix}`, kind.cell.gates, size),
        ),
      );
    }
  }

  /** @internal */
  get cell(): Cell<Part> {
    return this.#kind.cell;
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
   *   carried on unchanged and its output is zero; values of `x` there have no influence at all
   * @returns `output` `[batch, time, size]` of the last layer, its directions merged (by default side by side); the `state` after each row's
   *   last step, part of the graph
   */
  forward(
    x: Tensor,
    options: ForwardOptions<State<Part>> = {},
  ): { output: Tensor; state: State<Part> } {
    checkCall(
      this.#op,
      arguments,
      "x:tensor {state:object lengths:list|tensor}",
      TRAINING ? STATE : undefined,
    );
    const { state, lengths } = options;
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
    checkCall(`${this.#op}.step`, arguments, "x:tensor state?:object");
    this.#refuseBidirectional("step");
    checkInput(this.#op, x, this.inputSize, 2);
    return this.#run(x, state, undefined);
  }

  /**
   * A running state for inference step by step that allocates nothing: it owns packed copies of the
   * weights as they are now.
   */
  stream(options: { batch?: number } = {}): Stream<Part> {
    checkCall(`${this.#op}.stream`, arguments, "{batch:number}");
    const { batch = 1 } = options;
    this.#refuseBidirectional("stream");
    const { inputSize, hiddenSize, skip } = this;
    const layers = this.#layers.map(([forwards]) => forwards!);
    const outputSize = this.#outputSize;
    return new Stream(this.cell, layers, { inputSize, hiddenSize, outputSize, batch, skip });
  }

  /**
   * A state on the heap for truncated backpropagation: pass it as `state`, then `carry.set(state)` with
   * the state that came back. Gradients do not flow through it.
   */
  carry(batch: number): Carry<State<Part>> {
    checkCall("carry", arguments, "batch:number");
    return new Carry(this.#stateShapes(batch), 1);
  }

  protected override extraRepr(): string {
    return reprOf([this.inputSize, this.hiddenSize], this, { ...DEFAULTS, ...this.#kind.defaults });
  }

  get #op(): string {
    return this.cell.op;
  }

  /** The size of h: of each direction's output. */
  get #outputSize(): number {
    return this.projSize || this.hiddenSize;
  }

  /** The size of what a layer gives to the next. */
  get #width(): number {
    const apart = this.mergeMode === "concat" || this.mergeMode === "none";
    return apart ? this.#outputSize * this.directions : this.#outputSize;
  }

  /** The shape of each part of the state. */
  #stateShapes(batch: number): Record<Part, Shape> {
    const slots = this.numLayers * this.directions;
    const shapes = this.cell.parts.map((part, i) => [
      part,
      [slots, batch, i === 0 ? this.#outputSize : this.hiddenSize],
    ]);
    return Object.fromEntries(shapes) as Record<Part, Shape>;
  }

  #run(
    x: Tensor,
    state: State<Part> | undefined,
    lengths: Int32Array | undefined,
  ): { output: Tensor; state: State<Part> } {
    if (state) checkState(this.#op, state, this.#stateShapes(x.shape[0]!));
    const { parts } = this.cell;
    const initial = state && parts.map((part) => state[part]);
    const run = (): readonly Tensor[] => this.#stack(x, initial, lengths);
    // Without a graph to record, what passes between layers goes at once.
    const alone =
      this.numLayers === 1 && this.#width === this.#outputSize * this.directions && !this.#masks;
    const direct =
      alone ||
      (TRAINING && records([x, ...(initial ?? []), ...this.#layers.flat().flatMap(tensorsOf)]));
    const [output, ...final] = direct ? run() : scopeReturning(run, (outputs) => outputs);
    const named = parts.map((part, i) => [part, final[i]!]);
    return { output: output!, state: Object.fromEntries(named) as State<Part> };
  }

  /** Whether the recurrent products read a masked h or masked weights. */
  get #masks(): boolean {
    return this.training && (this.recurrentDropout || this.weightDropout) > 0;
  }

  /** Layer after layer, time-major in between: the output and each part of the final state. */
  #stack(
    x: Tensor,
    initial: readonly Tensor[] | undefined,
    lengths: Int32Array | undefined,
  ): readonly Tensor[] {
    const { hiddenSize, directions, numLayers, mergeMode } = this;
    const sequences = x.shape.length === 3;
    // The inference build refuses dropout.
    if (!TRAINING && this.#masks) dropout(x);
    const residual = this.skip === "residual";
    // One step is time-major already.
    const source = this.skip === "concat" && sequences ? timeMajor(x, lengths) : x;
    const finals: (readonly Tensor[])[] = [];
    let current = source;
    this.#layers.forEach((weights, layer) => {
      const [first, last] = [layer === 0, layer === numLayers - 1];
      const read = first ? current : this.#read(current, source);
      const dropped =
        TRAINING && this.#masks && this.weightDropout > 0
          ? dropWeights(weights, this.weightDropout)
          : weights;
      const [output, ...final] = this.cell.layer(read, dropped, {
        hiddenSize,
        lengths,
        initial,
        slot: layer * directions,
        mask:
          TRAINING && this.#masks && this.recurrentDropout > 0
            ? keepMask([directions, x.shape[0]!, this.#outputSize], this.recurrentDropout)
            : undefined,
        timeMajorInput: !first || source !== x,
        timeMajorOutput: !last || residual,
      });
      finals.push(final);
      const merged = mergeDirections(output!, mergeMode);
      current = residual && !first ? merged.add(current) : merged;
    });
    if (residual && sequences) current = permute(current, [1, 0, 2]);
    if (mergeMode === "none") current = splitDirections(current);
    if (numLayers === 1) return [current, ...finals[0]!];
    return [current, ...this.cell.parts.map((_, i) => concat(finals.map((final) => final[i]!)))];
  }

  /** What a layer after the first reads: what came from below after dropout, perhaps beside the input. */
  #read(below: Tensor, source: Tensor): Tensor {
    const p = this.training ? this.dropout : 0;
    const locked = TRAINING && p > 0 && this.variationalDropout && below.shape.length === 3;
    const dropped = locked
      ? below.mul(keepMask([1, ...below.shape.slice(1)], p))
      : dropout(below, p);
    return this.skip === "concat" ? concat([dropped, source], -1) : dropped;
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

/** 0 where a unit is dropped, 1 / (1 - p) where it is kept. */
function keepMask(shape: Shape, p: number): Tensor {
  return dropout(ones(shape), p);
}

/** The recurrent weights with elements dropped, the others scaled by 1 / (1 - p). */
function dropWeights(weights: readonly LayerWeights[], p: number): LayerWeights[] {
  return weights.map((own) => ({ ...own, hiddenWeight: dropout(own.hiddenWeight, p) }));
}
const STATE = "A state is given as { state: { h, c } }, or { state: { h } }.";

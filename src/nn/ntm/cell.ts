import { checkCall, checkCount } from "../../core/check.js";
import type { Shape } from "../../core/shape.js";
import { expand } from "../../ops/expand.js";
import type { Machine } from "../../ops/ntm/machine.js";
import { neuralTuringMachine } from "../../ops/ntm/sequence.js";
import { uniform, zeros } from "../../tensor/create.js";
import { buffer, type Buffer, type Parameter } from "../../tensor/parameter.js";
import type { Tensor } from "../../tensor/tensor.js";
import { scope } from "../../tensor/scope.js";
import { filledParameter, uniformParameter } from "../init.js";
import { normal, xavierUniform } from "../initializers.js";
import { Linear } from "../linear.js";
import { Module } from "../module.js";
import { checkInput, checkLengths, checkState, type Lengths } from "../recurrent-input.js";
import {
  checkNTMOptions,
  NTM_KEYS,
  type NTMController,
  type NTMHead,
  type NTMOptions,
} from "./options.js";

/** What a Neural Turing Machine carries from step to step. */
export interface NTMState {
  /** `[batch, memoryRows, memoryWidth]` */
  readonly memory: Tensor;
  /** What the heads that read have read, `[batch, readers, memoryWidth]`. */
  readonly reads: Tensor;
  /** Where each head looks, `[batch, heads, memoryRows]`: not negative, of sum 1, or zeros at the start. */
  readonly weights: Tensor;
  /** Of an LSTM as controller, `[numLayers, batch, controllerSize]`. */
  readonly h?: Tensor | undefined;
  readonly c?: Tensor | undefined;
}

export interface NTMForwardOptions {
  /** Where to start. Default {@link NTMCell.start}. */
  state?: NTMState | undefined;
  /** Steps that count in each row. Default all. */
  lengths?: Lengths | undefined;
  /** Whether to give where the heads looked at each step. Default false. */
  needWeights?: boolean | undefined;
}

/** Outputs of a sequence, and the state after each row's last step. */
export interface NTMOutput {
  /** `[batch, time, ·]`, zeros past a row's length. */
  readonly output: Tensor;
  readonly state: NTMState;
}

/** The same, with `weights` `[batch, time, heads, memoryRows]`: where each head looked. */
export interface NTMOutputWithWeights extends NTMOutput {
  readonly weights: Tensor;
}

/**
 * The recurrent part of a Neural Turing Machine (Graves, Wayne & Danihelka 2014, arXiv 1410.5401): a controller reads the input
 * and what the heads read a step before, and its output steers heads that read and write a memory, by content and by place.
 * Its output is [what the controller gave | what was read]; {@link NTM} has a layer behind it.
 *
 * Each head makes of the controller's output, in this order, a key [memoryWidth], the key's strength β = softplus, the gate
 * g = σ, the shift s = softmax [2 · shiftRange + 1], the sharpness γ = 1 + softplus; a head that writes then what it erases,
 * e = σ [memoryWidth], and adds, a [memoryWidth]. With w' the head's weighting a step before:
 *
 * w_c = softmax(β · cosine(key, rows)); w_g = g · w_c + (1 - g) · w'; w_s(i) = Σ_j s(j) · w_g(i + j - shiftRange), around the
 * ends; w = w_s^γ / Σ w_s^γ; read Σ w(i) · row(i); write row(i) ← row(i) · (1 - w(i) · e) + w(i) · a.
 *
 * A norm below 1e-8 counts as 1e-8. Powers are taken by logarithms: no strength, sharpness or weight of 0 gives NaN, in
 * outputs or gradients. Gradients on their way through heads are kept within ±1e12.
 *
 * Parameters: `weight_ih_l0` `[4 · controllerSize, inputSize + readers · memoryWidth]`, `weight_hh_l0`, `bias_ih_l0`,
 * `bias_hh_l0` and those of further layers as an LSTM's, a feed-forward controller has `weight_ih_l0`
 * `[controllerSize, ·]` and `bias_ih_l0`; `heads.0.weight`, `heads.0.bias`, …; where a sequence starts, `h_0`, `c_0`
 * `[numLayers, 1, controllerSize]` and `r_0` `[readers, memoryWidth]`. The memory starts with `memory`
 * `[memoryRows, memoryWidth]`, which is no parameter, weightings with zeros. First values: the controller's weights from
 * ±5 / √(its input + controllerSize), biases 0, heads' weights Glorot's with gain 1.4, biases N(0, 0.01²), `h_0`, `c_0`
 * N(0, 0.05²), `r_0` N(0, 0.01²), `memory` from ±1 / √(memoryRows + memoryWidth).
 *
 * @example
 * ```ts
 * const cell = new NTMCell(8, { controllerSize: 32, memoryRows: 16, memoryWidth: 6 });
 * const { output, state } = cell.step(randn([3, 8]));
 * output.shape; // [3, 38]
 * state.weights.shape; // [3, 2, 16]
 * ```
 */
export class NTMCell extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "NTMCell";
  readonly inputSize: number;
  readonly controllerSize: number;
  /** Numbers of the output: controllerSize + readers · memoryWidth. */
  readonly outputSize: number;
  readonly controller: NTMController;
  readonly numLayers: number;
  readonly memoryRows: number;
  readonly memoryWidth: number;
  readonly shiftRange: number;
  /** What each head does. */
  readonly headKinds: readonly NTMHead[];
  /** What makes each head's parameters. */
  readonly heads: readonly Linear[];
  readonly h_0: Parameter | undefined;
  readonly c_0: Parameter | undefined;
  readonly r_0: Parameter;
  readonly memory: Buffer;
  readonly #machine: Machine;

  /**
   * @param inputSize numbers at each step
   * @throws OptionError for options that make no sense together
   */
  constructor(inputSize: number, options: NTMOptions = {}) {
    checkCall("NTMCell", arguments, `inputSize {${NTM_KEYS}}`);
    super();
    checkCount("NTMCell", "inputSize", inputSize);
    const { controllerSize, controller, numLayers, memoryRows, memoryWidth, heads, shiftRange } =
      checkNTMOptions("NTMCell", options);
    const readers = heads.filter((head) => head === "read").length;
    this.inputSize = inputSize;
    this.controllerSize = controllerSize;
    this.outputSize = controllerSize + readers * memoryWidth;
    this.controller = controller;
    this.numLayers = numLayers;
    this.memoryRows = memoryRows;
    this.memoryWidth = memoryWidth;
    this.shiftRange = shiftRange;
    this.headKinds = heads;
    const layers = Array.from({ length: numLayers }, (_, layer) =>
      this.#addLayer(layer, inputSize + readers * memoryWidth),
    );
    const common = memoryWidth + 2 * shiftRange + 4;
    this.heads = heads.map((head) =>
      glorotLinear(controllerSize, common + (head === "write" ? 2 * memoryWidth : 0), 1.4),
    );
    const start = [numLayers, 1, controllerSize];
    const remembers = controller === "lstm";
    this.h_0 = remembers ? normalParameter(start, 0.05) : undefined;
    this.c_0 = remembers ? normalParameter(start, 0.05) : undefined;
    this.r_0 = normalParameter([readers, memoryWidth], 0.01);
    const bound = 1 / Math.sqrt(memoryRows + memoryWidth);
    const shape = [memoryRows, memoryWidth];
    this.memory = scope(() => buffer(TRAINING ? uniform(shape, -bound, bound) : zeros(shape)));
    this.#machine = {
      ...{ controller, layers, shiftRange },
      heads: heads.map((head, i) => ({
        writes: head === "write",
        weight: this.heads[i]!.weight,
        bias: this.heads[i]!.bias!,
      })),
    };
  }

  /** Where a sequence starts, for a batch: learned, and the memory as it is kept. */
  start(batch: number): NTMState {
    checkCall("NTMCell.start", arguments, "batch:number");
    checkCount("NTMCell.start", "batch", batch);
    const { memoryRows, memoryWidth, heads, h_0, c_0, r_0, numLayers, controllerSize } = this;
    const readers = r_0.shape[0]!;
    const rest = {
      memory: expand(this.memory.reshape([1, memoryRows, memoryWidth]), [
        ...[batch, memoryRows, memoryWidth],
      ]),
      reads: expand(r_0.reshape([1, readers, memoryWidth]), [batch, readers, memoryWidth]),
      weights: zeros([batch, heads.length, memoryRows]),
    };
    if (!h_0 || !c_0) return rest;
    const shape = [numLayers, batch, controllerSize];
    return { ...rest, h: expand(h_0, shape), c: expand(c_0, shape) };
  }

  /** One step: x `[batch, inputSize]` → output `[batch, outputSize]` and the next state. */
  step(x: Tensor, state?: NTMState): { output: Tensor; state: NTMState } {
    checkCall("NTMCell.step", arguments, "x:tensor state?:object");
    checkInput("NTMCell.step", x, this.inputSize, 2);
    const [batch] = x.shape;
    const result = this.unroll(x.reshape([batch!, 1, this.inputSize]), { state });
    return { output: result.output.reshape([batch!, this.outputSize]), state: result.state };
  }

  /**
   * A sequence, `[batch, time, inputSize]` → output `[batch, time, outputSize]`, as one operation: faster than steps, with the
   * same bits.
   */
  unroll(x: Tensor, options: NTMForwardOptions & { needWeights: true }): NTMOutputWithWeights;
  unroll(x: Tensor, options?: NTMForwardOptions): NTMOutput;
  unroll(
    x: Tensor,
    options: NTMForwardOptions = {},
  ): NTMOutput & { readonly weights?: Tensor | undefined } {
    const op = "NTMCell.unroll";
    checkCall(op, arguments, "x:tensor {state:object lengths:list|tensor needWeights:boolean}");
    checkInput(op, x, this.inputSize, 3);
    const [batch, time] = x.shape as [number, number];
    const { needWeights = false } = options;
    const lengths = checkLengths(op, options.lengths, batch, time);
    const given = options.state;
    if (given) checkState(op, { ...given } as Record<string, Tensor>, this.stateShapes(batch), "");
    const { memory, reads, weights, h, c } = given ?? this.start(batch);
    const hidden = h && c ? [h, c] : [];
    const [output, ...rest] = neuralTuringMachine(
      x,
      this.#machine,
      { memory, reads, weights, hidden },
      { lengths, needWeights },
    );
    const next = { memory: rest[0]!, reads: rest[1]!, weights: rest[2]! };
    const state = h && c ? { ...next, h: rest[3]!, c: rest[4]! } : next;
    const trace = rest[3 + hidden.length];
    return { output: output!, state, ...(trace && { weights: trace }) };
  }

  /** @internal The shape of each part of a state. */
  stateShapes(batch: number): Record<string, Shape> {
    const { memoryRows, memoryWidth, heads, r_0, h_0, numLayers, controllerSize } = this;
    const hidden = [numLayers, batch, controllerSize];
    return {
      memory: [batch, memoryRows, memoryWidth],
      reads: [batch, r_0.shape[0]!, memoryWidth],
      weights: [batch, heads.length, memoryRows],
      ...(h_0 && { h: hidden, c: hidden }),
    };
  }

  /** @internal */
  get machine(): Machine {
    return this.#machine;
  }

  #addLayer(layer: number, firstInput: number): Machine["layers"][number] {
    const { controllerSize: H, controller } = this;
    const rows = controller === "lstm" ? 4 * H : H;
    const bound = 5 / Math.sqrt(firstInput + H);
    const add = (name: string, parameter: Parameter): Parameter => {
      Object.defineProperty(this, `${name}_l${layer}`, { value: parameter, enumerable: true });
      return parameter;
    };
    const input = layer === 0 ? firstInput : H;
    const inputWeight = add("weight_ih", uniformParameter([rows, input], bound));
    const lstm = controller === "lstm";
    const hiddenWeight = lstm ? add("weight_hh", uniformParameter([rows, H], bound)) : undefined;
    const inputBias = add("bias_ih", filledParameter([rows], 0));
    const hiddenBias = lstm ? add("bias_hh", filledParameter([rows], 0)) : undefined;
    return { inputWeight, inputBias, hiddenWeight, hiddenBias };
  }

  protected override extraRepr(): string {
    const { inputSize, controllerSize, controller, numLayers, memoryRows, memoryWidth } = this;
    const layers = numLayers > 1 ? `, numLayers=${numLayers}` : "";
    const memory = `memory=${memoryRows}×${memoryWidth}, heads=${this.headKinds.join("+")}`;
    return `${inputSize}, ${controllerSize}, controller=${controller}${layers}, ${memory}, shiftRange=${this.shiftRange}`;
  }
}

/** A linear layer with Glorot's weights and biases near 0. */
export function glorotLinear(inFeatures: number, outFeatures: number, gain: number): Linear {
  const linear = new Linear(inFeatures, outFeatures);
  if (TRAINING) {
    xavierUniform(linear.weight, { gain });
    normal(linear.bias!, 0, 0.01);
  }
  return linear;
}

function normalParameter(shape: Shape, std: number): Parameter {
  const parameter = filledParameter(shape, 0);
  if (TRAINING) normal(parameter, 0, std);
  return parameter;
}

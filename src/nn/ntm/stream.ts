import { noGrad } from "../../autograd/mode.js";
import { checkCall } from "../../core/check.js";
import { ScopeError, ShapeError } from "../../core/errors.js";
import { concat } from "../../ops/join.js";
import { sizesOfMachine, type MachineSizes } from "../../ops/ntm/machine.js";
import { rowsProduct } from "../../ops/ntm/panels.js";
import { lstm } from "../../ops/recurrent/lstm.js";
import type { CellDefinition } from "../../ops/recurrent/cell.js";
import type { PackedLayer, StepSizes } from "../../ops/recurrent/step.js";
import type { LayerWeights } from "../../ops/recurrent/weights.js";
import { scopeWithin } from "../../tensor/scope-stack.js";
import { empty, type Tensor } from "../../tensor/tensor.js";
import { kernels } from "../../wasm/backend.js";
import { extraKernels } from "../../wasm/extra.js";
import { CheckedView, f32 } from "../../wasm/memory.js";
import { at, type Ptr } from "../../wasm/ptr.js";
import type { Linear } from "../linear.js";
import { checkRows } from "../check-rows.js";
import { checkState } from "../recurrent-input.js";
import { readStateBytes, writeStateBytes, type StateHeader } from "../state-bytes.js";
import { StreamWeights } from "../stream-weights.js";
import type { NTMCell, NTMState } from "./cell.js";
import { NTMStreamMemory } from "./stream-memory.js";

const packFeedforward: CellDefinition["pack"] = ({ inputWeight, inputBias }, packer) => ({
  wx: packer.matrix(inputWeight),
  wh: 0,
  bias: packer.sum(inputBias),
  extra: 0,
});

/** A layer's packed weight and its bias. */
interface PackedLinear {
  readonly panels: Ptr;
  readonly bias: Ptr;
}

/**
 * A Neural Turing Machine that runs step by step: it owns packed copies of the weights, its state and its buffers, and `push`
 * allocates nothing. The weights, and where sequences start, are those of the moment it was made.
 *
 * @example
 * ```ts
 * const stream = new NTM(3, 2, { memoryRows: 8, memoryWidth: 4 }).stream();
 * stream.push(Float32Array.of(1, 0, 1)).length; // 2
 * const saved = stream.toBytes();
 * stream.fromBytes(saved);
 * ```
 */
export class NTMStream {
  declare readonly inputSize: number;
  declare readonly outputSize: number;
  /** Rows side by side at the start. */
  declare readonly batch: number;
  readonly #cell: NTMCell;
  /** Of the rows that a step computes. */
  #sizes: MachineSizes;
  #steps: StepSizes;
  readonly #weights: StreamWeights;
  readonly #heads: PackedLinear;
  readonly #fc: PackedLinear;
  readonly #memory: NTMStreamMemory;
  #input: CheckedView;
  #output: CheckedView;
  #own: Float32Array;
  /** The state at the start, part by part. */
  readonly #start: readonly Float32Array[];

  /** @internal Made by `NTM.stream()`. */
  constructor(cell: NTMCell, fc: Linear, batch: number) {
    const { machine, inputSize, memoryRows, memoryWidth, controller } = cell;
    const outputSize = fc.weight.shape[0]!;
    Object.assign(this, { inputSize, outputSize, batch });
    this.#cell = cell;
    this.#sizes = sizesOfMachine(1, batch, inputSize, machine, [memoryRows, memoryWidth]);
    this.#steps = { batch, hiddenSize: cell.controllerSize, outputSize: cell.controllerSize };
    const remembers = controller === "lstm";
    const layers = machine.layers as readonly LayerWeights[];
    const weights = new StreamWeights(layers, batch, remembers ? lstm.pack : packFeedforward);
    this.#weights = weights;
    const packed = (weight: Tensor, bias: Tensor): PackedLinear => ({
      panels: weights.matrix(weight),
      bias: weights.sum(bias),
    });
    let heads: PackedLinear | undefined;
    scopeWithin(() =>
      noGrad(() => {
        const all = machine.heads;
        heads = packed(
          concat(all.map((head) => head.weight)),
          concat(all.map((head) => head.bias)),
        );
      }),
    );
    this.#heads = heads!;
    this.#fc = packed(fc.weight, fc.bias!);
    const parts = remembers ? 2 : 0;
    this.#memory = new NTMStreamMemory(this.#sizes, cell.numLayers, parts, outputSize);
    [this.#input, this.#output, this.#own] = this.#views(batch);
    scopeWithin(() => noGrad(() => this.setState(cell.start(batch))));
    this.#start = this.#values("stream");
  }

  /** Rows now: `batch`, or as {@link select} left them. */
  get rows(): number {
    return this.#memory.rows;
  }

  /**
   * One time step.
   *
   * @param x `rows · inputSize` numbers, row by row
   * @param out where the logits go, `rows · outputSize` numbers; default: an array of the stream's own, overwritten by the
   *   next push
   */
  push(x: Float32Array, out: Float32Array = this.#own): Float32Array {
    const given = this.#input.current;
    if (!this.#memory.live) throw disposed("push");
    const fits = out instanceof Float32Array && out.length === this.#own.length;
    if (arguments.length > 2 || x?.length !== given.length || !fits)
      throw this.#wrongLength(arguments);
    given.set(x);
    const { B, I, H, N, M, heads, writers, shiftRange, parameters, reads, joined } = this.#sizes;
    const { x: fresh, input, layers, weights, memory, records, joined: both } = this.#memory;
    const { parameters: steered, output } = this.#memory;
    kernels().copyRows(input, fresh, B, I, I + reads, I);
    let from = input;
    for (let i = 0; i < layers.length; i++) {
      this.#layerStep(layers[i]!, from, this.#weights.layers[i]!);
      from = layers[i]![0]!;
    }
    const steering = { m: B, n: parameters, k: H };
    rowsProduct(steered, from, this.#heads.panels, this.#heads.bias, steering);
    const read = at(both, H);
    // prettier-ignore
    extraKernels().ntmForward(
      read, weights, records, memory, weights, steered, 0, 0, B, N, M, heads, writers, shiftRange, joined,
    );
    kernels().copyRows(both, from, B, H, joined, H);
    kernels().copyRows(at(input, I), read, B, reads, I + reads, joined);
    const answers = { m: B, n: this.outputSize, k: joined };
    rowsProduct(output, both, this.#fc.panels, this.#fc.bias, answers);
    out.set(this.#output.current);
    return out;
  }

  /**
   * Reorders, repeats or drops rows, as a beam search does: afterwards there are `order.length`, and row i goes on where
   * row `order[i]` was, its memory and weightings with it. Rows are independent of each other, to the bit in the plain build.
   *
   * @param order 1 to `batch` indices of rows, in any order
   * @throws ShapeError for none or too many; IndexError for an index out of range
   */
  select(order: Int32Array): void {
    const op = "ntm.stream.select";
    checkCall(op, arguments, "order:list");
    if (!this.#memory.live) throw disposed("select");
    checkRows(op, order, this.rows, this.batch);
    this.#memory.select(order);
    this.#resize();
  }

  /** A copy of the state. */
  state(): NTMState {
    const shapes = this.#cell.stateShapes(this.rows);
    const state: Record<string, Tensor> = {};
    if (!this.#memory.live) throw disposed("state");
    for (const part of this.#memory.parts) {
      const copy = empty(shapes[part.name]!);
      part.take(copy.storage.ptr);
      state[part.name] = copy;
    }
    return state as unknown as NTMState;
  }

  /** Continues from a state that `forward`, `step` or `state()` gave. */
  setState(state: NTMState): void {
    const op = "ntm.stream.setState";
    checkCall(op, arguments, "state:object");
    const given = { ...state } as Record<string, Tensor>;
    checkState(op, given, this.#cell.stateShapes(this.rows), "");
    if (!this.#memory.live) throw disposed("setState");
    for (const part of this.#memory.parts) part.put(given[part.name]!.address(op));
  }

  /** Back to the start, with `batch` rows. */
  reset(): void {
    if (!this.#memory.live) throw disposed("reset");
    this.#memory.rows = this.batch;
    this.#resize();
    this.#memory.parts.forEach((part, i) => this.#put(part, this.#start[i]!));
  }

  /** The state as bytes, with a version and a checksum: store them, send them, {@link fromBytes} reads them. */
  toBytes(): Uint8Array {
    return writeStateBytes(this.#header(), this.#values("toBytes"));
  }

  /**
   * Continues from a state that {@link toBytes} gave, of a stream of the same sizes.
   *
   * @throws FormatError for bytes that are damaged or of another stream; the state is left as it is
   */
  fromBytes(bytes: Uint8Array): void {
    checkCall("ntm.stream.fromBytes", arguments, "bytes:Uint8Array");
    if (!this.#memory.live) throw disposed("fromBytes");
    const values = readStateBytes(bytes, this.#header());
    let start = 0;
    for (const part of this.#memory.parts) {
      this.#put(part, values.subarray(start, start + part.size));
      start += part.size;
    }
  }

  /** Frees its memory. */
  dispose(): void {
    if (!this.#memory.live) return;
    this.#memory.free();
    this.#weights.release();
  }

  /** For the rows that the memory has. */
  #resize(): void {
    // Weights are packed for products of several rows, or of one.
    const batch = Math.max(this.rows, Math.min(this.batch, 2));
    this.#sizes = { ...this.#sizes, B: batch };
    this.#steps = { ...this.#steps, batch };
    [this.#input, this.#output, this.#own] = this.#views(this.rows);
  }

  /** The input, the output, and the array for an output that is given none. */
  #views(rows: number): [CheckedView, CheckedView, Float32Array] {
    const length = rows * this.outputSize;
    return [
      new CheckedView(this.#memory.x, rows * this.inputSize),
      new CheckedView(this.#memory.output, length),
      new Float32Array(length),
    ];
  }

  #layerStep(state: readonly Ptr[], from: Ptr, layer: PackedLayer): void {
    const { gates } = this.#memory;
    if (this.#cell.controller === "lstm") return lstm.step(state, gates, from, layer, this.#steps);
    const { B, H } = this.#sizes;
    rowsProduct(gates, from, layer.wx, layer.bias, { m: B, n: H, k: layer.inputSize });
    kernels().tanhForward(state[0]!, gates, B * H);
  }

  #put(part: NTMStreamMemory["parts"][number], values: Float32Array): void {
    f32(this.#memory.moved, part.size).set(values);
    part.put(this.#memory.moved);
  }

  #values(op: string): Float32Array[] {
    if (!this.#memory.live) throw disposed(op);
    return this.#memory.parts.map((part) => {
      part.take(this.#memory.moved);
      return f32(this.#memory.moved, part.size).slice();
    });
  }

  #header(): StateHeader {
    const { numLayers, controllerSize, memoryRows, memoryWidth, headKinds, controller } =
      this.#cell;
    const readers = headKinds.filter((head) => head === "read").length;
    return {
      cell: `ntm-${controller}`,
      sizes: [
        ...[this.#memory.parts.length, numLayers, this.rows, controllerSize],
        ...[memoryRows, memoryWidth, headKinds.length, readers],
      ],
      values: this.#memory.parts.reduce((sum, { size }) => sum + size, 0),
    };
  }

  #wrongLength(given: ArrayLike<Float32Array | undefined>): ShapeError {
    const op = "ntm.stream.push";
    checkCall(op, given, "x:list out?:Float32Array");
    return new ShapeError({
      op,
      expected: `${this.rows * this.inputSize} numbers in and room for ${this.#own.length} out`,
      got: `${given[0]!.length} and ${(given[1] ?? this.#own).length}`,
    });
  }
}

function disposed(op: string): ScopeError {
  return new ScopeError({
    op: `ntm.stream.${op}`,
    expected: "a live stream",
    got: "one that was disposed of",
  });
}

import { checkCall, checkCount } from "../core/check.js";
import { BYTES_PER_ELEMENT } from "../core/dtype.js";
import { ScopeError, ShapeError } from "../core/errors.js";
import { running } from "../core/running.js";
import type { CellDefinition } from "../ops/recurrent/cell.js";
import type { StepSizes } from "../ops/recurrent/step.js";
import type { LayerWeights } from "../ops/recurrent/weights.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { CheckedView, copyBytes, f32 } from "../wasm/memory.js";
import { at, bytesOf, offset, type Ptr } from "../wasm/ptr.js";
import { checkRows } from "./check-rows.js";
import type { Skip } from "./recurrent-options.js";
import { readStateBytes, writeStateBytes, type StateHeader } from "./state-bytes.js";
import { checkState } from "./recurrent-input.js";
import { StreamMemory } from "./stream-memory.js";
import { StreamWeights } from "./stream-weights.js";

interface StreamSizes extends StepSizes {
  readonly inputSize: number;
  /** What layers after the first get beside the outputs of the one below. */
  readonly skip: Skip;
}

/**
 * A recurrent layer that runs step by step: it owns packed copies of the weights, its state and its
 * buffers, and `push` allocates nothing. The weights are those of the moment it was made.
 *
 * @example
 * ```ts
 * const stream = new LSTM(2, 4).stream();
 * stream.push(Float32Array.of(1, 2)).length; // 4
 * const saved = stream.toBytes();
 * stream.fromBytes(saved);
 * ```
 */
export class Stream<Part extends string> {
  declare readonly inputSize: number;
  declare readonly hiddenSize: number;
  declare readonly outputSize: number;
  /** Rows at the start, and at the most. */
  declare readonly batch: number;
  readonly #sizes: StreamSizes;
  readonly #cell: CellDefinition<Part>;
  readonly #weights: StreamWeights;
  readonly #memory: StreamMemory;
  #rows: number;
  /** Rows of a step: no stream of several rows goes down to one, whose weights would be packed otherwise. */
  #steps: StepSizes;
  #input: CheckedView;
  #output: CheckedView;
  #own: Float32Array;

  /** @internal Made by a layer's `stream()`. */
  constructor(
    cell: CellDefinition<Part>,
    weights: readonly LayerWeights[] | StreamWeights,
    sizes: StreamSizes,
  ) {
    const { inputSize, hiddenSize, outputSize, batch, skip } = sizes;
    running.op = `${cell.op}.stream`;
    checkCount(running.op, "batch", batch);
    Object.assign(this, { inputSize, hiddenSize, outputSize, batch });
    this.#sizes = sizes;
    this.#cell = cell;
    this.#weights =
      weights instanceof StreamWeights
        ? weights.share()
        : new StreamWeights(weights, batch, cell.pack);
    this.#memory = new StreamMemory(batch, {
      layers: this.#weights.layers.length,
      parts: cell.parts.map((_, part) => this.#size(part)),
      input: inputSize,
      joined: { none: 0, residual: outputSize, concat: outputSize + inputSize }[skip],
      scratch: hiddenSize * cell.stepScratch,
    });
    [this.#rows, this.#steps] = [batch, sizes];
    [this.#input, this.#output, this.#own] = this.#views(batch);
  }

  /** Rows now: `batch`, or as {@link select} left them. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * One time step.
   *
   * @param x `rows · inputSize` numbers, row by row
   * @param out where the output goes, `rows · outputSize` numbers; default: an array of the stream's own,
   *   overwritten by the next push
   */
  push(x: Float32Array, out: Float32Array = this.#own): Float32Array {
    const input = this.#input.current;
    if (!this.#memory.live) throw this.#disposed("push");
    if (arguments.length > 2 || x?.length !== input.length || out?.length !== this.#own.length)
      throw this.#wrongLength(arguments);
    input.set(x);
    const { layers } = this.#weights;
    const { states, scratch } = this.#memory;
    const { skip } = this.#sizes;
    let from = this.#memory.x;
    for (let i = 0; i < layers.length; i++) {
      const state = states[i]!;
      if (i > 0 && skip === "concat") from = this.#beside(from);
      this.#cell.step(state, scratch, from, layers[i]!, this.#steps);
      from = i > 0 && skip === "residual" ? this.#plus(state[0]!, from) : state[0]!;
    }
    out.set(this.#output.current);
    return out;
  }

  /**
   * Reorders, repeats or drops rows, as a beam search does: afterwards there are `order.length`, and row i goes on where
   * row `order[i]` was. Rows are independent of each other, to the bit in the plain build.
   *
   * @param order 1 to `batch` indices of rows, in any order
   * @throws ShapeError for none or too many; IndexError for an index out of range
   */
  select(order: Int32Array): void {
    const op = `${this.#cell.op}.stream.select`;
    checkCall(op, arguments, "order:list");
    if (!this.#memory.live) throw this.#disposed("select");
    checkRows(op, order, this.#rows, this.batch);
    this.#memory.select(order);
    this.#resize(order.length);
  }

  /** A copy of the state: each part `[layers, rows, size]`. */
  state(): Record<Part, Tensor> {
    const state = {} as Record<Part, Tensor>;
    this.#eachSlab("state", (part, layer, address, bytes) => {
      state[part] ??= empty(this.#shape(part));
      copyBytes(offset(state[part].storage.ptr, layer * bytes), address, bytes);
    });
    return state;
  }

  /** Continues from a state: this layer's, or what `forward` or `state()` returned. */
  setState(state: Readonly<Record<Part, Tensor>>): void {
    const { op, parts } = this.#cell;
    checkCall(`${op}.stream.setState`, arguments, "state:object");
    const shapes = Object.fromEntries(parts.map((part) => [part, this.#shape(part)]));
    checkState(`${op}.stream.setState`, state, shapes);
    this.#eachSlab("setState", (part, layer, address, bytes) =>
      copyBytes(address, offset(state[part].address("setState"), layer * bytes), bytes),
    );
  }

  /** Back to the start: `batch` rows of zeros. */
  reset(): void {
    if (!this.#memory.live) throw this.#disposed("reset");
    this.#memory.clear();
    this.#resize(this.batch);
  }

  /** Another stream with the same weights (shared) and a copy of the state. */
  clone(): Stream<Part> {
    if (!this.#memory.live) throw this.#disposed("clone");
    const copy = new Stream(this.#cell, this.#weights, this.#sizes);
    copy.#memory.copyFrom(this.#memory);
    copy.#resize(this.#rows);
    return copy;
  }

  /** The state as bytes, with a version and a checksum: store them, send them, {@link fromBytes} reads them. */
  toBytes(): Uint8Array {
    return writeStateBytes(this.#header(), this.#slabs("toBytes"));
  }

  /**
   * Continues from a state that {@link toBytes} gave, of a stream of the same cell and sizes.
   *
   * @throws FormatError for bytes that are damaged or of another stream; the state is left as it is
   */
  fromBytes(bytes: Uint8Array): void {
    checkCall(`${this.#cell.op}.stream.fromBytes`, arguments, "bytes:Uint8Array");
    const values = readStateBytes(bytes, this.#header());
    let start = 0;
    for (const view of this.#slabs("fromBytes")) {
      view.set(values.subarray(start, start + view.length));
      start += view.length;
    }
  }

  /** Frees its memory. */
  dispose(): void {
    if (!this.#memory.live) return;
    this.#memory.free();
    this.#weights.release();
  }

  #resize(rows: number): void {
    if (rows === this.#rows) return;
    this.#rows = rows;
    this.#steps = { ...this.#sizes, batch: Math.max(rows, Math.min(this.batch, 2)) };
    [this.#input, this.#output, this.#own] = this.#views(rows);
  }

  /** The input, the output, and the array for an output that is given none. */
  #views(rows: number): [CheckedView, CheckedView, Float32Array] {
    const { x, joined, states } = this.#memory;
    const output = this.#sizes.skip === "residual" ? joined : states.at(-1)![0]!;
    const length = rows * this.outputSize;
    return [
      new CheckedView(x, rows * this.inputSize),
      new CheckedView(output, length),
      new Float32Array(length),
    ];
  }

  /** Adds what the layer read to its output (a residual connection); gives the address of the sum. */
  #plus(output: Ptr, read: Ptr): Ptr {
    const { joined } = this.#memory;
    kernels().add(joined, output, read, this.#rows * this.outputSize);
    return joined;
  }

  /** Joins the outputs of the layer below with the input; gives the address of the rows. */
  #beside(below: Ptr): Ptr {
    const { rows, inputSize, outputSize } = this;
    const { joined, x } = this.#memory;
    const row = outputSize + inputSize;
    kernels().copyRows(joined, below, rows, outputSize, row, outputSize);
    kernels().copyRows(at(joined, outputSize), x, rows, inputSize, row, inputSize);
    return joined;
  }

  #header(): StateHeader {
    const { rows, hiddenSize, outputSize } = this;
    const layers = this.#weights.layers.length;
    const projected = outputSize === hiddenSize ? [] : [outputSize];
    const columns = this.#cell.parts.reduce((sum, _, part) => sum + this.#size(part), 0);
    return {
      cell: this.#cell.op,
      sizes: [this.#cell.parts.length, layers, rows, hiddenSize, ...projected],
      values: layers * rows * columns,
    };
  }

  /** The columns of a part: h has the size of the output. */
  #size(part: number): number {
    return part === 0 ? this.outputSize : this.hiddenSize;
  }

  #shape(part: Part): [number, number, number] {
    return [this.#weights.layers.length, this.#rows, this.#size(this.#cell.parts.indexOf(part))];
  }

  #slabs(op: string): Float32Array[] {
    const views: Float32Array[] = [];
    this.#eachSlab(op, (_part, _layer, address, bytes) =>
      views.push(f32(address, bytes / BYTES_PER_ELEMENT)),
    );
    return views;
  }

  #eachSlab(
    op: string,
    visit: (part: Part, layer: number, address: Ptr, bytes: number) => void,
  ): void {
    if (!this.#memory.live) throw this.#disposed(op);
    this.#cell.parts.forEach((part, p) => {
      const bytes = bytesOf(this.#rows * this.#size(p));
      this.#memory.states.forEach((state, layer) => visit(part, layer, state[p]!, bytes));
    });
  }

  #wrongLength(given: ArrayLike<Float32Array | undefined>): ShapeError {
    const op = `${this.#cell.op}.stream.push`;
    checkCall(op, given, "x:list out?:list");
    return new ShapeError({
      op,
      expected: `${this.#rows * this.inputSize} numbers in and room for ${this.#own.length} out`,
      got: `${given[0]!.length} and ${(given[1] ?? this.#own).length}`,
    });
  }

  #disposed(op: string): ScopeError {
    return new ScopeError({
      op: `${this.#cell.op}.stream.${op}`,
      expected: "a live stream",
      got: "one that was disposed of",
    });
  }
}

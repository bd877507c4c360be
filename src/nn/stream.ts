import { BYTES_PER_ELEMENT } from "../core/dtype.js";
import { ScopeError, ShapeError } from "../core/errors.js";
import { running } from "../core/running.js";
import { checkCount, formatShape, sameShape } from "../core/shape.js";
import type { CellDefinition } from "../ops/recurrent/cell.js";
import type { StepSizes } from "../ops/recurrent/step.js";
import type { LayerWeights } from "../ops/recurrent/weights.js";
import { allocateBlock, type Storage } from "../tensor/storage.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { CheckedView, copyBytes, f32, fillZero } from "../wasm/memory.js";
import { at, bytesOf, offset, type Ptr } from "../wasm/ptr.js";
import type { Skip } from "./recurrent-options.js";
import { readStateBytes, writeStateBytes, type StateHeader } from "./state-bytes.js";
import { StreamWeights } from "./stream-weights.js";

interface StreamSizes extends StepSizes {
  readonly inputSize: number;
  /** What layers after the first get beside the outputs of the one below. */
  readonly skip: Skip;
}

/**
 * A recurrent layer that runs step by step: it owns packed copies of the weights, its state and its
 * buffers, and `push` allocates nothing. The weights are those of the moment it was made.
 */
export class Stream<Part extends string> {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly outputSize: number;
  readonly batch: number;
  readonly #sizes: StreamSizes;
  readonly #cell: CellDefinition<Part>;
  readonly #weights: StreamWeights;
  readonly #block: Storage;
  /** For each layer, the addresses of its parts. */
  readonly #states: readonly (readonly Ptr[])[];
  readonly #x: Ptr;
  /** The sum or the row that a skip connection makes; 0 without. */
  readonly #joined: Ptr;
  readonly #scratch: Ptr;
  readonly #input: CheckedView;
  readonly #output: CheckedView;
  readonly #own: Float32Array;

  /** @internal Made by a layer's `stream()`. */
  constructor(
    cell: CellDefinition<Part>,
    weights: readonly LayerWeights[] | StreamWeights,
    sizes: StreamSizes,
  ) {
    const { inputSize, hiddenSize, outputSize, batch, skip } = sizes;
    running.op = `${cell.op}.stream`;
    checkCount(running.op, "batch", batch);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.outputSize = outputSize;
    this.batch = batch;
    this.#sizes = sizes;
    this.#cell = cell;
    this.#weights =
      weights instanceof StreamWeights
        ? weights.share()
        : new StreamWeights(weights, batch, cell.pack);
    // Every layer's parts first; then the input, what a skip joins, and the scratch; each aligned.
    let floats = 0;
    const place = (columns: number): number => {
      const start = floats;
      floats += wholeLines(batch * columns);
      return start;
    };
    const places = this.#weights.layers.map(() => cell.parts.map((_, p) => place(this.#size(p))));
    const x = place(inputSize);
    const joins = { none: 0, residual: outputSize, concat: outputSize + inputSize }[skip];
    const joined = place(joins);
    const scratch = place(hiddenSize * cell.stepScratch);
    this.#block = allocateBlock(bytesOf(floats));
    const base = this.#block.ptr;
    this.#states = places.map((layer) => layer.map((start) => at(base, start)));
    this.#x = at(base, x);
    this.#joined = at(base, joined);
    this.#scratch = at(base, scratch);
    this.#input = new CheckedView(this.#x, batch * inputSize);
    const last = skip === "residual" ? this.#joined : this.#states.at(-1)![0]!;
    this.#output = new CheckedView(last, batch * outputSize);
    this.#own = new Float32Array(batch * outputSize);
    fillZero(base, this.#block.bytes);
  }

  /**
   * One time step.
   *
   * @param x `batch · inputSize` numbers, row by row
   * @param out where the output goes, `batch · outputSize` numbers; default: an array of the stream's own,
   *   overwritten by the next push
   */
  push(x: Float32Array, out: Float32Array = this.#own): Float32Array {
    const input = this.#input.current;
    if (this.#block.ptr === 0) throw this.#disposed("push");
    if (x.length !== input.length || out.length !== this.#own.length)
      throw this.#wrongLength(x, out);
    input.set(x);
    const { layers } = this.#weights;
    const { skip } = this.#sizes;
    let from = this.#x;
    for (let i = 0; i < layers.length; i++) {
      const state = this.#states[i]!;
      if (i > 0 && skip === "concat") from = this.#beside(from);
      this.#cell.step(state, this.#scratch, from, layers[i]!, this.#sizes);
      from = i > 0 && skip === "residual" ? this.#plus(state[0]!, from) : state[0]!;
    }
    out.set(this.#output.current);
    return out;
  }

  /** A copy of the state: each part `[layers, batch, size]`. */
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
    for (const part of this.#cell.parts) {
      const values: Tensor | undefined = state[part];
      if (!values || !sameShape(values.shape, this.#shape(part)))
        throw new ShapeError({
          op: `${this.#cell.op}.stream.setState`,
          expected: `${part} ${formatShape(this.#shape(part))}`,
          got: values ? formatShape(values.shape) : "none",
        });
      values.address("setState");
    }
    this.#eachSlab("setState", (part, layer, address, bytes) =>
      copyBytes(address, offset(state[part].address("setState"), layer * bytes), bytes),
    );
  }

  /** Back to zeros. */
  reset(): void {
    this.#eachSlab("reset", (_part, _layer, address, bytes) => fillZero(address, bytes));
  }

  /** Another stream with the same weights (shared) and a copy of the state. */
  clone(): Stream<Part> {
    if (this.#block.ptr === 0) throw this.#disposed("clone");
    const copy = new Stream(this.#cell, this.#weights, this.#sizes);
    copyBytes(copy.#block.ptr, this.#block.ptr, this.#block.bytes);
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
    const values = readStateBytes(bytes, this.#header());
    let start = 0;
    for (const view of this.#slabs("fromBytes")) {
      view.set(values.subarray(start, start + view.length));
      start += view.length;
    }
  }

  /** Frees its memory. */
  dispose(): void {
    if (this.#block.ptr === 0) return;
    this.#block.free();
    this.#weights.release();
  }

  /** Where an output stands with what the layer read added to it. */
  #plus(output: Ptr, read: Ptr): Ptr {
    kernels().add(this.#joined, output, read, this.batch * this.outputSize);
    return this.#joined;
  }

  /** Where the outputs of the layer below stand beside the input. */
  #beside(below: Ptr): Ptr {
    const { batch, inputSize, outputSize } = this;
    const [row, to] = [outputSize + inputSize, this.#joined];
    const behind = at(to, outputSize);
    kernels().copyRows(to, below, batch, outputSize, row, outputSize);
    kernels().copyRows(behind, this.#x, batch, inputSize, row, inputSize);
    return to;
  }

  #header(): StateHeader {
    const { batch, hiddenSize, outputSize } = this;
    const layers = this.#weights.layers.length;
    const projected = outputSize === hiddenSize ? [] : [outputSize];
    const columns = this.#cell.parts.reduce((sum, _, part) => sum + this.#size(part), 0);
    return {
      cell: this.#cell.op,
      sizes: [this.#cell.parts.length, layers, batch, hiddenSize, ...projected],
      values: layers * batch * columns,
    };
  }

  /** The columns of a part: h has the size of the output. */
  #size(part: number): number {
    return part === 0 ? this.outputSize : this.hiddenSize;
  }

  #shape(part: Part): [number, number, number] {
    return [this.#weights.layers.length, this.batch, this.#size(this.#cell.parts.indexOf(part))];
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
    if (this.#block.ptr === 0) throw this.#disposed(op);
    this.#cell.parts.forEach((part, p) => {
      const bytes = bytesOf(this.batch * this.#size(p));
      this.#states.forEach((state, layer) => visit(part, layer, state[p]!, bytes));
    });
  }

  #wrongLength(x: Float32Array, out: Float32Array): ShapeError {
    return new ShapeError({
      op: `${this.#cell.op}.stream.push`,
      expected: `${this.batch * this.inputSize} numbers in and room for ${this.#own.length} out`,
      got: `${x.length} and ${out.length}`,
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

/** Floats rounded up to whole cache lines. */
function wholeLines(floats: number): number {
  return Math.ceil(floats / 16) * 16;
}

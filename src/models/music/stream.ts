// The network step by step, for what writes: the kernels that `forward` calls, in the same order, in buffers of its own.
import { noGrad } from "../../autograd/mode.js";
import { SharedWeights } from "../../nn/decoder/shared-weights.js";
import type { Stream } from "../../nn/stream.js";
import { applyLinear, packModule, type PackedLinear } from "../../nn/transformer/stream-layers.js";
import { transpose } from "../../ops/permute.js";
import { scope } from "../../tensor/scope.js";
import { allocateBlock, type Storage } from "../../tensor/storage.js";
import { CheckedView } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import type { MusicNetwork } from "./network.js";

export class MusicStream {
  readonly #lstm: Stream<"h" | "c">;
  /** `[columns, embeddingSize]` */
  readonly #columns: Float32Array;
  readonly #bias: Float32Array;
  readonly #packer: SharedWeights;
  readonly #head: PackedLinear;
  /** What the output layer reads, and what it writes. */
  readonly #block: Storage;
  readonly #logits: Ptr;
  readonly #capacity: number;
  #vectors: Float32Array;
  #hidden!: CheckedView;
  #out!: CheckedView;
  #output: Float32Array;

  constructor(network: MusicNetwork, capacity: number) {
    this.#capacity = capacity;
    this.#lstm = network.lstm.stream({ batch: capacity });
    const { weight, bias } = network.vectors;
    this.#columns = scope(() => noGrad(() => transpose(weight, 0, 1).data()));
    this.#bias = bias!.data();
    this.#packer = new SharedWeights(capacity, "MusicModel");
    this.#head = packModule(this.#packer, network.head);
    const { n, k } = this.#head.sizes;
    const room = Math.ceil((capacity * k) / 16) * 16;
    this.#block = allocateBlock(bytesOf(room + capacity * n));
    this.#logits = at(this.#block.ptr, room);
    [this.#vectors, this.#output] = [new Float32Array(0), new Float32Array(0)];
    this.#resize();
  }

  get rows(): number {
    return this.#lstm.rows;
  }

  /** Numbers of a vector. */
  get size(): number {
    return this.#bias.length;
  }

  /** Puts the sum of some columns there, which are given in rising order. */
  sum(columns: readonly number[], to: Float32Array): void {
    to.set(this.#bias);
    for (const column of columns) this.#add(column, to, 0);
  }

  /** Sets a row's vector: a sum, and another column behind its own. */
  read(row: number, sum: Float32Array, column?: number): void {
    const at = row * this.size;
    this.#vectors.set(sum, at);
    if (column !== undefined) this.#add(column, this.#vectors, at);
  }

  #add(column: number, to: Float32Array, at: number): void {
    const [columns, size] = [this.#columns, this.size];
    for (let i = 0, from = column * size; i < size; i++) to[at + i]! += columns[from + i]!;
  }

  /** A step of all rows, of the vectors that were set; without `logits`, they only read. */
  step(logits?: Float32Array): void {
    this.#lstm.push(this.#vectors, this.#output);
    if (logits === undefined) return;
    this.#hidden.current.set(this.#output);
    // As the weights are packed for: one row, or several.
    const rows = Math.max(this.rows, Math.min(this.#capacity, 2));
    applyLinear(this.#logits, this.#block.ptr, this.#head, rows);
    logits.set(this.#out.current);
  }

  select(rows: Int32Array): void {
    this.#lstm.select(rows);
    this.#resize();
  }

  dispose(): void {
    if (this.#block.ptr === 0) return;
    this.#block.free();
    this.#lstm.dispose();
    this.#packer.release();
  }

  #resize(): void {
    const { rows } = this;
    const { n, k } = this.#head.sizes;
    if (this.#output.length === rows * k) return;
    this.#vectors = new Float32Array(rows * this.size);
    this.#output = new Float32Array(rows * k);
    this.#hidden = new CheckedView(this.#block.ptr, rows * k);
    this.#out = new CheckedView(this.#logits, rows * n);
  }
}

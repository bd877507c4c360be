import { allocateBlock, type Storage } from "../../tensor/storage.js";
import type { Tensor } from "../../tensor/tensor.js";
import { kernels } from "../../wasm/backend.js";
import { copyBytes, fillZero, i32 } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { withScratch } from "../../wasm/scratch.js";

/** Columns of what a decoder's stream keeps for each row; 0 for what it has not got. */
export interface DecoderColumns {
  readonly input: number;
  readonly hidden: number;
  readonly encoding: number;
  /** Of what each layer reads. */
  readonly reads: readonly number[];
  /** Parts of a layer's state. */
  readonly parts: number;
  readonly query: number;
  readonly context: number;
  /** Of the attentional vector. */
  readonly vector: number;
  readonly fed: number;
  readonly keys: number;
  readonly output: number;
  readonly scratch: number;
}

/** The memory of a decoder's stream, one block for up to `capacity` rows. */
export class DecoderStreamMemory {
  readonly x: Ptr;
  /** What each layer reads: [encoding | …]. */
  readonly reads: readonly Ptr[];
  /** Each layer's parts. */
  readonly states: readonly (readonly Ptr[])[];
  /** Outputs of layers with a residual connection, in turns. */
  readonly sums: readonly [Ptr, Ptr];
  readonly query: Ptr;
  readonly context: Ptr;
  /** [context | h] */
  readonly joined: Ptr;
  readonly vector: Ptr;
  readonly fed: Ptr;
  readonly weights: Ptr;
  readonly output: Ptr;
  readonly scratch: Ptr;
  /** int32: each row's row of the memory and of the encoding. */
  readonly sources: Ptr;
  readonly #capacity: number;
  readonly #columns: DecoderColumns;
  readonly #block: Storage;

  constructor(capacity: number, columns: DecoderColumns) {
    const { input, hidden, reads, parts, query, context, vector, fed, keys } = columns;
    const widths = [
      ...[input, hidden, hidden, query, context, vector > 0 ? context + hidden : 0, vector, fed],
      ...[keys, columns.output, columns.scratch, 1, ...reads],
      ...new Array<number>(reads.length * parts).fill(hidden),
    ];
    // Each begins at a cache line.
    const sizes = widths.map((width) => Math.ceil((capacity * width) / 16) * 16);
    this.#block = allocateBlock(bytesOf(sizes.reduce((sum, size) => sum + size)));
    let end = this.#block.ptr;
    const places = sizes.map((size) => {
      const place = end;
      end = at(end, size);
      return place;
    });
    const take = (): Ptr => places.shift()!;
    this.x = take();
    this.sums = [take(), take()];
    [this.query, this.context, this.joined, this.vector] = [take(), take(), take(), take()];
    [this.fed, this.weights, this.output, this.scratch] = [take(), take(), take(), take()];
    this.sources = take();
    this.reads = reads.map(take);
    this.states = reads.map(() => Array.from({ length: parts }, take));
    [this.#capacity, this.#columns] = [capacity, columns];
    fillZero(this.#block.ptr, this.#block.bytes);
  }

  /** False after `free()`. */
  get live(): boolean {
    return this.#block.ptr !== 0;
  }

  /** Puts the encodings of the rows where the layers and the output read them. */
  spread(encoding: Tensor, op: string, rows: number): void {
    const { encoding: width, reads, output } = this.#columns;
    withScratch(bytesOf(rows * width), (picked) => {
      const table = encoding.address(op);
      kernels().gatherRows(picked, table, this.sources, rows, encoding.shape[0]!, width);
      this.reads.forEach((to, layer) =>
        kernels().copyRows(to, picked, rows, width, reads[layer]!, width),
      );
      kernels().copyRows(at(this.output, output - width), picked, rows, width, output, width);
    });
  }

  /** Row i of each state, of what was fed back and of the sources becomes what row `order[i]` was. */
  select(order: Int32Array): void {
    const { hidden, fed } = this.#columns;
    const count = order.length;
    const capacity = this.#capacity;
    withScratch(bytesOf(count), (ids) =>
      withScratch(bytesOf(count * Math.max(hidden, fed)), (moved) => {
        i32(ids, count).set(order);
        const pick = (rows: Ptr, width: number): void => {
          if (width === 0) return;
          kernels().gatherRows(moved, rows, ids, count, capacity, width);
          copyBytes(rows, moved, bytesOf(count * width));
        };
        for (const part of this.states.flat()) pick(part, hidden);
        pick(this.fed, fed);
        pick(this.sources, 1);
      }),
    );
  }

  free(): void {
    this.#block.free();
  }
}

import { allocateBlock, type Storage } from "../tensor/storage.js";
import { kernels } from "../wasm/backend.js";
import { copyBytes, fillZero, i32 } from "../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";
import { withScratch } from "../wasm/scratch.js";

/** Columns of what a stream keeps for each row. */
export interface StreamColumns {
  readonly layers: number;
  /** Of each part of a layer's state; h is the first. */
  readonly parts: readonly number[];
  readonly input: number;
  /** Of what a skip connection makes of two rows; 0 without. */
  readonly joined: number;
  readonly scratch: number;
}

/** The memory of a stream: one block with each layer's state first, for up to `capacity` rows. */
export class StreamMemory {
  /** For each layer, the addresses of its parts. */
  readonly states: readonly (readonly Ptr[])[];
  readonly x: Ptr;
  readonly joined: Ptr;
  readonly scratch: Ptr;
  readonly #capacity: number;
  readonly #columns: StreamColumns;
  readonly #block: Storage;

  constructor(capacity: number, columns: StreamColumns) {
    // Each begins at a cache line.
    let floats = 0;
    const place = (width: number): number => {
      const start = floats;
      floats += Math.ceil((capacity * width) / 16) * 16;
      return start;
    };
    const { layers, parts, input, joined, scratch } = columns;
    const states = Array.from({ length: layers }, () => parts.map(place));
    const [x, join, rest] = [place(input), place(joined), place(scratch)];
    this.#capacity = capacity;
    this.#columns = columns;
    this.#block = allocateBlock(bytesOf(floats));
    const base = this.#block.ptr;
    this.states = states.map((layer) => layer.map((start) => at(base, start)));
    [this.x, this.joined, this.scratch] = [at(base, x), at(base, join), at(base, rest)];
    this.clear();
  }

  /** False after `free()`. */
  get live(): boolean {
    return this.#block.ptr !== 0;
  }

  clear(): void {
    fillZero(this.#block.ptr, this.#block.bytes);
  }

  /** Takes over the state of a stream with the same sizes. */
  copyFrom(other: StreamMemory): void {
    copyBytes(this.#block.ptr, other.#block.ptr, this.#block.bytes);
  }

  /** Row i of each state becomes what row `order[i]` was. */
  select(order: Int32Array): void {
    const { parts } = this.#columns;
    const count = order.length;
    withScratch(bytesOf(count), (ids) =>
      withScratch(bytesOf(count * Math.max(...parts)), (moved) => {
        i32(ids, count).set(order);
        for (const layer of this.states)
          parts.forEach((width, part) => {
            const state = layer[part]!;
            kernels().gatherRows(moved, state, ids, count, this.#capacity, width);
            copyBytes(state, moved, bytesOf(count * width));
          });
      }),
    );
  }

  free(): void {
    this.#block.free();
  }
}

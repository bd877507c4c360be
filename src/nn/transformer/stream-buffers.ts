import { allocateBlock, type Storage } from "../../tensor/storage.js";
import { buffer } from "../../wasm/backend.js";
import { i32 } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";

/** Columns of what a step of a stream needs for each row. */
export interface StepColumns {
  readonly dModel: number;
  readonly hidden: number;
  /** Bytes of attention's working space. */
  readonly scratchBytes: number;
  /** Features of a head. */
  readonly size: number;
}

/** The working memory of a stream of a Transformer, one block for up to so many rows. */
export class StepBuffers {
  /** What comes in, and the sums that go from part to part. */
  readonly x: Ptr;
  /** What a part reads, normalized. */
  readonly normal: Ptr;
  readonly stats: Ptr;
  readonly qkv: Ptr;
  readonly attended: Ptr;
  readonly part: Ptr;
  readonly hidden: Ptr;
  /** int32: how many of its own steps each row sees. */
  readonly counts: Ptr;
  /** int32: each row's slot of the kept steps. */
  readonly slots: Ptr;
  /** int32: how many steps of its memory each row sees, and which memory that is. */
  readonly memoryCounts: Ptr;
  readonly sources: Ptr;
  readonly angles: Ptr;
  readonly scratch: Ptr;
  readonly #block: Storage;
  readonly #rows: number;
  #ints: Int32Array;

  constructor(rows: number, { dModel, hidden, scratchBytes, size }: StepColumns) {
    const widths = [dModel, dModel, 2, 3 * dModel, dModel, dModel, hidden];
    const elements = [...widths.map((width) => rows * width), ...Array<number>(4).fill(rows), size];
    // Each begins at a cache line.
    const sizes = [...elements, scratchBytes / 4].map((count) => Math.ceil(count / 16) * 16);
    this.#block = allocateBlock(bytesOf(sizes.reduce((sum, count) => sum + count)));
    let end = this.#block.ptr;
    const take = (): Ptr => {
      const place = end;
      end = at(end, sizes.shift()!);
      return place;
    };
    [this.x, this.normal, this.stats, this.qkv] = [take(), take(), take(), take()];
    [this.attended, this.part, this.hidden] = [take(), take(), take()];
    [this.counts, this.slots, this.memoryCounts, this.sources] = [take(), take(), take(), take()];
    [this.angles, this.scratch] = [take(), take()];
    this.#rows = rows;
    this.#ints = this.#intView();
  }

  /** False after `free()`. */
  get live(): boolean {
    return this.#block.ptr !== 0;
  }

  /** Of the first rows: how many steps each sees. */
  setCounts(rows: number, count: number): void {
    this.#current().fill(count, 0, rows);
  }

  /** Of the first rows: where their steps are kept. */
  setSlots(rows: number, slots: Int32Array): void {
    const ints = this.#current();
    const start = (this.slots - this.counts) / 4;
    for (let row = 0; row < rows; row++) ints[start + row] = slots[row]!;
  }

  /** Of the first rows: which memory each reads, and how much of it. */
  setSources(rows: number, sources: Int32Array, lengths: Int32Array): void {
    const ints = this.#current();
    const [counts, index] = [this.memoryCounts, this.sources].map((p) => (p - this.counts) / 4);
    for (let row = 0; row < rows; row++) {
      const source = sources[row]!;
      ints[counts! + row] = lengths[source]!;
      ints[index! + row] = source;
    }
  }

  free(): void {
    this.#block.free();
  }

  /** The four lists of whole numbers, which stand one behind the other. */
  #intView(): Int32Array {
    return i32(this.counts, (this.sources - this.counts) / 4 + this.#rows);
  }

  /** Made anew only when the memory has grown since. */
  #current(): Int32Array {
    if (this.#ints.buffer !== buffer()) this.#ints = this.#intView();
    return this.#ints;
  }
}

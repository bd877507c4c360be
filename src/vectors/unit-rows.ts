// Unit vectors that come one by one, and the nearest of them to others: exact, by products with all of them.
import { pack, packedBytes, rowProduct } from "../ops/products.js";
import { allocateBlock, type Storage } from "../tensor/storage.js";
import { f32 } from "../wasm/memory.js";
import { at, bytesOf } from "../wasm/ptr.js";
import { withScratch } from "../wasm/scratch.js";
import { Best, searchTogether } from "./search.js";

/** Vectors that are packed together: whole panels of the kernel that multiplies one row. */
const BLOCK = 80 * 48;

interface Block {
  readonly storage: Storage;
  readonly rows: number;
}

/**
 * Rows stand twice: as they came, and packed for the product with one query, which reads all of them and so goes as fast
 * as memory does. Packed are those alone that have been searched.
 */
export class UnitRows {
  readonly dimension: number;
  #values: Float32Array<ArrayBuffer>;
  #size = 0;
  #blocks: Block[] = [];

  constructor(dimension: number) {
    this.dimension = dimension;
    this.#values = new Float32Array(16 * dimension);
  }

  get size(): number {
    return this.#size;
  }

  /** The vectors one behind the other, until more come. */
  get values(): Float32Array<ArrayBuffer> {
    return this.#values.subarray(0, this.#size * this.dimension);
  }

  /** @param vectors of length 1 or 0, one behind the other */
  add(vectors: Float32Array): void {
    const before = this.#size * this.dimension;
    const length = before + vectors.length;
    if (length > this.#values.length) {
      const grown = new Float32Array(Math.max(length, 2 * this.#values.length));
      grown.set(this.values);
      this.#values = grown;
    }
    this.#values.set(vectors, before);
    this.#size = length / this.dimension;
  }

  /** The rows nearest to a unit vector, by the cosine. */
  nearest(query: Float32Array, count: number): Best {
    this.#pack();
    const best = new Best(count);
    const { dimension: k } = this;
    const queryBytes = bytesOf(Math.ceil(k / 16) * 16);
    withScratch(queryBytes + bytesOf(this.#size) + 64, (space) => {
      f32(space, k).set(query);
      const scores = at(space, queryBytes / 4);
      this.#blocks.forEach(({ storage, rows }, i) =>
        rowProduct(at(scores, i * BLOCK), space, storage.ptr, 0, rows, k),
      );
      const all = f32(scores, this.#size);
      let { least } = best;
      for (let i = 0; i < all.length; i++) {
        if (all[i]! <= least) continue;
        best.add(i, all[i]!);
        least = best.least;
      }
    });
    return best;
  }

  /** The same for many, one behind the other, with the same bits. */
  nearestOfMany(queries: Float32Array, count: number): Best[] {
    const { values, dimension } = this;
    const inverse = new Float64Array(this.#size).fill(1);
    return searchTogether({ values, dimension, inverse }, this.#size, queries, count, () => []);
  }

  dispose(): void {
    for (const { storage } of this.#blocks) storage.free();
    this.#blocks = [];
  }

  /** Packs what has come since. */
  #pack(): void {
    const { dimension: k } = this;
    const last = this.#blocks.at(-1);
    if (last && last.rows < BLOCK && this.#blocks.length * BLOCK - BLOCK + last.rows < this.#size)
      this.#blocks.pop()!.storage.free();
    for (let first = this.#blocks.length * BLOCK; first < this.#size; first += BLOCK) {
      const rows = Math.min(BLOCK, this.#size - first);
      const storage = allocateBlock(packedBytes(k, rows));
      withScratch(bytesOf(rows * k), (space) => {
        f32(space, rows * k).set(this.#values.subarray(first * k, (first + rows) * k));
        pack("packRowBT", storage.ptr, space, k, rows, k);
      });
      this.#blocks.push({ storage, rows });
    }
  }
}

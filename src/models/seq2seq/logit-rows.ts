import type { Linear } from "../../nn/linear.js";
import { packedWeight } from "../../ops/packed-weights.js";
import { biasedProduct, productPacking, rowProduct } from "../../ops/products.js";
import { allocateBlock, type Storage } from "../../tensor/storage.js";
import { CheckedView } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";

/** What makes logits of a decoder's outputs. */
export interface OutputLayers {
  readonly projection: Linear | undefined;
  readonly head: Linear;
}

/**
 * The output layers for up to `capacity` rows of a step. The layout of the weights goes by the capacity, as in the stream:
 * a search begins with one row, and what is packed for one row would be packed anew for five.
 */
export class LogitRows {
  readonly #op: string;
  readonly #layers: OutputLayers;
  readonly #capacity: number;
  readonly #block: Storage;
  readonly #projected: Ptr;
  #view: CheckedView;
  #rows = 1;

  constructor(op: string, layers: OutputLayers, capacity: number) {
    const { projection, head } = layers;
    const classes = head.weight.shape[0]!;
    const width = projection?.weight.shape[0] ?? 0;
    [this.#op, this.#layers, this.#capacity] = [op, layers, capacity];
    // Rows of a step: at least two where the layout is that of several.
    this.#block = allocateBlock(bytesOf(capacity * (classes + width)) + 64);
    this.#projected = at(this.#block.ptr, Math.ceil((capacity * classes) / 16) * 16);
    this.#view = new CheckedView(this.#block.ptr, classes);
  }

  /** Reads `rows` outputs, row by row, and writes their logits. */
  read(output: Ptr, rows: number, logits: Float32Array): void {
    const { projection, head } = this.#layers;
    let from = output;
    if (projection) {
      this.#product(this.#projected, from, projection, rows);
      from = this.#projected;
    }
    this.#product(this.#block.ptr, from, head, rows);
    if (rows !== this.#rows) {
      this.#rows = rows;
      this.#view = new CheckedView(this.#block.ptr, logits.length);
    }
    logits.set(this.#view.current);
  }

  #product(to: Ptr, from: Ptr, { weight, bias }: Linear, rows: number): void {
    const [n, k] = weight.shape as [number, number];
    const packing = productPacking(this.#capacity);
    const panels = packedWeight(weight, packing, this.#op);
    const add = bias?.address(this.#op) ?? 0;
    if (this.#capacity === 1) rowProduct(to, from, panels, add, n, k);
    else biasedProduct(to, from, panels, add, { m: rows, n, k });
  }

  dispose(): void {
    this.#block.free();
  }
}

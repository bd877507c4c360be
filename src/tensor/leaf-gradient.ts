import { fillZero } from "../wasm/memory.js";
import { bytesOf, offset } from "../wasm/ptr.js";
import { allocateOnHeap } from "./storage.js";
import { Tensor } from "./tensor.js";

/**
 * The gradient of a leaf: a heap block kept from step to step, and whether it holds anything. It
 * lives as long as its leaf: with a scoped one it goes when the scope ends.
 */
export class LeafGradient {
  readonly tensor: Tensor;
  filled = false;
  /**
   * The ids of the rows that it was added to, where all of it came by rows; undefined where not. Of a gradient that was
   * cleared: the rows that are not zero.
   */
  rows: Int32Array[] | undefined = undefined;
  /** The version of its memory when the rows were noted: users may write to it. */
  #version = 0;

  constructor(leaf: Tensor) {
    const storage = allocateOnHeap(bytesOf(leaf.size));
    this.tensor = new Tensor(storage, leaf.shape, "float32", leaf.size);
    leaf.storage.scope?.attached.add(this.tensor);
  }

  /** False once somebody has disposed of the tensor. */
  get live(): boolean {
    return this.tensor.storage.live;
  }

  /** {@link rows}, where nobody has written to its memory since. */
  get knownRows(): Int32Array[] | undefined {
    return this.#version === this.tensor.storage.version ? this.rows : undefined;
  }

  /** Makes it ready for a kernel that adds rows, and notes which. A table of many rows is not filled with zeros at each step. */
  addRows(ids: Int32Array): void {
    const { storage, shape } = this.tensor;
    if (!this.filled) {
      const known = this.knownRows;
      const bytes = bytesOf(shape[1]!);
      if (known)
        for (const list of known)
          for (const id of list) fillZero(offset(storage.ptr, id * bytes), bytes);
      else fillZero(storage.ptr, storage.bytes);
      this.rows = [];
      this.#version = storage.version;
      this.filled = true;
    }
    this.rows?.push(ids);
  }

  /** Notes that its memory was written. @param rows the rows that are not zero, where others are */
  hold(rows: Int32Array[] | undefined): void {
    this.filled = true;
    this.rows = rows;
    this.#version = this.tensor.storage.version;
  }

  clear(): void {
    this.filled = false;
  }

  dispose(): void {
    this.filled = false;
    this.tensor.dispose();
  }
}

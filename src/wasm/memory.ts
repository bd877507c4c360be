// Views on the kernels' memory. A view is made where it is used; one that is kept is
// checked at every use, since the memory can grow under it.
import type { DataOf, DType } from "../core/dtype.js";
import { buffer } from "./backend.js";
import type { Ptr } from "./ptr.js";

export function f32(ptr: Ptr, length: number): Float32Array<ArrayBuffer> {
  return new Float32Array(buffer(), ptr, length);
}

export function i32(ptr: Ptr, length: number): Int32Array<ArrayBuffer> {
  return new Int32Array(buffer(), ptr, length);
}

export function view<D extends DType>(dtype: D, ptr: Ptr, length: number): DataOf<D> {
  return (dtype === "float32" ? f32(ptr, length) : i32(ptr, length)) as DataOf<D>;
}

/** Bytes of the whole memory. */
export function memoryBytes(): number {
  return buffer().byteLength;
}

export function fillZero(ptr: Ptr, bytes: number): void {
  wholeMemory().fill(0, ptr, ptr + bytes);
}

export function copyBytes(to: Ptr, from: Ptr, bytes: number): void {
  wholeMemory().copyWithin(to, from, from + bytes);
}

let whole = /* @__PURE__ */ new Uint8Array();

/** Kept: making a view costs more than filling a small one. */
function wholeMemory(): Uint8Array {
  if (whole.buffer !== buffer()) whole = new Uint8Array(buffer());
  return whole;
}

/**
 * A view for code that may not allocate: made anew only when the memory has grown since.
 */
export class CheckedView {
  readonly #ptr: Ptr;
  readonly #length: number;
  #view: Float32Array;

  constructor(ptr: Ptr, length: number) {
    this.#ptr = ptr;
    this.#length = length;
    this.#view = f32(ptr, length);
  }

  get current(): Float32Array {
    if (this.#view.buffer !== buffer()) this.#view = f32(this.#ptr, this.#length);
    return this.#view;
  }
}

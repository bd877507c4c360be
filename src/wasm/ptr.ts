// Addresses in the kernels' memory, as a type of their own: what is passed as a size where an address belongs, or
// the other way round, does not compile.
import { BYTES_PER_ELEMENT } from "../core/dtype.js";

declare const address: unique symbol;

/** An address in bytes; 0 means that the buffer is absent. Only the heap makes one from a number. */
export type Ptr = (number & { readonly [address]: never }) | 0;

/** The address `bytes` further on. */
export function offset(ptr: Ptr, bytes: number): Ptr {
  return (ptr + bytes) as Ptr;
}

/** The address of element number `index` of a buffer. */
export function at(ptr: Ptr, index: number): Ptr {
  return (ptr + index * BYTES_PER_ELEMENT) as Ptr;
}

/** Bytes of `elements` elements, of either dtype. */
export function bytesOf(elements: number): number {
  return elements * BYTES_PER_ELEMENT;
}

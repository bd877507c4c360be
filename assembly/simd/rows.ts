// Rows of contiguous elements of 4 bytes. In place, since a call takes as long as a row of ten elements.
import { addRest, storeRest } from "./lanes";

/** to = from, n elements; the two must not overlap. */
// @ts-ignore: decorator
@inline
export function copyRow(to: usize, from: usize, n: i32): void {
  for (; n > 4; n -= 4, to += 16, from += 16) v128.store(to, v128.load(from));
  storeRest(to, v128.load(from), n);
}

/** to += from, n float32 elements; the two must not overlap. */
// @ts-ignore: decorator
@inline
export function addRow(to: usize, from: usize, n: i32): void {
  for (; n > 4; n -= 4, to += 16, from += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  addRest(to, v128.load(from), n);
}

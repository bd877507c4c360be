// Picking and accumulating by index. Every index is checked before anything is written.
import { addRow, copyRow } from "../simd/rows";
import { assertApart, matrixBytes } from "../simd/preconditions";

/** Position of the first of n indices outside 0..limit-1, or -1. */
export function firstOutside(indices: usize, n: i32, limit: i32): i32 {
  for (let i = 0; i < n; i++) {
    if (load<u32>(indices + (<usize>i << 2)) >= <u32>limit) return i;
  }
  return -1;
}

/**
 * out[n, width] = rows of table[rows, width] by ids (int32). Returns -1, or the position of the first id outside
 * the table; then nothing is written. Overwrites; no aliasing.
 */
export function gatherRows(out: usize, table: usize, ids: usize, n: i32, rows: i32, width: i32): i32 {
  assertApart(out, matrixBytes(n, width, width), table, matrixBytes(rows, width, width));
  const bad = firstOutside(ids, n, rows);
  if (bad >= 0) return bad;
  const rowBytes = <usize>width << 2;
  for (; n > 0; n--, ids += 4, out += rowBytes) copyRow(out, table + <usize>load<u32>(ids) * rowBytes, width);
  return -1;
}

/**
 * out[rows, width] += x[n, width] by ids (int32), in the order of ids; ids equal to paddingIdx (-1: none) are left
 * out. Returns -1, or the position of the first id outside; then nothing is written. Accumulates; no aliasing.
 */
export function scatterAddRows(
  out: usize, x: usize, ids: usize, n: i32, rows: i32, width: i32, paddingIdx: i32,
): i32 {
  assertApart(out, matrixBytes(rows, width, width), x, matrixBytes(n, width, width));
  const bad = firstOutside(ids, n, rows);
  if (bad >= 0) return bad;
  const rowBytes = <usize>width << 2;
  for (; n > 0; n--, ids += 4, x += rowBytes) {
    const id = load<i32>(ids);
    if (id != paddingIdx) addRow(out + <usize>id * rowBytes, x, width);
  }
  return -1;
}

/**
 * out[outer, count, inner] = x[outer, length, inner] at indices[outer, count, inner] (int32) of the middle axis;
 * elements of 4 bytes. Returns -1, or the position of the first index outside; then nothing is written. Overwrites;
 * no aliasing.
 */
export function gatherAxis(
  out: usize, x: usize, indices: usize, outer: i32, count: i32, length: i32, inner: i32,
): i32 {
  assertApart(out, matrixBytes(outer, count * inner, count * inner), x, matrixBytes(outer, length * inner, length * inner));
  const bad = firstOutside(indices, outer * count * inner, length);
  if (bad >= 0) return bad;
  for (; outer > 0; outer--, x += <usize>(length * inner) << 2)
    for (let i = 0; i < count; i++)
      for (let column = 0; column < inner; column++, out += 4, indices += 4)
        store<u32>(out, load<u32>(x + (<usize>(load<i32>(indices) * inner + column) << 2)));
  return -1;
}

/**
 * out[outer, length, inner] += x[outer, count, inner] at indices (int32) of the middle axis, in order: the gradient of
 * `gatherAxis`, and of `maxAxis` with count 1. Returns -1, or the position of the first index outside; then nothing is
 * written. Accumulates; no aliasing.
 */
export function scatterAddAxis(
  out: usize, x: usize, indices: usize, outer: i32, count: i32, length: i32, inner: i32,
): i32 {
  assertApart(out, matrixBytes(outer, length * inner, length * inner), x, matrixBytes(outer, count * inner, count * inner));
  const bad = firstOutside(indices, outer * count * inner, length);
  if (bad >= 0) return bad;
  for (; outer > 0; outer--, out += <usize>(length * inner) << 2)
    for (let i = 0; i < count; i++)
      for (let column = 0; column < inner; column++, x += 4, indices += 4) {
        const to = out + (<usize>(load<i32>(indices) * inner + column) << 2);
        store<f32>(to, load<f32>(to) + load<f32>(x));
      }
  return -1;
}

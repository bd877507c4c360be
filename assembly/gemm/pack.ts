// Packing: from row-major matrices to the panels of panels.ts. `B` in a name takes the matrix as it
// multiplies, [k, n]; `BT` takes its transpose, [n, k], as weights are stored. `Row` packs for products
// of one row.
import { assertAligned, assertApart, matrixBytes } from "../simd/preconditions";
import { packedBytes, rowPanel, tilePanel } from "./panels";

/** dst = src [k, n] row-major with `ld` elements from row to row, in panels. Overwrites packedBytes(k, n). */
export function packB(dst: usize, src: usize, k: i32, n: i32, ld: i32): void {
  assertAligned(dst);
  assertApart(dst, packedBytes(k, n), src, matrixBytes(k, n, ld));
  for (let j = 0, w = 0; j < n; j += w) {
    w = tilePanel(n - j);
    dst = copyPanel(dst, src + (j << 2), k, w, ld);
  }
}

/** dst = the transpose of src [n, k] row-major with `ld` elements from row to row, in panels. */
export function packBT(dst: usize, src: usize, k: i32, n: i32, ld: i32): void {
  assertAligned(dst);
  assertApart(dst, packedBytes(k, n), src, matrixBytes(n, k, ld));
  for (let j = 0, w = 0; j < n; j += w) {
    w = tilePanel(n - j);
    transposePanel(dst, src, k, n, j, w, ld);
    dst += (<usize>k * w) << 2;
  }
}

/** As packB, for products of one row. */
export function packRowB(dst: usize, src: usize, k: i32, n: i32, ld: i32): void {
  assertAligned(dst);
  assertApart(dst, packedBytes(k, n), src, matrixBytes(k, n, ld));
  for (let j = 0, w = 0; j < n; j += w) {
    w = rowPanel(n - j);
    dst = copyPanel(dst, src + (j << 2), k, w, ld);
  }
}

/** As packBT, for products of one row. */
export function packRowBT(dst: usize, src: usize, k: i32, n: i32, ld: i32): void {
  assertAligned(dst);
  assertApart(dst, packedBytes(k, n), src, matrixBytes(n, k, ld));
  for (let j = 0, w = 0; j < n; j += w) {
    w = rowPanel(n - j);
    transposePanel(dst, src, k, n, j, w, ld);
    dst += (<usize>k * w) << 2;
  }
}

/** One panel of `w` columns from rows as they are; returns where the next one begins. */
function copyPanel(dst: usize, src: usize, k: i32, w: i32, ld: i32): usize {
  const stride = <usize>ld << 2;
  const bytes = <usize>w << 2;
  for (let row = 0; row < k; row++, src += stride) {
    const end = dst + bytes;
    for (let from = src; dst < end; dst += 16, from += 16) v128.store(dst, v128.load(from));
  }
  return dst;
}

/** One panel of `w` columns from columns j.. of a matrix whose rows they are: four by four. */
function transposePanel(dst: usize, src: usize, k: i32, n: i32, j: i32, w: i32, ld: i32): void {
  const last = src + ((<usize>(n - 1) * ld) << 2);
  const stride = <usize>ld << 2;
  for (let column = 0; column < w; column += 4) {
    // Columns beyond n repeat the last one: any readable memory does.
    const r0 = min(src + <usize>(j + column) * stride, last);
    transposeBlock(
      dst + (<usize>column << 2), <usize>w << 2, r0, min(r0 + stride, last), min(r0 + 2 * stride, last),
      min(r0 + 3 * stride, last), k,
    );
  }
}

/** Four rows of `k` elements become `k` rows of four, `to` bytes apart. */
// @ts-ignore: decorator
@inline
function transposeBlock(dst: usize, to: usize, r0: usize, r1: usize, r2: usize, r3: usize, k: i32): void {
  let i = 0;
  for (; i + 4 <= k; i += 4) {
    const offset = <usize>i << 2;
    const a = v128.load(r0 + offset), b = v128.load(r1 + offset);
    const c = v128.load(r2 + offset), d = v128.load(r3 + offset);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7), CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(dst, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
    v128.store(dst + to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
    v128.store(dst + 2 * to, v128.shuffle<f32>(AB, CD, 0, 1, 4, 5));
    v128.store(dst + 3 * to, v128.shuffle<f32>(AB, CD, 2, 3, 6, 7));
    dst += 4 * to;
  }
  for (; i < k; i++, dst += to) {
    const offset = <usize>i << 2;
    let row = v128.load32_zero(r0 + offset);
    row = v128.load32_lane(r1 + offset, row, 1);
    row = v128.load32_lane(r2 + offset, row, 2);
    row = v128.load32_lane(r3 + offset, row, 3);
    v128.store(dst, row);
  }
}

/**
 * dst [columns, rows] with rows `to` elements apart = the transpose of src [rows, columns], rows `ld` apart. Rows of dst
 * are written in whole vectors.
 */
export function transposeInto(dst: usize, src: usize, rows: i32, columns: i32, ld: i32, to: i32): void {
  const stride = <usize>ld << 2;
  const last = src + <usize>(rows - 1) * stride;
  for (let row = 0; row < rows; row += 4) {
    const r0 = src + <usize>row * stride;
    transposeBlock(
      dst + (<usize>row << 2), <usize>to << 2, r0, min(r0 + stride, last), min(r0 + 2 * stride, last),
      min(r0 + 3 * stride, last), columns,
    );
  }
}

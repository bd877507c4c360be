// The rows of C that meet one panel, tile by tile.
import { tile } from "./tile";

/** Where a tile puts what must not reach beyond C's last column; dead between tiles. */
const STAGE = memory.data(6 * 12 * 4);

/** C[m, columns] = init + A·panel for a panel of `width` ≥ columns. Strides in elements. */
export function panelProduct(
  columns: i32, width: i32, c: usize, ldc: i32, a: usize, lda: i32, b: usize, init: usize, ldi: i32, m: i32, kc: i32,
): void {
  const cs = <usize>ldc << 2, rowStride = <usize>lda << 2, is = <usize>ldi << 2;
  const whole = columns == width;
  for (let rows = 0; m > 0; m -= rows) {
    rows = min(m, ASC_FEATURE_RELAXED_SIMD ? 6 : 3);
    if (whole) {
      if (ASC_FEATURE_RELAXED_SIMD) {
        if (rows == 6 && width == 8) tile6x8(c, cs, a, rowStride, b, init, is, kc);
        else smallTile(rows, width, c, cs, a, rowStride, b, init, is, kc);
      } else {
        if (rows == 3 && width == 12) tile3x12(c, cs, a, rowStride, b, init, is, kc);
        else smallTile(rows, width, c, cs, a, rowStride, b, init, is, kc);
      }
    } else {
      smallTile(rows, width, STAGE, <usize>width << 2, a, rowStride, b, init, is, kc);
      for (let row = 0; row < rows; row++)
        memory.copy(c + <usize>row * cs, STAGE + (<usize>(row * width) << 2), <usize>columns << 2);
    }
    c += <usize>rows * cs;
    a += <usize>rows * rowStride;
    init += <usize>rows * is;
  }
}

// Each shape is a function of its own, called from two places so that none is inlined: inside a loop
// over tiles V8 keeps the accumulators on the stack, at half the speed.

function smallTile(
  rows: i32, width: i32, c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    if (rows == 6 && width == 8) return tile6x8(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 5 && width == 8) return tile5x8(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 4 && width == 8) return tile4x8(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 3 && width == 8) return tile3x8(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 2 && width == 8) return tile2x8(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 1 && width == 8) return tile1x8(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 6 && width == 4) return tile6x4(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 5 && width == 4) return tile5x4(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 4 && width == 4) return tile4x4(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 3 && width == 4) return tile3x4(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 2 && width == 4) return tile2x4(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 1 && width == 4) return tile1x4(c, cs, a, rowStride, b, init, is, kc);
  } else {
    if (rows == 3 && width == 12) return tile3x12(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 2 && width == 12) return tile2x12(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 1 && width == 12) return tile1x12(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 3 && width == 8) return tile3x8(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 2 && width == 8) return tile2x8(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 1 && width == 8) return tile1x8(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 3 && width == 4) return tile3x4(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 2 && width == 4) return tile2x4(c, cs, a, rowStride, b, init, is, kc);
    if (rows == 1 && width == 4) return tile1x4(c, cs, a, rowStride, b, init, is, kc);
  }
}

function tile1x4(
  c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  tile(1, 1, c, cs, a, rowStride, b, init, is, kc);
}

function tile1x8(
  c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  tile(1, 2, c, cs, a, rowStride, b, init, is, kc);
}

function tile1x12(
  c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  tile(1, 3, c, cs, a, rowStride, b, init, is, kc);
}

function tile2x4(
  c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  tile(2, 1, c, cs, a, rowStride, b, init, is, kc);
}

function tile2x8(
  c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  tile(2, 2, c, cs, a, rowStride, b, init, is, kc);
}

function tile2x12(
  c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  tile(2, 3, c, cs, a, rowStride, b, init, is, kc);
}

function tile3x4(
  c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  tile(3, 1, c, cs, a, rowStride, b, init, is, kc);
}

function tile3x8(
  c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  tile(3, 2, c, cs, a, rowStride, b, init, is, kc);
}

function tile3x12(
  c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  tile(3, 3, c, cs, a, rowStride, b, init, is, kc);
}

function tile4x4(
  c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  tile(4, 1, c, cs, a, rowStride, b, init, is, kc);
}

function tile4x8(
  c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  tile(4, 2, c, cs, a, rowStride, b, init, is, kc);
}

function tile5x4(
  c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  tile(5, 1, c, cs, a, rowStride, b, init, is, kc);
}

function tile5x8(
  c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  tile(5, 2, c, cs, a, rowStride, b, init, is, kc);
}

function tile6x4(
  c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  tile(6, 1, c, cs, a, rowStride, b, init, is, kc);
}

function tile6x8(
  c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  tile(6, 2, c, cs, a, rowStride, b, init, is, kc);
}

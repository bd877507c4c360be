// The rows of C that meet one panel, tile by tile.
import { PANEL, TILE_ROWS } from "./panels";
import { tile2x16 } from "./tile-2x16";
import { tile6x8 } from "./tile-6x8";

/** C[m, columns] = init + A·panel for a panel of `width` ≥ columns. Strides in elements. */
export function panelProduct(
  columns: i32, width: i32, c: usize, ldc: i32, a: usize, lda: i32, b: usize, init: usize, ldi: i32, m: i32, kc: i32,
): void {
  assert(kc > 0, "a tile without depth");
  const cs = <usize>ldc << 2, rowStride = <usize>lda << 2, is = <usize>ldi << 2;
  if (columns == PANEL) {
    const whole = m / TILE_ROWS;
    wholeTiles(whole, c, cs, a, rowStride, b, init, is, kc);
    const done = whole * TILE_ROWS;
    c += <usize>done * cs;
    a += <usize>done * rowStride;
    init += <usize>done * is;
    m -= done;
  }
  for (let rows = 0; m > 0; m -= rows) {
    rows = min(m, TILE_ROWS);
    anyTile(rows, width, columns, c, cs, a, rowStride, b, init, is, kc);
    c += <usize>rows * cs;
    a += <usize>rows * rowStride;
    init += <usize>rows * is;
  }
}

/** Nearly all the work. V8 unrolls the loop over k only where it stands inside another: no call here. */
function wholeTiles(
  count: i32, c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize, kc: i32,
): void {
  for (; count > 0; count--) {
    if (ASC_FEATURE_RELAXED_SIMD) tile6x8(6, true, 8, c, cs, a, rowStride, 4, b, 32, init, is, kc);
    else tile2x16(2, 4, true, 16, c, cs, a, rowStride, 4, b, 64, init, is, kc);
    c += <usize>TILE_ROWS * cs;
    a += <usize>TILE_ROWS * rowStride;
    init += <usize>TILE_ROWS * is;
  }
}

/** Any rows by any width up to the tile's. */
function anyTile(
  rows: i32, width: i32, columns: i32, c: usize, cs: usize, a: usize, rowStride: usize, b: usize, init: usize, is: usize,
  kc: i32,
): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    if (rows == 6) return tile6x8(6, false, columns, c, cs, a, rowStride, 4, b, 32, init, is, kc);
    if (rows == 5) return tile6x8(5, false, columns, c, cs, a, rowStride, 4, b, 32, init, is, kc);
    if (rows == 4) return tile6x8(4, false, columns, c, cs, a, rowStride, 4, b, 32, init, is, kc);
    if (rows == 3) return tile6x8(3, false, columns, c, cs, a, rowStride, 4, b, 32, init, is, kc);
    if (rows == 2) return tile6x8(2, false, columns, c, cs, a, rowStride, 4, b, 32, init, is, kc);
    if (rows == 1) return tile6x8(1, false, columns, c, cs, a, rowStride, 4, b, 32, init, is, kc);
  } else {
    if (rows == 2 && width == 16) return tile2x16(2, 4, false, columns, c, cs, a, rowStride, 4, b, 64, init, is, kc);
    if (rows == 2 && width == 12) return tile2x16(2, 3, false, columns, c, cs, a, rowStride, 4, b, 48, init, is, kc);
    if (rows == 2 && width == 8) return tile2x16(2, 2, false, columns, c, cs, a, rowStride, 4, b, 32, init, is, kc);
    if (rows == 2 && width == 4) return tile2x16(2, 1, false, columns, c, cs, a, rowStride, 4, b, 16, init, is, kc);
    if (rows == 1 && width == 16) return tile2x16(1, 4, false, columns, c, cs, a, rowStride, 4, b, 64, init, is, kc);
    if (rows == 1 && width == 12) return tile2x16(1, 3, false, columns, c, cs, a, rowStride, 4, b, 48, init, is, kc);
    if (rows == 1 && width == 8) return tile2x16(1, 2, false, columns, c, cs, a, rowStride, 4, b, 32, init, is, kc);
    if (rows == 1 && width == 4) return tile2x16(1, 1, false, columns, c, cs, a, rowStride, 4, b, 16, init, is, kc);
  }
}

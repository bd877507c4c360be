// The products of a block of queries with a block of keys, in whole tiles over what lies in scratch. Tiles of which no row
// sees a key are left out, and so are the keys of a tile that none of its rows sees: of a block on the diagonal about half.
// Row r of the block sees `first + r · step` of its keys, at least 0 and at most `keys`.
import { PANEL, TILE_ROWS } from "../gemm/panels";
import { tile2x16 } from "../gemm/tile-2x16";
import { tile6x8 } from "../gemm/tile-6x8";
import { firstRow, tiles } from "./layout";

const ZEROS = memory.data(64);

/** c [rows, keys] = a [rows, depth] · b, b [depth, columns] with rows `bRow` bytes apart. Overwrites where a row sees keys, whole tiles. */
export function scores(
  c: usize, cRow: usize, a: usize, aRow: usize, b: usize, bRow: usize, depth: i32, rows: i32, first: i32, step: i32, keys: i32,
): void {
  for (let key = 0; key < keys; key += PANEL) {
    const tile = firstRow(key, first, step) / TILE_ROWS;
    const from = <usize>(tile * TILE_ROWS);
    const offset = <usize>key << 2;
    down(tiles(rows) - tile, PANEL, c + from * cRow + offset, cRow, a + from * aRow, aRow, b + offset, bRow, ZEROS, 0, depth, 0, depth);
  }
}

/** c [rows, columns] += a [rows, keys] · b [keys, columns], over the keys that a tile's rows see. `columns`: whole vectors in pairs. */
export function mixed(
  c: usize, cRow: usize, a: usize, aRow: usize, b: usize, bRow: usize, columns: i32, rows: i32, first: i32, step: i32, keys: i32,
): void {
  const tile = firstRow(0, first, step) / TILE_ROWS;
  const from = <usize>(tile * TILE_ROWS);
  const kStep = step * TILE_ROWS;
  // As many as the last row of the tile sees.
  const k = first + step * (tile * TILE_ROWS + TILE_ROWS - 1);
  for (let column = 0, width = 0; column < columns; column += width) {
    width = min(PANEL, columns - column);
    const to = c + from * cRow + (<usize>column << 2);
    down(tiles(rows) - tile, width, to, cRow, a + from * aRow, aRow, b + (<usize>column << 2), bRow, to, cRow, k, kStep, keys);
  }
}

/** c [keys, columns] += aᵀ · b for a [rows, keys] and b [rows, columns], over the rows that see a tile's first key. */
export function gathered(
  c: usize, cRow: usize, a: usize, aRow: usize, b: usize, bRow: usize, columns: i32, rows: i32, first: i32, step: i32, keys: i32,
): void {
  for (let column = 0, width = 0; column < columns; column += width) {
    width = min(PANEL, columns - column);
    across(tiles(keys), width, c + (<usize>column << 2), cRow, a, aRow, b + (<usize>column << 2), bRow, rows, first, step);
  }
}

/**
 * `count` tiles one below the other: c = init + a · b over k rows of b, `kStep` more in each tile, at most `kMost`. As in
 * gemm/panel-product.ts the loop over k has to stand inside another, and no call beside it.
 */
function down(
  count: i32, width: i32, c: usize, cRow: usize, a: usize, aRow: usize, b: usize, bRow: usize, init: usize, iRow: usize, k: i32,
  kStep: i32, kMost: i32,
): void {
  if (ASC_FEATURE_RELAXED_SIMD) return downPanel(count, c, cRow, a, aRow, b, bRow, init, iRow, k, kStep, kMost);
  if (width == PANEL) downPanel(count, c, cRow, a, aRow, b, bRow, init, iRow, k, kStep, kMost);
  else downHalf(count, c, cRow, a, aRow, b, bRow, init, iRow, k, kStep, kMost);
}

function downPanel(
  count: i32, c: usize, cRow: usize, a: usize, aRow: usize, b: usize, bRow: usize, init: usize, iRow: usize, k: i32, kStep: i32,
  kMost: i32,
): void {
  for (; count > 0; count--, k += kStep) {
    const kc = min(k, kMost);
    if (ASC_FEATURE_RELAXED_SIMD) tile6x8(6, true, 8, c, cRow, a, aRow, 4, b, bRow, init, iRow, kc);
    else tile2x16(2, 4, true, 16, c, cRow, a, aRow, 4, b, bRow, init, iRow, kc);
    c += <usize>TILE_ROWS * cRow;
    a += <usize>TILE_ROWS * aRow;
    init += <usize>TILE_ROWS * iRow;
  }
}

/** Panels of eight columns in the plain build. */
function downHalf(
  count: i32, c: usize, cRow: usize, a: usize, aRow: usize, b: usize, bRow: usize, init: usize, iRow: usize, k: i32, kStep: i32,
  kMost: i32,
): void {
  for (; count > 0; count--, k += kStep) {
    tile2x16(2, 2, true, 8, c, cRow, a, aRow, 4, b, bRow, init, iRow, min(k, kMost));
    c += <usize>TILE_ROWS * cRow;
    a += <usize>TILE_ROWS * aRow;
    init += <usize>TILE_ROWS * iRow;
  }
}

/** The same for a transposed: tile t has its columns from t · TILE_ROWS on, over the rows from the first that sees a key of it. */
function across(
  count: i32, width: i32, c: usize, cRow: usize, a: usize, aRow: usize, b: usize, bRow: usize, rows: i32, first: i32, step: i32,
): void {
  if (ASC_FEATURE_RELAXED_SIMD) return acrossPanel(count, c, cRow, a, aRow, b, bRow, rows, first, step);
  if (width == PANEL) acrossPanel(count, c, cRow, a, aRow, b, bRow, rows, first, step);
  else acrossHalf(count, c, cRow, a, aRow, b, bRow, rows, first, step);
}

function acrossPanel(
  count: i32, c: usize, cRow: usize, a: usize, aRow: usize, b: usize, bRow: usize, rows: i32, first: i32, step: i32,
): void {
  for (let key = 0; count > 0; count--, key += TILE_ROWS) {
    const row = firstRow(key, first, step);
    if (row >= rows) return;
    const from = a + <usize>row * aRow, by = b + <usize>row * bRow;
    if (ASC_FEATURE_RELAXED_SIMD) tile6x8(6, true, 8, c, cRow, from, 4, aRow, by, bRow, c, cRow, rows - row);
    else tile2x16(2, 4, true, 16, c, cRow, from, 4, aRow, by, bRow, c, cRow, rows - row);
    c += <usize>TILE_ROWS * cRow;
    a += <usize>TILE_ROWS << 2;
  }
}

function acrossHalf(
  count: i32, c: usize, cRow: usize, a: usize, aRow: usize, b: usize, bRow: usize, rows: i32, first: i32, step: i32,
): void {
  for (let key = 0; count > 0; count--, key += TILE_ROWS) {
    const row = firstRow(key, first, step);
    if (row >= rows) return;
    const from = a + <usize>row * aRow, by = b + <usize>row * bRow;
    tile2x16(2, 2, true, 8, c, cRow, from, 4, aRow, by, bRow, c, cRow, rows - row);
    c += <usize>TILE_ROWS * cRow;
    a += <usize>TILE_ROWS << 2;
  }
}

// Products of several rows. C [m, n] row-major with `ldc` elements from row to row; A [m, k] with `lda`;
// B packed by packB or packBT. C must overlap none of its inputs.
import { assertAligned, assertApart, matrixBytes } from "../simd/preconditions";
import { transposeInto } from "./pack";
import { packedBytes, PANEL, TILE_ROWS, tilePanel } from "./panels";
import { panelProduct } from "./panel-product";

/** The most of k in one sweep: a panel's slice of 16 kB and the rows that meet it stay in the first-level cache. */
const BLOCK_K: i32 = 4096 / PANEL;
/** Bytes of A that stay in the second-level cache while every panel passes. */
const BLOCK_A: i32 = 256 * 1024;
/** Elements of C that stay there between the sweeps over them, where there are several, and the most columns. */
const BLOCK_C: i32 = 128 * 1024;
const BLOCK_COLUMNS: i32 = 512;
/** The most of k in one sweep, and rows of C at a time, where A has to be transposed first. */
const BLOCK_KT: i32 = 256;
const BLOCK_ROWST: i32 = 256 / TILE_ROWS * TILE_ROWS;
/** Elements between the transposed rows, beyond their length: power-of-two strides fall into one cache set. */
const SKEW: i32 = 16;

const ZEROS = memory.data(64);

/** C = A·B, plus `bias` [n] in every row where it is not 0. Overwrites. */
export function gemm(
  c: usize, a: usize, b: usize, bias: usize, m: i32, n: i32, k: i32, lda: i32, ldc: i32,
): void {
  assertProduct(c, a, matrixBytes(m, k, lda), b, m, n, k, ldc);
  if (k == 0) return fillRows(c, bias, m, n, ldc);
  sweeps(c, a, b, bias, m, n, k, lda, ldc, true);
}

/** C += A·B. */
export function gemmAcc(c: usize, a: usize, b: usize, m: i32, n: i32, k: i32, lda: i32, ldc: i32): void {
  assertProduct(c, a, matrixBytes(m, k, lda), b, m, n, k, ldc);
  sweeps(c, a, b, 0, m, n, k, lda, ldc, false);
}

/** Bytes of scratch that gemmTN and gemmTNAcc need for m rows of C. */
export function gemmTNScratchBytes(m: i32): usize {
  return (<usize>min(m, BLOCK_ROWST) * (BLOCK_KT + SKEW)) << 2;
}

/** C = Aᵀ·B for A [k, m] row-major with `lda` elements from row to row: a weight's gradient. Overwrites. */
export function gemmTN(
  c: usize, a: usize, b: usize, scratch: usize, m: i32, n: i32, k: i32, lda: i32, ldc: i32,
): void {
  assertProduct(c, a, matrixBytes(k, m, lda), b, m, n, k, ldc);
  if (k == 0) return fillRows(c, 0, m, n, ldc);
  transposedSweeps(c, a, b, scratch, m, n, k, lda, ldc, true);
}

/** C += Aᵀ·B, as gemmTN. */
export function gemmTNAcc(
  c: usize, a: usize, b: usize, scratch: usize, m: i32, n: i32, k: i32, lda: i32, ldc: i32,
): void {
  assertProduct(c, a, matrixBytes(k, m, lda), b, m, n, k, ldc);
  transposedSweeps(c, a, b, scratch, m, n, k, lda, ldc, false);
}

// @ts-ignore: decorator
@inline
function assertProduct(c: usize, a: usize, aBytes: usize, b: usize, m: i32, n: i32, k: i32, ldc: i32): void {
  const cBytes = matrixBytes(m, n, ldc);
  assertAligned(b);
  assertApart(c, cBytes, a, aBytes);
  assertApart(c, cBytes, b, packedBytes(k, n));
}

/** Block after block of C, each over the whole of k before the next. */
function sweeps(
  c: usize, a: usize, b: usize, bias: usize, m: i32, n: i32, k: i32, lda: i32, ldc: i32, overwrite: bool,
): void {
  const depth = evenly(k, BLOCK_K);
  let columns = n, rows = m;
  if (depth < k) {
    columns = min(BLOCK_COLUMNS, (n + PANEL - 1) & -PANEL);
    rows = BLOCK_C / columns / TILE_ROWS * TILE_ROWS;
  }
  for (let column = 0; column < n; column += columns)
    for (let row = 0; row < m; row += rows)
      for (let from = 0; from < k; from += depth)
        sweep(
          c + ((<usize>row * ldc + column) << 2), a + ((<usize>row * lda + from) << 2), b + ((<usize>column * k) << 2),
          bias ? bias + (<usize>column << 2) : 0, min(rows, m - row), min(columns, n - column), k, from,
          min(depth, k - from), lda, ldc, overwrite && from == 0,
        );
}

/** The same for A [k, m], which is transposed block after block. */
function transposedSweeps(
  c: usize, a: usize, b: usize, scratch: usize, m: i32, n: i32, k: i32, lda: i32, ldc: i32, overwrite: bool,
): void {
  const depth = evenly(k, BLOCK_KT);
  for (let row = 0; row < m; row += BLOCK_ROWST)
    for (let from = 0; from < k; from += depth) {
      const rows = min(BLOCK_ROWST, m - row), kc = min(depth, k - from);
      transposeInto(scratch, a + ((<usize>from * lda + row) << 2), kc, rows, lda, BLOCK_KT + SKEW);
      sweep(
        c + ((<usize>row * ldc) << 2), scratch, b, 0, rows, n, k, from, kc, BLOCK_KT + SKEW, ldc, overwrite && from == 0,
      );
    }
}

/** k in sweeps of one length, at most `most`: a short one costs as much in C as a long one. */
function evenly(k: i32, most: i32): i32 {
  const count = (k - 1) / most + 1;
  return (k + count - 1) / count;
}

/** C (+)= A·B over the rows from..from+kc of B, whose panels are k rows high. */
function sweep(
  c: usize, a: usize, b: usize, bias: usize, m: i32, n: i32, k: i32, from: i32, kc: i32, lda: i32, ldc: i32,
  overwrite: bool,
): void {
  // Rows of A at a time, a multiple of the tile's.
  const rows = max(1, BLOCK_A / 4 / max(1, kc) / TILE_ROWS) * TILE_ROWS;
  for (let row = 0; row < m; row += rows) {
    const count = min(rows, m - row);
    const cRow = c + ((<usize>row * ldc) << 2);
    const aRow = a + ((<usize>row * lda) << 2);
    for (let j = 0, w = 0; j < n; j += w) {
      w = tilePanel(n - j);
      const panel = b + ((<usize>j * k + <usize>from * w) << 2);
      const cPanel = cRow + (<usize>j << 2);
      const init = !overwrite ? cPanel : bias ? bias + (<usize>j << 2) : ZEROS;
      const ldi = overwrite ? 0 : ldc;
      panelProduct(min(w, n - j), w, cPanel, ldc, aRow, lda, panel, init, ldi, count, kc);
    }
  }
}

/** A product of no depth: every row is the bias, or zeros. */
function fillRows(c: usize, bias: usize, m: i32, n: i32, ldc: i32): void {
  const bytes = <usize>n << 2;
  for (let row = 0; row < m; row++, c += <usize>ldc << 2) {
    if (bias) memory.copy(c, bias, bytes);
    else memory.fill(c, 0, bytes);
  }
}

// Products of several rows. C [m, n] row-major with `ldc` elements from row to row; A [m, k] with `lda`;
// B packed by packB or packBT. C must overlap none of its inputs.
import { transposeInto } from "./pack";
import { PANEL, TILE_ROWS, tilePanel } from "./panels";
import { panelProduct } from "./panel-product";

/** k in one sweep: a panel's slice of 16 kB and the rows that meet it stay in the first-level cache. */
const BLOCK_K: i32 = 4096 / PANEL;
/** Bytes of A that stay in the second-level cache while every panel passes. */
const BLOCK_A: i32 = 256 * 1024;
/** k in one sweep where A has to be transposed first. */
const BLOCK_KT: i32 = 256;
/** Elements between the transposed rows, beyond their length: power-of-two strides fall into one cache set. */
const SKEW: i32 = 16;

const ZEROS = memory.data(64);

/** C = A·B, plus `bias` [n] in every row where it is not 0. Overwrites. */
export function gemm(
  c: usize, a: usize, b: usize, bias: usize, m: i32, n: i32, k: i32, lda: i32, ldc: i32,
): void {
  if (k == 0) return fillRows(c, bias, m, n, ldc);
  for (let from = 0; from < k; from += BLOCK_K)
    sweep(c, a + (<usize>from << 2), b, bias, m, n, k, from, min(BLOCK_K, k - from), lda, ldc, from == 0);
}

/** C += A·B. */
export function gemmAcc(c: usize, a: usize, b: usize, m: i32, n: i32, k: i32, lda: i32, ldc: i32): void {
  for (let from = 0; from < k; from += BLOCK_K)
    sweep(c, a + (<usize>from << 2), b, 0, m, n, k, from, min(BLOCK_K, k - from), lda, ldc, false);
}

/** Bytes of scratch that gemmTN and gemmTNAcc need for m rows of C. */
export function gemmTNScratchBytes(m: i32): usize {
  return (<usize>m * (BLOCK_KT + SKEW)) << 2;
}

/** C = Aᵀ·B for A [k, m] row-major with `lda` elements from row to row: a weight's gradient. Overwrites. */
export function gemmTN(
  c: usize, a: usize, b: usize, scratch: usize, m: i32, n: i32, k: i32, lda: i32, ldc: i32,
): void {
  if (k == 0) return fillRows(c, 0, m, n, ldc);
  transposedSweeps(c, a, b, scratch, m, n, k, lda, ldc, true);
}

/** C += Aᵀ·B, as gemmTN. */
export function gemmTNAcc(
  c: usize, a: usize, b: usize, scratch: usize, m: i32, n: i32, k: i32, lda: i32, ldc: i32,
): void {
  transposedSweeps(c, a, b, scratch, m, n, k, lda, ldc, false);
}

function transposedSweeps(
  c: usize, a: usize, b: usize, scratch: usize, m: i32, n: i32, k: i32, lda: i32, ldc: i32, overwrite: bool,
): void {
  for (let from = 0; from < k; from += BLOCK_KT) {
    const kc = min(BLOCK_KT, k - from);
    transposeInto(scratch, a + ((<usize>from * lda) << 2), kc, m, lda, BLOCK_KT + SKEW);
    sweep(c, scratch, b, 0, m, n, k, from, kc, BLOCK_KT + SKEW, ldc, overwrite && from == 0);
  }
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

// The register tile of the plain build: up to 2 rows by 4 vectors of C stay in registers while k runs.
// Eight accumulators, four vectors of B, two broadcast elements of A and one product are the 15 registers
// that older V8 has for them, because it moves all loads of an iteration to its top: 3 by 3 does not fit.
// One source, folded by its constant arguments into each shape. Every element of C has one accumulator that
// takes k in order, so its bits depend on no tile, panel or row around it.
import { storeLast } from "../simd/lanes";
import { madd } from "../simd/madd";

/**
 * C[rows, columns] = init + A·B over kc > 0 for a panel of vectors·4 columns. Strides in bytes: `lda` from row to row of A,
 * `aStep` along k, `bStep` from row to row of B, `ldc` of C, `ldi` of init (0 repeats one row: a bias). `whole`: all columns
 * of the panel, by plain stores; else the last vector may be one in part.
 */
// @ts-ignore: decorator
@inline
export function tile2x16(
  rows: i32, vectors: i32, whole: bool, columns: i32, c: usize, ldc: usize, a: usize, lda: usize, aStep: usize, b: usize,
  bStep: usize, init: usize, ldi: usize, kc: i32,
): void {
  let c00 = v128.load(init), c01 = c00, c02 = c00, c03 = c00;
  if (vectors > 1) c01 = v128.load(init, 16);
  if (vectors > 2) c02 = v128.load(init, 32);
  if (vectors > 3) c03 = v128.load(init, 48);
  let c10 = c00, c11 = c00, c12 = c00, c13 = c00;
  if (rows > 1) {
    init += ldi;
    c10 = v128.load(init);
    if (vectors > 1) c11 = v128.load(init, 16);
    if (vectors > 2) c12 = v128.load(init, 32);
    if (vectors > 3) c13 = v128.load(init, 48);
  }

  let a0 = a, a1 = a0 + lda;
  const end = b + <usize>kc * bStep;
  do {
    const x0 = v128.load32_splat(a0);
    const b0 = v128.load(b);
    c00 = madd(x0, b0, c00);
    let b1 = b0, b2 = b0, b3 = b0;
    if (vectors > 1) {
      b1 = v128.load(b, 16);
      c01 = madd(x0, b1, c01);
    }
    if (vectors > 2) {
      b2 = v128.load(b, 32);
      c02 = madd(x0, b2, c02);
    }
    if (vectors > 3) {
      b3 = v128.load(b, 48);
      c03 = madd(x0, b3, c03);
    }
    a0 += aStep;
    if (rows > 1) {
      const x1 = v128.load32_splat(a1);
      c10 = madd(x1, b0, c10);
      if (vectors > 1) c11 = madd(x1, b1, c11);
      if (vectors > 2) c12 = madd(x1, b2, c12);
      if (vectors > 3) c13 = madd(x1, b3, c13);
      a1 += aStep;
    }
    b += bStep;
  } while (b < end);

  storeRow(c, vectors, whole, columns, c00, c01, c02, c03);
  if (rows > 1) storeRow(c + ldc, vectors, whole, columns, c10, c11, c12, c13);
}

// @ts-ignore: decorator
@inline
function storeRow(c: usize, vectors: i32, whole: bool, columns: i32, v0: v128, v1: v128, v2: v128, v3: v128): void {
  if (vectors > 1) v128.store(c, v0);
  if (vectors > 2) v128.store(c, v1, 16);
  if (vectors > 3) v128.store(c, v2, 32);
  const last = vectors > 3 ? v3 : vectors > 2 ? v2 : vectors > 1 ? v1 : v0;
  const to = c + (<usize>(vectors - 1) << 4);
  if (whole) v128.store(to, last);
  else storeLast(to, last, columns - (vectors - 1) * 4);
}

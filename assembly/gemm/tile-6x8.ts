// The register tile of the relaxed build: up to 6 rows by 2 vectors of C stay in registers while k runs.
// Twelve chains keep units busy whose fused multiply-add takes four cycles or more, and a product needs no
// register of its own. Otherwise as tile-2x16.ts. A narrower panel is filled up to 8 columns: half as many variants.
import { storeLastPair } from "../simd/lanes";
import { madd } from "../simd/madd";

/**
 * C[rows, columns] = init + A·B over kc > 0. Strides in bytes: `lda` from row to row of A, `aStep` along k, `bStep` from row
 * to row of B, `ldc` of C, `ldi` of init (0 repeats one row: a bias). `whole`: 8 columns, by plain stores; else there may
 * be fewer.
 */
// @ts-ignore: decorator
@inline
export function tile6x8(
  rows: i32, whole: bool, columns: i32, c: usize, ldc: usize, a: usize, lda: usize, aStep: usize, b: usize, bStep: usize,
  init: usize, ldi: usize, kc: i32,
): void {
  let c00 = v128.load(init), c01 = v128.load(init, 16);
  let c10 = c00, c11 = c00;
  if (rows > 1) {
    init += ldi;
    c10 = v128.load(init);
    c11 = v128.load(init, 16);
  }
  let c20 = c00, c21 = c00;
  if (rows > 2) {
    init += ldi;
    c20 = v128.load(init);
    c21 = v128.load(init, 16);
  }
  let c30 = c00, c31 = c00;
  if (rows > 3) {
    init += ldi;
    c30 = v128.load(init);
    c31 = v128.load(init, 16);
  }
  let c40 = c00, c41 = c00;
  if (rows > 4) {
    init += ldi;
    c40 = v128.load(init);
    c41 = v128.load(init, 16);
  }
  let c50 = c00, c51 = c00;
  if (rows > 5) {
    init += ldi;
    c50 = v128.load(init);
    c51 = v128.load(init, 16);
  }

  const r2 = lda << 1, r3 = lda * <usize>3, r4 = lda << 2, r5 = lda * <usize>5;
  const end = b + <usize>kc * bStep;
  do {
    const x0 = v128.load32_splat(a);
    const b0 = v128.load(b);
    c00 = madd(x0, b0, c00);
    const b1 = v128.load(b, 16);
    c01 = madd(x0, b1, c01);
    if (rows > 1) {
      const x1 = v128.load32_splat(a + lda);
      c10 = madd(x1, b0, c10);
      c11 = madd(x1, b1, c11);
    }
    if (rows > 2) {
      const x2 = v128.load32_splat(a + r2);
      c20 = madd(x2, b0, c20);
      c21 = madd(x2, b1, c21);
    }
    if (rows > 3) {
      const x3 = v128.load32_splat(a + r3);
      c30 = madd(x3, b0, c30);
      c31 = madd(x3, b1, c31);
    }
    if (rows > 4) {
      const x4 = v128.load32_splat(a + r4);
      c40 = madd(x4, b0, c40);
      c41 = madd(x4, b1, c41);
    }
    if (rows > 5) {
      const x5 = v128.load32_splat(a + r5);
      c50 = madd(x5, b0, c50);
      c51 = madd(x5, b1, c51);
    }
    a += aStep;
    b += bStep;
  } while (b < end);

  storeRow(c, whole, columns, c00, c01);
  if (rows > 1) storeRow(c + ldc, whole, columns, c10, c11);
  if (rows > 2) storeRow(c + 2 * ldc, whole, columns, c20, c21);
  if (rows > 3) storeRow(c + 3 * ldc, whole, columns, c30, c31);
  if (rows > 4) storeRow(c + 4 * ldc, whole, columns, c40, c41);
  if (rows > 5) storeRow(c + 5 * ldc, whole, columns, c50, c51);
}

// @ts-ignore: decorator
@inline
function storeRow(c: usize, whole: bool, columns: i32, v0: v128, v1: v128): void {
  if (whole) {
    v128.store(c, v0);
    v128.store(c, v1, 16);
  } else storeLastPair(c, v0, v1, columns);
}

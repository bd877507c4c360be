// The register tile: up to 6 rows by 3 vectors of C stay in registers while k runs. One source, folded
// by its constant arguments into each shape that panels.ts and gemm.ts ask for. A's elements are
// broadcast by the load, B's vectors come in order, and the loop holds nothing else. Every element of C
// has one accumulator that takes k in order, so its bits depend on no tile, panel or row around it.
import { madd } from "../simd/madd";

/**
 * C[rows, vectors·4] = init + A·B over kc. Strides in bytes: `lda` from row to row of A, `ldc` of C,
 * `ldi` of init (0 repeats one row: a bias). Whole vectors are stored.
 */
// @ts-ignore: decorator
@inline
export function tile(
  rows: i32, vectors: i32, c: usize, ldc: usize, a: usize, lda: usize, b: usize, init: usize, ldi: usize, kc: i32,
): void {
  let i = init;
  let c00 = v128.load(i), c01 = c00, c02 = c00;
  if (vectors > 1) c01 = v128.load(i, 16);
  if (vectors > 2) c02 = v128.load(i, 32);
  let c10 = c00, c11 = c00, c12 = c00;
  if (rows > 1) {
    i += ldi;
    c10 = v128.load(i);
    if (vectors > 1) c11 = v128.load(i, 16);
    if (vectors > 2) c12 = v128.load(i, 32);
  }
  let c20 = c00, c21 = c00, c22 = c00;
  if (rows > 2) {
    i += ldi;
    c20 = v128.load(i);
    if (vectors > 1) c21 = v128.load(i, 16);
    if (vectors > 2) c22 = v128.load(i, 32);
  }
  let c30 = c00, c31 = c00, c32 = c00;
  if (rows > 3) {
    i += ldi;
    c30 = v128.load(i);
    if (vectors > 1) c31 = v128.load(i, 16);
    if (vectors > 2) c32 = v128.load(i, 32);
  }
  let c40 = c00, c41 = c00, c42 = c00;
  if (rows > 4) {
    i += ldi;
    c40 = v128.load(i);
    if (vectors > 1) c41 = v128.load(i, 16);
    if (vectors > 2) c42 = v128.load(i, 32);
  }
  let c50 = c00, c51 = c00, c52 = c00;
  if (rows > 5) {
    i += ldi;
    c50 = v128.load(i);
    if (vectors > 1) c51 = v128.load(i, 16);
    if (vectors > 2) c52 = v128.load(i, 32);
  }

  let a0 = a, a1 = a + lda, a2 = a + 2 * lda, a3 = a + 3 * lda, a4 = a + 4 * lda, a5 = a + 5 * lda;
  // A counter of its own: ending on a pointer makes V8 keep the accumulators on the stack.
  for (let step = 0; step < kc; step++) {
    const b0 = v128.load(b);
    let b1 = b0, b2 = b0;
    if (vectors > 1) b1 = v128.load(b, 16);
    if (vectors > 2) b2 = v128.load(b, 32);
    const x0 = v128.load32_splat(a0);
    c00 = madd(x0, b0, c00);
    if (vectors > 1) c01 = madd(x0, b1, c01);
    if (vectors > 2) c02 = madd(x0, b2, c02);
    a0 += 4;
    if (rows > 1) {
      const x1 = v128.load32_splat(a1);
      c10 = madd(x1, b0, c10);
      if (vectors > 1) c11 = madd(x1, b1, c11);
      if (vectors > 2) c12 = madd(x1, b2, c12);
      a1 += 4;
    }
    if (rows > 2) {
      const x2 = v128.load32_splat(a2);
      c20 = madd(x2, b0, c20);
      if (vectors > 1) c21 = madd(x2, b1, c21);
      if (vectors > 2) c22 = madd(x2, b2, c22);
      a2 += 4;
    }
    if (rows > 3) {
      const x3 = v128.load32_splat(a3);
      c30 = madd(x3, b0, c30);
      if (vectors > 1) c31 = madd(x3, b1, c31);
      if (vectors > 2) c32 = madd(x3, b2, c32);
      a3 += 4;
    }
    if (rows > 4) {
      const x4 = v128.load32_splat(a4);
      c40 = madd(x4, b0, c40);
      if (vectors > 1) c41 = madd(x4, b1, c41);
      if (vectors > 2) c42 = madd(x4, b2, c42);
      a4 += 4;
    }
    if (rows > 5) {
      const x5 = v128.load32_splat(a5);
      c50 = madd(x5, b0, c50);
      if (vectors > 1) c51 = madd(x5, b1, c51);
      if (vectors > 2) c52 = madd(x5, b2, c52);
      a5 += 4;
    }
    b += <usize>vectors << 4;
  }

  storeRow(c, vectors, c00, c01, c02);
  if (rows > 1) storeRow(c + ldc, vectors, c10, c11, c12);
  if (rows > 2) storeRow(c + 2 * ldc, vectors, c20, c21, c22);
  if (rows > 3) storeRow(c + 3 * ldc, vectors, c30, c31, c32);
  if (rows > 4) storeRow(c + 4 * ldc, vectors, c40, c41, c42);
  if (rows > 5) storeRow(c + 5 * ldc, vectors, c50, c51, c52);
}

// @ts-ignore: decorator
@inline
function storeRow(c: usize, vectors: i32, v0: v128, v1: v128, v2: v128): void {
  v128.store(c, v0);
  if (vectors > 1) v128.store(c, v1, 16);
  if (vectors > 2) v128.store(c, v2, 32);
}

// The product inside a time loop: [batch, k] · packed [k, n], by the kernel that fits the batch.
import { gemm, gemmAcc } from "../gemm/gemm";
import { gemv, gemvAcc } from "../gemm/gemv";
import { packB, packBT, packRowB, packRowBT } from "../gemm/pack";

/** Packs src [k, n] for the products of a time loop with this batch. Overwrites packedBytes(k, n). */
export function packRecurrentB(dst: usize, src: usize, k: i32, n: i32, batch: i32): void {
  if (batch == 1) packRowB(dst, src, k, n, n);
  else packB(dst, src, k, n, n);
}

/** Packs the transpose of src [n, k], as packRecurrentB. */
export function packRecurrentBT(dst: usize, src: usize, k: i32, n: i32, batch: i32): void {
  if (batch == 1) packRowBT(dst, src, k, n, k);
  else packBT(dst, src, k, n, k);
}

/** C [batch, n] = A [batch, k] · B (+ bias where it is not 0), B from packRecurrent…. */
// @ts-ignore: decorator
@inline
export function product(c: usize, a: usize, b: usize, bias: usize, batch: i32, n: i32, k: i32): void {
  if (batch == 1) gemv(c, a, b, bias, n, k);
  else gemm(c, a, b, bias, batch, n, k, k, n);
}

/** C += A · B. */
// @ts-ignore: decorator
@inline
export function productAcc(c: usize, a: usize, b: usize, batch: i32, n: i32, k: i32): void {
  if (batch == 1) gemvAcc(c, a, b, n, k);
  else gemmAcc(c, a, b, batch, n, k, k, n);
}

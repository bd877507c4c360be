// The products inside a time loop: [batch, k] · packed [k, n], by the kernel that fits the batch, and the
// recurrent dropout on what they read. B is packed by packRowB or packRowBT for one row, else by packB or packBT.
import { gemm, gemmAcc } from "../gemm/gemm";
import { gemv, gemvAcc } from "../gemm/gemv";
import { mul } from "../ops/broadcast";
import { axpy } from "../ops/elementwise";
import { isActive } from "./rows";

/** C [batch, n] = A [batch, k] · B (+ bias where it is not 0), rows `ldc` and `lda` elements apart. */
// @ts-ignore: decorator
@inline
export function product(
  c: usize, a: usize, b: usize, bias: usize, batch: i32, n: i32, k: i32, lda: i32 = k, ldc: i32 = n,
): void {
  if (batch == 1) gemv(c, a, b, bias, n, k);
  else gemm(c, a, b, bias, batch, n, k, lda, ldc);
}

/** C += A · B. */
// @ts-ignore: decorator
@inline
export function productAcc(
  c: usize, a: usize, b: usize, batch: i32, n: i32, k: i32, lda: i32 = k, ldc: i32 = n,
): void {
  if (batch == 1) gemvAcc(c, a, b, n, k);
  else gemmAcc(c, a, b, batch, n, k, lda, ldc);
}

/** What a step's recurrent products read: h, or with a mask h ⊙ mask, which stays in `masked`. n elements. */
// @ts-ignore: decorator
@inline
export function masking(h: usize, mask: usize, masked: usize, n: i32): usize {
  if (mask == 0) return h;
  mul(masked, h, mask, n);
  return masked;
}

/**
 * Back through step t's recurrent product where it is all that reads h [B, n]: dh = (gates [B, k] · B) ⊙ mask.
 * The gates of a row past its length are 0, and its dh passes through.
 */
export function productBackward(
  dh: usize, gates: usize, wh: usize, lengths: usize, mask: usize, t: i32, B: i32, n: i32, k: i32,
): void {
  const bytes = <usize>n << 2;
  if (lengths) {
    for (let row = 0; row < B; row++)
      if (isActive(lengths, row, t)) memory.fill(dh + <usize>row * bytes, 0, bytes);
    productAcc(dh, gates, wh, B, n, k);
  } else product(dh, gates, wh, 0, B, n, k);
  if (mask)
    for (let row = 0; row < B; row++) {
      const at = <usize>row * bytes;
      if (isActive(lengths, row, t)) mul(dh + at, dh + at, mask + at, n);
    }
}

/**
 * Back through a recurrent product where more than that reads h [B, n]: dh += (gates [B, k] · B) ⊙ mask.
 * `scratch` [B, n] is for the masked product.
 */
export function productBackwardAcc(
  dh: usize, gates: usize, wh: usize, mask: usize, scratch: usize, B: i32, n: i32, k: i32, lda: i32,
): void {
  if (mask == 0) return productAcc(dh, gates, wh, B, n, k, lda);
  product(scratch, gates, wh, 0, B, n, k, lda);
  mul(scratch, scratch, mask, B * n);
  axpy(dh, scratch, B * n, 1);
}

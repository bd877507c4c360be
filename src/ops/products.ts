// Every call of the product kernels (gemm*, gemv*, pack*) on the host's side: another packing or several threads need
// this one place.
import { kernels } from "../wasm/backend.js";
import { withScratch } from "../wasm/scratch.js";
import type { Ptr } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";

/** C [m, n] = A · B over k. A is [m, k] and B is packed. */
export interface ProductSizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Elements from row to row of A. Default: A's columns. */
  readonly aStride?: number | undefined;
  /** Elements from row to row of C. Default n. */
  readonly cStride?: number | undefined;
}

/**
 * A layout of B, by the name of the kernel that packs it. `T`: from B transposed, as a weight is for x · Wᵀ; `Row`: for
 * products of one row ({@link rowProduct}), else for those of several. Only gradients ask for `packRowB`.
 */
export type Packing = "packB" | "packBT" | "packRowB" | "packRowBT";

/** The layout of a weight for x · Wᵀ, one row of x or several. */
export function productPacking(rows: number): Packing {
  return rows === 1 ? "packRowBT" : "packBT";
}

/** The layout of a weight for dy · W, one row of dy or several. */
export function gradientPacking(rows: number): Packing {
  return rows === 1 ? "packRowB" : "packB";
}

/** Bytes of B [k, n] in any layout. */
export function packedBytes(k: number, n: number): number {
  return kernels().packedBytes(k, n);
}

/**
 * Packs B [k, n].
 *
 * @param stride elements from row to row of `from`: n, or k where it holds B transposed, if these lie close
 */
export function pack(
  packing: Packing,
  to: Ptr,
  from: Ptr,
  k: number,
  n: number,
  stride: number,
): void {
  if (packing !== "packRowB") kernels()[packing](to, from, k, n, stride);
  else if (TRAINING) trainingKernels().packRowB(to, from, k, n, stride);
}

/** C = A · B, or added to it. B is packed by `packB` or `packBT`. */
export function product(
  c: Ptr,
  a: Ptr,
  b: Ptr,
  { m, n, k, aStride = k, cStride = n }: ProductSizes,
  accumulates = false,
): void {
  if (accumulates) kernels().gemmAcc(c, a, b, m, n, k, aStride, cStride);
  else kernels().gemm(c, a, b, 0, m, n, k, aStride, cStride);
}

/** C = A · B, plus `bias` [n] in every row where it is not 0. */
export function biasedProduct(
  c: Ptr,
  a: Ptr,
  b: Ptr,
  bias: Ptr,
  { m, n, k, aStride = k, cStride = n }: ProductSizes,
): void {
  kernels().gemm(c, a, b, bias, m, n, k, aStride, cStride);
}

/** C = Aᵀ · B for A [k, m], or added to it. B is packed by `packB` or `packBT`. */
export function transposedProduct(
  c: Ptr,
  a: Ptr,
  b: Ptr,
  { m, n, k, aStride = m, cStride = n }: ProductSizes,
  accumulates = false,
): void {
  withScratch(trainingKernels().gemmTNScratchBytes(m), (space) => {
    const multiply = accumulates ? trainingKernels().gemmTNAcc : trainingKernels().gemmTN;
    multiply(c, a, b, space, m, n, k, aStride, cStride);
  });
}

/** y [n] = x [k] · B, plus `bias` [n] where it is not 0. B is packed by `packRowB` or `packRowBT`. */
export function rowProduct(y: Ptr, x: Ptr, b: Ptr, bias: Ptr, n: number, k: number): void {
  kernels().gemv(y, x, b, bias, n, k);
}

/** y [n] += x [k] · B. */
export function addRowProduct(y: Ptr, x: Ptr, b: Ptr, n: number, k: number): void {
  trainingKernels().gemvAcc(y, x, b, n, k);
}

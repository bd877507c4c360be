// The kernels have a memory [B, N, M] transposed, [B, M, P], and weightings [·, N] as [·, P]: P is N rounded up to whole
// vectors, with zeros behind the N-th.
import { kernels } from "../../wasm/backend.js";
import { fillZero } from "../../wasm/memory.js";
import { bytesOf, type Ptr } from "../../wasm/ptr.js";
import { strided, type StridedView } from "../strided.js";
import type { MachineSizes } from "./machine.js";

function viewOf({ B, N, M, P }: MachineSizes): StridedView {
  return { shape: [B, N, M], strides: [M * P, 1, P] };
}

/** `[B, N, M]` → `[B, M, P]` */
export function memoryIn(to: Ptr, from: Ptr, sizes: MachineSizes): void {
  fillZero(to, bytesOf(sizes.B * sizes.M * sizes.P));
  strided(kernels().scatterStrided, to, from, viewOf(sizes));
}

/** `[B, M, P]` → `[B, N, M]` */
export function memoryOut(to: Ptr, from: Ptr, sizes: MachineSizes): void {
  strided(kernels().copyStrided, to, from, viewOf(sizes));
}

/** `[rows, N]` → `[rows, P]` */
export function weightsIn(to: Ptr, from: Ptr, rows: number, { N, P }: MachineSizes): void {
  fillZero(to, bytesOf(rows * P));
  kernels().copyRows(to, from, rows, N, P, N);
}

/** `[rows, P]` → `[rows, N]` */
export function weightsOut(to: Ptr, from: Ptr, rows: number, { N, P }: MachineSizes): void {
  kernels().copyRows(to, from, rows, N, N, P);
}

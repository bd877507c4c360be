import { running } from "../core/running.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import type { Ptr } from "../wasm/ptr.js";
import { packed, productPacking } from "./packed.js";

/** y [rows, outputs] = x [rows, inputs] · Wᵀ, plus `bias` [outputs] where it is not 0. */
export function product(y: Ptr, x: Ptr, weight: Tensor, bias: Ptr, rows: number): void {
  const k = kernels();
  const [outputs, inputs] = weight.shape as [number, number];
  const panels = packed(weight, productPacking(rows), running.op);
  if (rows === 1) k.gemv(y, x, panels, bias, outputs, inputs);
  else k.gemm(y, x, panels, bias, rows, outputs, inputs, inputs, outputs);
}

import { running } from "../core/running.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Ptr } from "../wasm/ptr.js";
import { packedWeight } from "./packed-weights.js";
import { biasedProduct, productPacking, rowProduct } from "./products.js";

/** y [rows, outputs] = x [rows, inputs] · Wᵀ, plus `bias` [outputs] where it is not 0. */
export function weightProduct(y: Ptr, x: Ptr, weight: Tensor, bias: Ptr, rows: number): void {
  const [outputs, inputs] = weight.shape as [number, number];
  const panels = packedWeight(weight, productPacking(rows), running.op);
  if (rows === 1) rowProduct(y, x, panels, bias, outputs, inputs);
  else biasedProduct(y, x, panels, bias, { m: rows, n: outputs, k: inputs });
}

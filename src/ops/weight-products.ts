// Products with a weight [outputs, inputs], of one row or several.
import { records } from "../autograd/mode.js";
import { running } from "../core/running.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { scratch } from "../wasm/memory.js";
import { at, type Ptr } from "../wasm/ptr.js";
import {
  gradientPacking,
  pack,
  packed,
  packedSize,
  productPacking,
  type Packing,
} from "./packed.js";

/** Elements of a weight that are packed at a time where the copy would be used once. */
const SLICE = 512 * 1024;

/**
 * Runs `run` over the weight's rows, all at once or in slices. A large weight that is being trained changes before it is
 * read again: a packed copy of all of it would only take its memory a second time.
 */
function eachSlice(
  weight: Tensor,
  packing: Packing,
  run: (first: number, count: number, panels: Ptr) => void,
): void {
  const [outputs, inputs] = weight.shape as [number, number];
  if (!TRAINING || weight.size <= SLICE || !records([weight]))
    return run(0, outputs, packed(weight, packing, running.op));
  // Whole panels.
  const most = (SLICE / inputs) & -16 || 16;
  const panels = scratch(packedSize(most, inputs));
  for (let first = 0; first < outputs; first += most) {
    const count = Math.min(most, outputs - first);
    pack(packing, panels, at(weight.address(running.op), first * inputs), count, inputs);
    run(first, count, panels);
  }
}

/** y [rows, outputs] = x [rows, inputs] · Wᵀ, plus `bias` [outputs] where it is not 0. */
export function product(y: Ptr, x: Ptr, weight: Tensor, bias: Ptr, rows: number): void {
  const k = kernels();
  const [outputs, inputs] = weight.shape as [number, number];
  if (rows === 1)
    return k.gemv(y, x, packed(weight, productPacking(1), running.op), bias, outputs, inputs);
  eachSlice(weight, productPacking(rows), (first, count, panels) =>
    k.gemm(at(y, first), x, panels, bias && at(bias, first), rows, count, inputs, inputs, outputs),
  );
}

/** dx [rows, inputs] = dy [rows, outputs] · W, or added to it. */
export function gradientProduct(
  dx: Ptr,
  dy: Ptr,
  weight: Tensor,
  rows: number,
  accumulates: boolean,
): void {
  const k = kernels();
  const [outputs, inputs] = weight.shape as [number, number];
  if (rows === 1) {
    const panels = packed(weight, gradientPacking(1), running.op);
    if (accumulates) k.gemvAcc(dx, dy, panels, inputs, outputs);
    else k.gemv(dx, dy, panels, 0, inputs, outputs);
  } else
    eachSlice(weight, gradientPacking(rows), (first, count, panels) => {
      const from = at(dy, first);
      if (accumulates || first > 0)
        k.gemmAcc(dx, from, panels, rows, inputs, count, outputs, inputs);
      else k.gemm(dx, from, panels, 0, rows, inputs, count, outputs, inputs);
    });
}

// Products with a weight [outputs, inputs], of one row or several.
import { records } from "../autograd/mode.js";
import { running } from "../core/running.js";
import type { Tensor } from "../tensor/tensor.js";
import { withScratch } from "../wasm/scratch.js";
import { at, type Ptr } from "../wasm/ptr.js";
import { packedWeight, packedWeightBytes, packWeight } from "./packed-weights.js";
import {
  addRowProduct,
  biasedProduct,
  gradientPacking,
  product,
  productPacking,
  rowProduct,
  type Packing,
} from "./products.js";

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
    return run(0, outputs, packedWeight(weight, packing, running.op));
  // Whole panels.
  const most = (SLICE / inputs) & -16 || 16;
  const address = weight.address(running.op);
  withScratch(packedWeightBytes(most, inputs), (panels) => {
    for (let first = 0; first < outputs; first += most) {
      const count = Math.min(most, outputs - first);
      packWeight(packing, panels, at(address, first * inputs), count, inputs);
      run(first, count, panels);
    }
  });
}

/** y [rows, outputs] = x [rows, inputs] · Wᵀ, plus `bias` [outputs] where it is not 0. */
export function weightProduct(y: Ptr, x: Ptr, weight: Tensor, bias: Ptr, rows: number): void {
  const [outputs, inputs] = weight.shape as [number, number];
  if (rows === 1) {
    const panels = packedWeight(weight, productPacking(1), running.op);
    return rowProduct(y, x, panels, bias, outputs, inputs);
  }
  eachSlice(weight, productPacking(rows), (first, count, panels) => {
    const sizes = { m: rows, n: count, k: inputs, cStride: outputs };
    biasedProduct(at(y, first), x, panels, bias && at(bias, first), sizes);
  });
}

/** dx [rows, inputs] = dy [rows, outputs] · W, or added to it. */
export function inputGradient(
  dx: Ptr,
  dy: Ptr,
  weight: Tensor,
  rows: number,
  accumulates: boolean,
): void {
  const [outputs, inputs] = weight.shape as [number, number];
  if (rows === 1) {
    const panels = packedWeight(weight, gradientPacking(1), running.op);
    if (accumulates) addRowProduct(dx, dy, panels, inputs, outputs);
    else rowProduct(dx, dy, panels, 0, inputs, outputs);
  } else
    eachSlice(weight, gradientPacking(rows), (first, count, panels) => {
      const sizes = { m: rows, n: inputs, k: count, aStride: outputs };
      product(dx, at(dy, first), panels, sizes, accumulates || first > 0);
    });
}

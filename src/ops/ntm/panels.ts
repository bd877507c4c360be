// Weights packed for the products of a step, with one row or several.
import { copyBytes } from "../../wasm/memory.js";
import { at, bytesOf, offset, type Ptr } from "../../wasm/ptr.js";
import { withBlock, withScratch } from "../../wasm/scratch.js";
import { withPackedColumns, type Columns } from "../decoder/columns.js";
import { packedWeightBytes, packWeight } from "../packed-weights.js";
import {
  biasedProduct,
  gradientPacking,
  product,
  productPacking,
  rowProduct,
  type ProductSizes,
} from "../products.js";
import type { Machine, MachineSizes } from "./machine.js";

export interface MachinePanels {
  /** Of the lowest layer's columns for what was read. */
  readonly reads: Ptr;
  /** Of each layer after the first, for the one below. */
  readonly below: readonly Ptr[];
  /** Of all heads' weights, one below the other. */
  readonly heads: Ptr;
  /** `[parameters]` */
  readonly headBias: Ptr;
}

/** Runs with the weights packed for x · Wᵀ, or (`gradient`) for dy · W. */
export function withMachinePanels<T>(
  op: string,
  { layers, heads }: Machine,
  { B, I, H, reads, parameters }: MachineSizes,
  gradient: boolean,
  run: (panels: MachinePanels) => T,
): T {
  const packing = gradient ? gradientPacking(B) : productPacking(B);
  const columns: Columns[] = layers.map(({ inputWeight: weight }, layer) => ({
    ...{ weight, first: layer === 0 ? I : 0, count: layer === 0 ? reads : H },
  }));
  const bytes = packedWeightBytes(parameters, H);
  return withBlock(bytes + bytesOf(parameters), (block) => {
    const headBias = offset(block, bytes);
    withScratch(bytesOf(parameters * H), (rows) => {
      let first = 0;
      for (const { weight, bias } of heads) {
        copyBytes(at(rows, first * H), weight.address(op), bytesOf(weight.size));
        copyBytes(at(headBias, first), bias.address(op), bytesOf(bias.size));
        first += bias.size;
      }
      packWeight(packing, block, rows, parameters, H);
    });
    return withPackedColumns(op, packing, columns, ([lowest, ...below]) =>
      run({ reads: lowest!, below, heads: block, headBias }),
    );
  });
}

/** C = A · B, plus `bias` where it is not 0, or added to C; B is packed for that many rows. */
export function rowsProduct(
  c: Ptr,
  a: Ptr,
  panels: Ptr,
  bias: Ptr,
  sizes: ProductSizes,
  accumulates = false,
): void {
  // The kernel for one row adds to its bias, which may be C itself.
  if (sizes.m === 1) rowProduct(c, a, panels, accumulates ? c : bias, sizes.n, sizes.k);
  else if (accumulates) product(c, a, panels, sizes, true);
  else biasedProduct(c, a, panels, bias, sizes);
}

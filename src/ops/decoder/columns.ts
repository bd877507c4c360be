// Products with some columns of a weight [outputs, inputs]: what one of several inputs side by side is multiplied with.
import type { BackwardPass } from "../../autograd/backward-pass.js";
import type { Tensor } from "../../tensor/tensor.js";
import { at, bytesOf, offset, type Ptr } from "../../wasm/ptr.js";
import { withBlock, withScratch } from "../../wasm/scratch.js";
import { packedWeightBytes } from "../packed-weights.js";
import { pack, packedBytes, transposedProduct, type Packing } from "../products.js";

/** Columns of a weight. */
export interface Columns {
  readonly weight: Tensor;
  readonly first: number;
  readonly count: number;
}

/** Runs with columns packed: for x · Wᵀ by a layout of B transposed, else for dy · W. */
export function withPackedColumns<T>(
  op: string,
  packing: Packing,
  blocks: readonly Columns[],
  run: (panels: readonly Ptr[]) => T,
): T {
  const bytes = blocks.map(
    ({ weight, count }) => Math.ceil(packedWeightBytes(weight.shape[0]!, count) / 64) * 64,
  );
  return withBlock(
    bytes.reduce((sum, each) => sum + each, bytesOf(0)),
    (block) => {
      let end = block;
      const panels = blocks.map(({ weight, first, count }, i) => {
        const to = end;
        end = offset(end, bytes[i]!);
        const [outputs, inputs] = weight.shape as [number, number];
        const [k, n] = packing.endsWith("T") ? [count, outputs] : [outputs, count];
        if (count > 0) pack(packing, to, at(weight.address(op), first), k, n, inputs);
        return to;
      });
      return run(panels);
    },
  );
}

/** What some columns of a weight were multiplied with. */
export interface ColumnsRead {
  readonly first: number;
  readonly count: number;
  /** `[rows, count]` */
  readonly x: Ptr;
  /** Elements from row to row of x. */
  readonly stride: number;
}

/** Gives a weight its gradient, dyᵀ · x, by blocks that have all of its columns. */
export function giveColumnGradients(
  pass: BackwardPass,
  input: number,
  { shape }: Tensor,
  dy: Ptr,
  rows: number,
  blocks: readonly ColumnsRead[],
): void {
  const [outputs, inputs] = shape as [number, number];
  pass.accumulate(input, (dw, accumulates) => {
    for (const { first, count, x, stride } of blocks) {
      if (count === 0) continue;
      withScratch(packedBytes(rows, count), (packed) => {
        pack("packB", packed, x, rows, count, stride);
        const sizes = { m: outputs, n: count, k: rows, aStride: outputs, cStride: inputs };
        transposedProduct(at(dw, first), dy, packed, sizes, accumulates);
      });
    }
  });
}

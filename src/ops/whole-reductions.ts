// Reductions of int32 tensors, on the host. They have no gradient.
import { running } from "../core/running.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { i32 } from "../wasm/memory.js";
import type { Shape } from "../core/shape.js";

/** What a row of whole numbers is reduced to. */
export type Fold = (row: Int32Array) => number;

export const FOLDS = {
  /** Modulo 2^32, as `add`. */
  sum: (row) => row.reduce((total, value) => (total + value) | 0, 0),
  max: (row) => row.reduce((most, value) => Math.max(most, value), -0x80000000),
  min: (row) => row.reduce((least, value) => Math.min(least, value), 0x7fffffff),
  argmax: (row) => row.indexOf(FOLDS.max(row)),
  argmin: (row) => row.indexOf(FOLDS.min(row)),
} satisfies Record<string, Fold>;

/** Reduces rows of `length` elements to a tensor of the given shape. */
export function foldRows(op: keyof typeof FOLDS, rows: Tensor<"int32">, length: number, shape: Shape): Tensor<"int32"> {
  running.op = op;
  const y = empty(shape, "int32");
  const values = i32(rows.address(op), rows.size);
  i32(y.storage.ptr, y.size).forEach((_, i, all) => {
    all[i] = FOLDS[op](values.subarray(i * length, (i + 1) * length));
  });
  return y;
}

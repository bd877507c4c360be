// Choices among the elements of int32 tensors, on the host. They have no gradient.
import { running } from "../core/running.js";
import type { Shape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { i32 } from "../wasm/memory.js";

/** What a row of whole numbers becomes. */
export type Fold = (row: Int32Array) => number;

export const most: Fold = (row) => row.reduce((a, b) => Math.max(a, b));
export const least: Fold = (row) => row.reduce((a, b) => Math.min(a, b));

/** Reduces each row of `length` elements to an element of a tensor of the given shape. */
export function foldRows(
  op: string,
  fold: Fold,
  rows: Tensor<"int32">,
  length: number,
  shape: Shape,
): Tensor<"int32"> {
  running.op = op;
  const y = empty(shape, "int32");
  const values = i32(rows.address(op), rows.size);
  const results = i32(y.storage.ptr, y.size);
  for (let i = 0; i < results.length; i++)
    results[i] = fold(values.subarray(i * length, (i + 1) * length));
  return y;
}

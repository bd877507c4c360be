// Reductions of int32 tensors, on the host. They have no gradient.
import { running } from "../core/running.js";
import type { Shape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { i32 } from "../wasm/memory.js";

const most = (row: Int32Array): number => row.reduce((a, b) => Math.max(a, b), -0x80000000);
const least = (row: Int32Array): number => row.reduce((a, b) => Math.min(a, b), 0x7fffffff);

const FOLDS = {
  sum: (row: Int32Array) => row.reduce((a, b) => (a + b) | 0, 0),
  max: most,
  min: least,
  argmax: (row: Int32Array) => row.indexOf(most(row)),
  argmin: (row: Int32Array) => row.indexOf(least(row)),
};

export type WholeReduction = keyof typeof FOLDS;

/** Reduces each row of `length` elements to an element of a tensor of the given shape. */
export function foldRows(
  op: WholeReduction,
  rows: Tensor<"int32">,
  length: number,
  shape: Shape,
): Tensor<"int32"> {
  running.op = op;
  const y = empty(shape, "int32");
  const values = i32(rows.address(op), rows.size);
  const results = i32(y.storage.ptr, y.size);
  for (let i = 0; i < results.length; i++)
    results[i] = FOLDS[op](values.subarray(i * length, (i + 1) * length));
  return y;
}

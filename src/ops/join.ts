// Tensors put together along an axis.
import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import type { DType } from "../core/dtype.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape, normalizeAxis, sameShape, sizeOf, type Shape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { at } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { commonDType } from "./check.js";

interface Joined {
  readonly rows: number;
  /** How many columns of a row each tensor fills. */
  readonly widths: readonly number[];
  readonly stride: number;
}

// Seen as matrices whose rows are what follows `axis`, the inputs are blocks of columns of the result.
const join = /* @__PURE__ */ defineOp({
  name: "concat",
  forward(tensors: readonly Tensor<DType>[], axis: number, shape: Shape, op: string) {
    const y: Tensor<DType> = empty(shape, tensors[0]!.dtype);
    const rows = sizeOf(shape.slice(0, axis));
    const stride = sizeOf(shape.slice(axis));
    let to = y.storage.ptr;
    const widths = tensors.map((x) => {
      const columns = sizeOf(x.shape.slice(axis));
      kernels().copyRows(to, x.address(op), rows, columns, stride, columns);
      to = at(to, columns);
      return columns;
    });
    return { inputs: tensors, output: y, saved: { rows, widths, stride } };
  },
  backward(pass, { rows, widths, stride }: Joined) {
    let from = pass.grad();
    widths.forEach((columns, i) => {
      pass.accumulate(i, (dx, accumulates) => {
        const copy = accumulates ? trainingKernels().copyRowsAcc : kernels().copyRows;
        copy(dx, from, rows, columns, columns, stride);
      });
      from = at(from, columns);
    });
  },
});

/**
 * Tensors one after the other along an axis; their other sizes must agree.
 *
 * @param axis default 0
 * @throws ShapeError for sizes that differ elsewhere; DTypeError for mixed dtypes; OptionError for no tensors
 * @example
 * ```ts
 * concat([ones([2, 1]), zeros([2, 2])], 1).toArray(); // [[1, 0, 0], [1, 0, 0]]
 * ```
 */
export function concat<D extends DType>(tensors: readonly Tensor<D>[], axis = 0): Tensor<D> {
  checkCall("concat", arguments, "tensors:list axis?:number");
  const { shape } = firstOf("concat", tensors);
  const normal = normalizeAxis("concat", axis, shape.length);
  let length = 0;
  for (const x of tensors) {
    if (x.shape.length !== shape.length || !x.shape.every((n, i) => i === normal || n === shape[i]))
      throw new ShapeError({
        op: "concat",
        expected: `sizes as in ${formatShape(shape)} on every axis but ${normal}`,
        got: formatShape(x.shape),
      });
    length += x.shape[normal]!;
  }
  const joined = shape.map((n, i) => (i === normal ? length : n));
  return join(tensors, normal, joined, "concat") as Tensor<D>;
}

/**
 * Tensors of one shape side by side along a new axis.
 *
 * @param axis position of the new axis in the result. Default 0
 * @throws ShapeError for different shapes; DTypeError for mixed dtypes; OptionError for no tensors
 * @example
 * ```ts
 * stack([tensor([1, 2]), tensor([3, 4])]).toArray(); // [[1, 2], [3, 4]]
 * ```
 */
export function stack<D extends DType>(tensors: readonly Tensor<D>[], axis = 0): Tensor<D> {
  checkCall("stack", arguments, "tensors:list axis?:number");
  const { shape } = firstOf("stack", tensors);
  const normal = normalizeAxis("stack", axis, shape.length + 1);
  for (const x of tensors)
    if (!sameShape(x.shape, shape))
      throw new ShapeError({
        op: "stack",
        expected: `tensors of one shape, ${formatShape(shape)}`,
        got: formatShape(x.shape),
      });
  const stacked = [...shape.slice(0, normal), tensors.length, ...shape.slice(normal)];
  return join(tensors, normal, stacked, "stack") as Tensor<D>;
}

function firstOf<D extends DType>(op: string, tensors: readonly Tensor<D>[]): Tensor<D> {
  for (const each of tensors) checkCall(op, [each], "tensor:tensor");
  if (tensors.length === 0)
    throw new OptionError({ op, expected: "at least one tensor", got: "an empty list" });
  commonDType(op, ...tensors);
  return tensors[0]!;
}

// Parts of a tensor along an axis.
import { described } from "../core/described.js";
import { defineOp } from "../autograd/op.js";
import { checkCall, checkCount } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { IndexError, OptionError } from "../core/errors.js";
import { formatShape, fromEnd, normalizeAxis, splitAtAxis, type Shape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { fillZero } from "../wasm/memory.js";
import { at, bytesOf } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { reshape } from "./reshape.js";

/** Rows of a matrix of `stride` columns, of which a part takes `columns` from `offset` on. */
interface Part {
  readonly offset: number;
  readonly columns: number;
}

interface Cut {
  readonly rows: number;
  readonly stride: number;
  readonly size: number;
  readonly parts: readonly Part[];
}

const cut = /* @__PURE__ */ defineOp({
  name: "slice",
  forward(
    x: Tensor<DType>,
    axis: number,
    ranges: readonly (readonly [start: number, end: number])[],
    op: string,
  ) {
    const { outer, length, inner } = splitAtAxis(x.shape, axis);
    const from = x.address(op);
    const stride = length * inner;
    const parts: Part[] = [];
    const output = ranges.map(([start, end]) => {
      const columns = (end - start) * inner;
      const y: Tensor<DType> = empty(withSize(x.shape, axis, end - start), x.dtype);
      parts.push({ offset: start * inner, columns });
      const first = at(from, start * inner);
      kernels().copyRows(y.storage.ptr, first, outer, columns, columns, stride);
      return y;
    });
    return { inputs: [x], output, saved: { rows: outer, stride, size: x.size, parts } };
  },
  backward(pass, { rows, stride, size, parts }: Cut) {
    pass.accumulate(0, (dx, accumulates) => {
      if (!accumulates) fillZero(dx, bytesOf(size));
      parts.forEach(({ offset, columns }, i) => {
        const dy = pass.gradOrNone(i);
        // Added in either case: parts may overlap, and what none covers stays zero.
        if (dy !== 0)
          trainingKernels().copyRowsAcc(at(dx, offset), dy, rows, columns, stride, columns);
      });
    });
  },
});

/**
 * Elements `start` to `end - 1` of an axis, copied. Both may be negative, counted from the end, and are
 * clamped to the axis, as in Python; `end` is by default the axis' own.
 *
 * @throws OptionError for an axis out of range or bounds that are no whole numbers
 * @example
 * ```ts
 * slice(arange(6), 0, 1, 4).toArray(); // [1, 2, 3]
 * slice(arange(6), 0, -2).toArray(); // [4, 5]
 * ```
 */
export function slice<D extends DType>(
  x: Tensor<D>,
  axis: number,
  start: number,
  end?: number,
): Tensor<D> {
  checkCall("slice", arguments, "x:tensor axis:number start:number end?:number");
  const normal = normalizeAxis("slice", axis, x.shape.length);
  const length = x.shape[normal]!;
  const first = clampBound(start, length);
  const last = end === undefined ? length : clampBound(end, length);
  return cut(x, normal, [[first, Math.max(first, last)]], "slice")[0] as Tensor<D>;
}

/**
 * Cuts an axis into pieces of a size (the last may be smaller) or of given sizes, copied.
 *
 * @param sizes a size, or sizes that add up to the axis' length
 * @param axis default 0
 * @throws OptionError for sizes that do not fit or an axis out of range
 * @example
 * ```ts
 * split(arange(5), [2, 3]).map((part) => part.toArray()); // [[0, 1], [2, 3, 4]]
 * ```
 */
export function split<D extends DType>(
  x: Tensor<D>,
  sizes: number | readonly number[],
  axis = 0,
): Tensor<D>[] {
  checkCall("split", arguments, "x:tensor sizes:number|list axis?:number");
  const normal = normalizeAxis("split", axis, x.shape.length);
  const ranges = rangesOf(sizes, x.shape[normal]!);
  return cut(x, normal, ranges, "split") as readonly Tensor<DType>[] as Tensor<D>[];
}

/**
 * Cuts an axis into pieces of equal size, of which the last may be smaller; where the length does not
 * suffice, there are fewer, as in PyTorch. Copied.
 *
 * @param axis default 0
 * @throws OptionError for a count that is not at least 1 or an axis out of range
 */
export function chunk<D extends DType>(x: Tensor<D>, count: number, axis = 0): Tensor<D>[] {
  checkCall("chunk", arguments, "x:tensor count:number axis?:number");
  const length = x.shape[normalizeAxis("chunk", axis, x.shape.length)]!;
  checkCount("chunk", "the count of pieces", count);
  return split(x, Math.max(Math.ceil(length / count), 1), axis);
}

/**
 * One position of an axis, which is dropped: `x[:, t]` of PyTorch is `select(x, 1, t)`, `h[-1]` is
 * `select(h, 0, -1)`. Copied.
 *
 * @param index negative: counted from the end
 * @throws IndexError for a position outside the axis; OptionError for an axis out of range
 */
export function select<D extends DType>(x: Tensor<D>, axis: number, index: number): Tensor<D> {
  checkCall("select", arguments, "x:tensor axis:number index?");
  const normal = normalizeAxis("select", axis, x.shape.length);
  const at = fromEnd("select", "index", index, x.shape[normal]!, IndexError);
  return without(cut(x, normal, [[at, at + 1]], "select")[0] as Tensor<D>, normal);
}

/**
 * What is at each position of an axis, without the axis: `unbind(x, 1)` of `[batch, time, features]` gives
 * the steps, each `[batch, features]`. Copied.
 *
 * @param axis default 0
 * @throws OptionError for an axis out of range
 */
export function unbind<D extends DType>(x: Tensor<D>, axis = 0): Tensor<D>[] {
  checkCall("unbind", arguments, "x:tensor axis?:number");
  const normal = normalizeAxis("unbind", axis, x.shape.length);
  const ranges = Array.from({ length: x.shape[normal]! }, (_, i) => [i, i + 1] as const);
  return cut(x, normal, ranges, "unbind").map((part) => without(part as Tensor<D>, normal));
}

function without<D extends DType>(x: Tensor<D>, axis: number): Tensor<D> {
  return reshape(
    x,
    x.shape.filter((_, i) => i !== axis),
  );
}

function rangesOf(sizes: number | readonly number[], length: number): [number, number][] {
  const ranges: [number, number][] = [];
  let start = 0;
  if (typeof sizes === "number") {
    if (!(Number.isInteger(sizes) && sizes > 0))
      throw new OptionError({
        op: "split",
        expected: "a size of at least 1",
        got: described(sizes),
      });
    // An axis of no elements gives one piece of none, as in PyTorch.
    do {
      ranges.push([start, Math.min(start + sizes, length)]);
      start += sizes;
    } while (start < length);
    return ranges;
  }
  for (const size of sizes) {
    ranges.push([start, start + size]);
    start += size;
  }
  if (start !== length || !sizes.every((size) => Number.isInteger(size) && size >= 0))
    throw new OptionError({
      op: "split",
      expected: `whole sizes >= 0 that add up to ${length}`,
      got: formatShape(sizes),
    });
  return ranges;
}

function clampBound(bound: number, length: number): number {
  if (!Number.isInteger(bound))
    throw new OptionError({
      op: "slice",
      expected: "whole numbers as bounds",
      got: described(bound),
    });
  return Math.min(Math.max(bound < 0 ? bound + length : bound, 0), length);
}

function withSize(shape: Shape, axis: number, size: number): Shape {
  return shape.map((own, i) => (i === axis ? size : own));
}

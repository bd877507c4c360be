// Reductions over one axis, several, or all.
import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import type { DType } from "../core/dtype.js";
import { running } from "../core/running.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, sizeOf, splitAtAxis, type Shape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { fillZero, i32 } from "../wasm/memory.js";
import { bytesOf } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { normalizeAxes, type Axes } from "./axes.js";
import { axisGroups, type AxisGroup } from "./axis-groups.js";
import { combine, sourceOf } from "./broadcast.js";
import { requireFloat } from "./check.js";
import { permute } from "./permute.js";
import { foldRows, most, type Fold } from "./whole-reductions.js";

interface SumOfGroup {
  readonly group: AxisGroup;
  readonly shape: Shape;
  /** What the sum is divided by: 1, or the count of a mean. */
  readonly divisor: number;
}

function sumRecord(name: "sum" | "mean"): (x: Tensor<DType>, saved: SumOfGroup) => Tensor<DType> {
  return defineOp({
    name,
    forward(x: Tensor<DType>, saved: SumOfGroup) {
      const { group, shape, divisor } = saved;
      const y: Tensor<DType> = empty(shape, x.dtype);
      const { ptr } = y.storage;
      const from = x.address(name);
      if (x.dtype === "int32") addWhole(i32(ptr, y.size), i32(from, x.size), group);
      else kernels().sumAxis(ptr, from, group.outer, group.length, group.inner);
      if (divisor !== 1) combine("divBroadcast", ptr, shape, sourceOf(name, y), divisor);
      return { inputs: [x], output: y, saved };
    },
    backward(pass, { group: { outer, length, inner }, divisor }: SumOfGroup) {
      pass.write(0, (dx) =>
        kernels().expandAxis(dx, pass.grad(), outer, length, inner, 1 / divisor),
      );
    },
  });
}

/** Sums of whole numbers modulo 2^32. */
function addWhole(to: Int32Array, from: Int32Array, { length, inner }: AxisGroup): void {
  to.fill(0);
  from.forEach((value, i) => {
    to[Math.floor(i / (length * inner)) * inner + (i % inner)]! += value;
  });
}

const records = {
  sum: /* @__PURE__ */ sumRecord("sum"),
  mean: /* @__PURE__ */ sumRecord("mean"),
};

function sumOver(
  op: "sum" | "mean",
  x: Tensor<DType>,
  axis: Axes,
  keepdim: boolean,
): Tensor<DType> {
  const axes = normalizeAxes(op, axis, x.shape.length);
  const shape = reducedShape(x.shape, axes, keepdim);
  const divisor = op === "mean" ? countAlong(x.shape, axes) : 1;
  const groups = axisGroups(x.shape, (i) => axes.includes(i));
  // Nothing longer than 1 to sum over: every element is a sum of one.
  if (groups.length === 0) groups.push({ outer: 1, length: 1, inner: x.size });
  let y = x;
  groups.forEach((group, i) => {
    const isLast = i === groups.length - 1;
    y = records[op](y, {
      group,
      shape: isLast ? shape : [group.outer, group.inner],
      divisor: isLast ? divisor : 1,
    });
  });
  return y;
}

/**
 * Sum over an axis, several, or (by default) all; exact up to one rounding, of int32 tensors modulo 2^32.
 *
 * @param keepdim keep the axes with size 1. Default false.
 * @throws OptionError for an axis out of range
 */
export function sum<D extends DType>(x: Tensor<D>, axis?: Axes, keepdim?: boolean): Tensor<D>;
export function sum(x: Tensor<DType>, axis?: Axes, keepdim = false): Tensor<DType> {
  checkCall("sum", arguments, "x:tensor axis?:number|list keepdim?:boolean");
  return sumOver("sum", x, axis, keepdim);
}

/**
 * Mean over an axis, several, or (by default) all. The mean of no elements is NaN.
 *
 * @param keepdim keep the axes with size 1. Default false.
 * @throws OptionError for an axis out of range; DTypeError for int32
 */
export function mean(x: Tensor, axis?: Axes, keepdim = false): Tensor {
  checkCall("mean", arguments, "x:tensor axis?:number|list keepdim?:boolean");
  requireFloat("mean", x);
  return sumOver("mean", x, axis, keepdim) as Tensor;
}

const maxOfGroup = /* @__PURE__ */ defineOp({
  name: "max",
  forward(x: Tensor, group: AxisGroup, shape: Shape) {
    const y = empty(shape);
    const indices = empty(shape, "int32");
    kernels().maxAxis(
      y.storage.ptr,
      indices.storage.ptr,
      x.address("max"),
      group.outer,
      group.length,
      group.inner,
    );
    return { inputs: [x], output: y, saved: { indices, group, size: x.size } };
  },
  backward(
    pass,
    { indices, group, size }: { indices: Tensor<"int32">; group: AxisGroup; size: number },
  ) {
    pass.accumulate(0, (dx, accumulates) => {
      if (!accumulates) fillZero(dx, bytesOf(size));
      kernels().scatterAddAxis(
        dx,
        pass.grad(),
        indices.address("max"),
        group.outer,
        1,
        group.length,
        group.inner,
      );
    });
  },
});

/**
 * The largest element over an axis, several, or (by default) all; NaN counts as the largest. The
 * gradient goes to the first of equals. For positions, see {@link argmax}.
 *
 * @param keepdim keep the axes with size 1. Default false.
 * @throws ShapeError where there is no element; OptionError for an axis out of range
 */
export function max<D extends DType>(x: Tensor<D>, axis?: Axes, keepdim?: boolean): Tensor<D>;
export function max(x: Tensor<DType>, axis?: Axes, keepdim = false): Tensor<DType> {
  checkCall("max", arguments, "x:tensor axis?:number|list keepdim?:boolean");
  if (isWhole(x)) return reduceWhole("max", most, x, axis, keepdim);
  const axes = normalizeAxes("max", axis, x.shape.length);
  requireElements("max", x.shape, axes);
  const shape = reducedShape(x.shape, axes, keepdim);
  const groups = axisGroups(x.shape, (i) => axes.includes(i));
  if (groups.length === 1) return maxOfGroup(x as Tensor, groups[0]!, shape);
  const { rows, length } = asRows(x as Tensor, axes);
  return maxOfGroup(rows, { outer: sizeOf(shape), length, inner: 1 }, shape);
}

/**
 * Where the largest element is along an axis, int32: the first of equals, or the first NaN. Without an
 * axis: its position among all elements in order.
 *
 * @param keepdim keep the axis with size 1. Default false.
 * @throws ShapeError where there is no element; OptionError for an axis out of range
 * @example
 * ```ts
 * argmax(tensor([[1, 5, 2], [7, 0, 3]]), -1).toArray(); // [1, 0]
 * ```
 */
export function argmax(x: Tensor<DType>, axis?: number, keepdim = false): Tensor<"int32"> {
  checkCall("argmax", arguments, "x:tensor axis?:number keepdim?:boolean");
  if (isWhole(x)) return reduceWhole("argmax", (row) => row.indexOf(most(row)), x, axis, keepdim);
  running.op = "argmax";
  const axes = normalizeAxes("argmax", axis, x.shape.length);
  requireElements("argmax", x.shape, axes);
  const indices = empty(reducedShape(x.shape, axes, keepdim), "int32");
  const { outer, length, inner } =
    axes.length === 1 ? splitAtAxis(x.shape, axes[0]!) : { outer: 1, length: x.size, inner: 1 };
  kernels().maxAxis(0, indices.storage.ptr, x.address("argmax"), outer, length, inner);
  return indices;
}

function isWhole(x: Tensor<DType>): x is Tensor<"int32"> {
  return x.dtype === "int32";
}

/** @internal A reduction of an int32 tensor. */
export function reduceWhole(
  op: string,
  fold: Fold,
  x: Tensor<"int32">,
  axis: Axes,
  keepdim: boolean,
): Tensor<"int32"> {
  const axes = normalizeAxes(op, axis, x.shape.length);
  requireElements(op, x.shape, axes);
  const { rows, length } = asRows(x, axes);
  return foldRows(op, fold, rows, length, reducedShape(x.shape, axes, keepdim));
}

const logSumExpOfRows = /* @__PURE__ */ defineOp({
  name: "logSumExp",
  forward(x: Tensor, length: number, shape: Shape) {
    const y = empty(shape);
    kernels().logSumExpForward(y.storage.ptr, x.address("logSumExp"), y.size, length);
    return { inputs: [x], output: y, saved: { x, y, length } };
  },
  backward(pass, { x, y, length }: { x: Tensor; y: Tensor; length: number }) {
    const from = x.address("logSumExp");
    const sums = y.address("logSumExp");
    pass.write(0, (dx) =>
      trainingKernels().logSumExpBackward(dx, pass.grad(), from, sums, y.size, length),
    );
  },
});

/**
 * log Σ e^x over an axis, several, or (by default) all, without overflow. Of no elements: -Infinity.
 *
 * @param keepdim keep the axes with size 1. Default false.
 * @throws OptionError for an axis out of range; DTypeError for int32
 */
export function logSumExp(x: Tensor, axis?: Axes, keepdim = false): Tensor {
  checkCall("logSumExp", arguments, "x:tensor axis?:number|list keepdim?:boolean");
  requireFloat("logSumExp", x);
  const axes = normalizeAxes("logSumExp", axis, x.shape.length);
  const { rows, length } = asRows(x, axes);
  return logSumExpOfRows(rows, length, reducedShape(x.shape, axes, keepdim));
}

function reducedShape(shape: Shape, axes: readonly number[], keepdim: boolean): Shape {
  return keepdim
    ? shape.map((size, i) => (axes.includes(i) ? 1 : size))
    : shape.filter((_, i) => !axes.includes(i));
}

/** The axes brought to the end, so that each group to reduce is a row; no copy where they are there. */
function asRows<D extends DType>(
  x: Tensor<D>,
  axes: readonly number[],
): { rows: Tensor<D>; length: number } {
  const others = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const length = countAlong(x.shape, axes);
  const inPlace = axes.every((axis, i) => axis === others.length + i);
  return { rows: inPlace ? x : permute(x, [...others, ...axes]), length };
}

function countAlong(shape: Shape, axes: readonly number[]): number {
  return axes.reduce((count, axis) => count * shape[axis]!, 1);
}

function requireElements(op: string, shape: Shape, axes: readonly number[]): void {
  // Where nothing is to be written, nothing is missing.
  if (countAlong(shape, axes) === 0 && reducedShape(shape, axes, false).every((size) => size > 0))
    throw new ShapeError({
      op,
      expected: "at least one element to choose from",
      got: formatShape(shape),
    });
}

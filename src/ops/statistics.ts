// Minima, spread and size, made of sums and maxima.
import { described } from "../core/described.js";
import { checkCall } from "../core/check.js";
import type { Axes } from "./axes.js";
import { normalizeAxes } from "./axes.js";
import { noGrad } from "../autograd/mode.js";
import type { DType } from "../core/dtype.js";
import { OptionError } from "../core/errors.js";
import type { Tensor } from "../tensor/tensor.js";
import { abs, sqrt } from "./unary.js";
import { div, neg, sub } from "./arithmetic.js";
import { requireFloat } from "./check.js";
import { equal } from "./compare.js";
import { square } from "./power.js";
import { argmax, max, mean, reduceWhole, sum } from "./reduce.js";
import { where } from "./where.js";
import { least } from "./whole-reductions.js";

/**
 * The smallest element over an axis, several, or (by default) all; NaN counts as the smallest. The gradient
 * goes to the first of equals.
 *
 * @param keepdim keep the axes with size 1. Default false.
 * @throws as {@link max}
 */
export function min<D extends DType>(x: Tensor<D>, axis?: Axes, keepdim?: boolean): Tensor<D>;
export function min(x: Tensor<DType>, axis?: Axes, keepdim = false): Tensor<DType> {
  checkCall("min", arguments, "x:tensor axis?:number|list keepdim?:boolean");
  if (x.dtype === "int32") return reduceWhole("min", least, x as Tensor<"int32">, axis, keepdim);
  return neg(max(negated("min", x, axis), axis, keepdim));
}

/**
 * Where the smallest element is along an axis, int32: the first of equals, or the first NaN. Without an
 * axis: its position among all elements in order.
 *
 * @param keepdim keep the axis with size 1. Default false.
 * @throws as {@link argmax}
 */
export function argmin(x: Tensor<DType>, axis?: number, keepdim = false): Tensor<"int32"> {
  checkCall("argmin", arguments, "x:tensor axis?:number keepdim?:boolean");
  if (x.dtype === "int32")
    return reduceWhole(
      "argmin",
      (row) => row.indexOf(least(row)),
      x as Tensor<"int32">,
      axis,
      keepdim,
    );
  return argmax(negated("argmin", x.detach(), axis), axis, keepdim);
}

function negated(op: string, x: Tensor<DType>, axis: Axes): Tensor {
  normalizeAxes(op, axis, x.shape.length);
  return neg(x as Tensor);
}

export interface SpreadOptions {
  /** What is subtracted from the count of elements. Default 1, Bessel's correction; 0 for the population's. */
  correction?: number | undefined;
  /** Keep the axes with size 1. Default false. */
  keepdim?: boolean | undefined;
}

/**
 * Variance over an axis, several, or (by default) all. NaN where there are not more elements than
 * `correction`.
 *
 * @throws OptionError for an axis out of range; DTypeError for int32
 */
export function variance(x: Tensor, axis?: Axes, options: SpreadOptions = {}): Tensor {
  checkCall(
    "variance",
    arguments,
    "x:tensor axis?:number|list {correction:number keepdim:boolean}",
  );
  const { correction = 1, keepdim = false } = options;
  requireFloat("variance", x);
  const count = normalizeAxes("variance", axis, x.shape.length).reduce(
    (product, each) => product * x.shape[each]!,
    1,
  );
  // Deviations add up to 0, so that nothing flows back through the mean.
  const centre = noGrad(() => mean(x, axis, true));
  const total = sum(square(sub(x, centre)), axis, keepdim);
  return div(total, Math.max(count - correction, 0));
}

/**
 * Standard deviation over an axis, several, or (by default) all: the root of {@link variance}. Its gradient where all
 * elements are equal is 0.
 *
 * @throws as {@link variance}
 */
export function std(x: Tensor, axis?: Axes, options?: SpreadOptions): Tensor {
  checkCall("std", arguments, "x:tensor axis?:number|list {correction:number keepdim:boolean}");
  return rootOrZero(variance(x, axis, options));
}

export interface NormOptions {
  /** 1: the sum of sizes; 2 (default): the Euclidean norm; Infinity: the largest size. */
  p?: 1 | 2 | typeof Infinity | undefined;
  /** An axis, several, or (by default) all. */
  axis?: Axes | undefined;
  /** Keep the axes with size 1. Default false. */
  keepdim?: boolean | undefined;
}

/**
 * How large vectors are. The gradient of the Euclidean norm at 0 is 0, that of the largest size goes to the first of equals.
 *
 * @throws OptionError for another p or an axis out of range; DTypeError for int32
 */
export function norm(x: Tensor, options: NormOptions = {}): Tensor {
  checkCall("norm", arguments, "x:tensor {p:number axis:number|list keepdim:boolean}");
  const { p = 2, axis, keepdim = false } = options;
  requireFloat("norm", x);
  normalizeAxes("norm", axis, x.shape.length);
  if (p === 2) return rootOrZero(sum(square(x), axis, keepdim));
  if (p === 1) return sum(abs(x), axis, keepdim);
  if (p === Infinity) return max(abs(x), axis, keepdim);
  throw new OptionError({ op: "norm", expected: "p of 1, 2 or Infinity", got: described(p) });
}

/** Square roots of numbers ≥ 0 with gradient 0, not infinity, at 0. */
export function rootOrZero(x: Tensor): Tensor {
  const isZero = equal(x, 0);
  return where(isZero, 0, sqrt(where(isZero, 1, x)));
}

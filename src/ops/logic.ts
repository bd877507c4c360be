// Questions with the answers 1 and 0, and what is made of answers. They have no gradient.
import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import type { Operand, Tensor } from "../tensor/tensor.js";
import { abs } from "./unary.js";
import type { Axes } from "./axes.js";
import { requireFloat, requireInt } from "./check.js";
import { equal, greater, less, type Comparison } from "./compare.js";
import { to } from "./convert.js";
import { sum } from "./reduce.js";
import { where } from "./where.js";

/** 1 where a ≠ b, else 0, broadcasting; NaN differs from everything. Without gradient. */
export const notEqual: Comparison = function (a: Operand<DType>, b: Operand<DType>) {
  checkCall("notEqual", arguments, "a:tensor|number b:tensor|number");
  return logicalNot(equal(a as Tensor<DType>, b));
};

/** 1 where x is 0, else 0. Without gradient. */
export function logicalNot(x: Tensor<DType>): Tensor<"int32"> {
  checkCall("logicalNot", arguments, "x:tensor");
  return equal(x, 0);
}

/** 1 where neither a nor b is 0, else 0, broadcasting. */
export function logicalAnd(a: Tensor<"int32">, b: Tensor<"int32">): Tensor<"int32"> {
  checkCall("logicalAnd", arguments, "a:tensor b:tensor");
  requireInt("logicalAnd", "b", b);
  return where(a, notEqual(b, 0), 0);
}

/** 1 where a or b is not 0, else 0, broadcasting. */
export function logicalOr(a: Tensor<"int32">, b: Tensor<"int32">): Tensor<"int32"> {
  checkCall("logicalOr", arguments, "a:tensor b:tensor");
  requireInt("logicalOr", "b", b);
  return where(a, 1, notEqual(b, 0));
}

/** 1 where x is NaN, else 0. Without gradient. */
export function isNaN(x: Tensor): Tensor<"int32"> {
  checkCall("isNaN", arguments, "x:tensor");
  requireFloat("isNaN", x);
  return notEqual(x, x);
}

/** 1 where x is neither NaN nor infinite, else 0. Without gradient. */
export function isFinite(x: Tensor): Tensor<"int32"> {
  checkCall("isFinite", arguments, "x:tensor");
  requireFloat("isFinite", x);
  return less(abs(x.detach()), Infinity);
}

/**
 * 1 where some element along an axis, several, or (by default) all is not 0, else 0.
 *
 * @param keepdim keep the axes with size 1. Default false.
 * @throws OptionError for an axis out of range
 */
export function any(x: Tensor<DType>, axis?: Axes, keepdim = false): Tensor<"int32"> {
  checkCall("any", arguments, "x:tensor axis?:number|list keepdim?:boolean");
  return greater(sum(to(notEqual(x, 0), "float32"), axis, keepdim), 0);
}

/**
 * 1 where no element along an axis, several, or (by default) all is 0, else 0.
 *
 * @param keepdim keep the axes with size 1. Default false.
 * @throws OptionError for an axis out of range
 */
export function all(x: Tensor<DType>, axis?: Axes, keepdim = false): Tensor<"int32"> {
  checkCall("all", arguments, "x:tensor axis?:number|list keepdim?:boolean");
  return equal(sum(to(equal(x, 0), "float32"), axis, keepdim), 0);
}

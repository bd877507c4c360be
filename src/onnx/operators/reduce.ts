// Operators that make one number of many along axes.
import { normalizeAxis } from "../../core/shape.js";
import { abs, exp, log, sqrt } from "../../ops/unary.js";
import { concat } from "../../ops/join.js";
import { cumsum } from "../../ops/cumsum.js";
import { flip } from "../../ops/index-select.js";
import { logSumExp, max, mean, sum } from "../../ops/reduce.js";
import { min } from "../../ops/statistics.js";
import { prod } from "../../ops/cumprod.js";
import { square } from "../../ops/power.js";
import { stridesOf } from "../../ops/strided.js";
import { zeros } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { GraphNode } from "../node.js";
import type { Inputs, Operator } from "../operator.js";
import { floatsOf, Host, hostOf, isHosts, isFloats, onHost, type Value } from "../value.js";
import { stored } from "./host-math.js";

/** The axes that a reduction takes, and whether any were named. */
function axesOf(inputs: Inputs, node: GraphNode, rank: number): number[] | undefined {
  const asked = inputs.axes(1);
  if (asked && asked.length > 0)
    return asked.map((axis) => normalizeAxis(String(node), axis, rank));
  if (node.int("noop_with_empty_axes", 0) === 1) return undefined;
  return Array.from({ length: rank }, (_, axis) => axis);
}

type Reduction = (x: Tensor, axes: number[], keepdim: boolean) => Tensor;

interface OnHost {
  readonly start: number;
  readonly add: (all: number, x: number) => number;
  readonly end?: ((all: number, count: number) => number) | undefined;
}

function reduction(f: Reduction, host: OnHost, alone: (x: Tensor) => Tensor = (x) => x): Operator {
  return {
    inputs: [1, 2],
    attributes: "axes keepdims noop_with_empty_axes",
    run(inputs, node) {
      const x = inputs.at(0);
      const axes = axesOf(inputs, node, x.shape.length);
      if (!axes) return x instanceof Host ? x : alone(x);
      const keepdim = node.int("keepdims", 1) === 1;
      if (isHosts(x) || !isFloats(x)) return reducedHost(onHost(x), axes, keepdim, host);
      if (x.shape.length === 0) return alone(floatsOf(x));
      return f(floatsOf(x), axes, keepdim);
    },
  };
}

function reducedHost(
  x: Host,
  axes: number[],
  keepdim: boolean,
  { start, add, end }: OnHost,
): Value {
  const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  const out = hostOf("reduce", x.type, kept);
  out.data.fill(start);
  const [strides, to] = [stridesOf(x.shape), stridesOf(kept)];
  for (let i = 0; i < x.size; i++) {
    let place = 0;
    for (let axis = 0; axis < kept.length; axis++)
      if (kept[axis] !== 1) place += (Math.floor(i / strides[axis]!) % kept[axis]!) * to[axis]!;
    out.data[place] = add(out.data[place]!, x.data[i]!);
  }
  const count = out.data.length === 0 ? 0 : x.size / out.data.length;
  for (let i = 0; i < out.data.length; i++) {
    const all = out.data[i]!;
    out.data[i] = stored(x.type, end ? end(all, count) : all);
  }
  const made = out.done();
  return keepdim ? made : made.reshaped(x.shape.filter((_, axis) => !axes.includes(axis)));
}

/** Products go along one axis after another. */
const product: Reduction = (x, axes, keepdim) => {
  const made = axes.reduce((all, axis) => prod(all, axis, true), x);
  return keepdim ? made : made.reshape(x.shape.filter((_, axis) => !axes.includes(axis)));
};

function runningSum(inputs: Inputs, node: GraphNode): Value {
  const x = inputs.at(0);
  const axis = normalizeAxis(String(node), inputs.number(1), x.shape.length);
  const [exclusive, reverse] = [node.int("exclusive", 0) === 1, node.int("reverse", 0) === 1];
  const turn = (y: Tensor): Tensor => (reverse ? flip(y, axis) : y);
  const from = turn(floatsOf(x));
  const sums = cumsum(from, axis);
  const shifted = exclusive
    ? concat(
        [
          zeros(from.shape.map((n, i) => (i === axis ? 1 : n))),
          sums.slice(axis, 0, from.shape[axis]! - 1),
        ],
        axis,
      )
    : sums;
  const made = turn(shifted);
  return x instanceof Host ? new Host(x.type, x.shape, Float64Array.from(made.data())) : made;
}

const add = (a: number, b: number): number => a + b;
const addSquare = (a: number, b: number): number => a + b * b;

export const reductions: Readonly<Record<string, Operator>> = {
  ReduceSum: reduction(sum, { start: 0, add }),
  ReduceMean: reduction(mean, { start: 0, add, end: (all, count) => all / count }),
  ReduceMax: reduction(max, { start: -Infinity, add: Math.max }),
  ReduceMin: reduction(min, { start: Infinity, add: Math.min }),
  ReduceProd: reduction(product, { start: 1, add: (a, b) => a * b }),
  ReduceL1: reduction(
    (x, axes, keepdim) => sum(abs(x), axes, keepdim),
    { start: 0, add: (a, b) => a + Math.abs(b) },
    abs,
  ),
  ReduceL2: reduction(
    (x, axes, keepdim) => sqrt(sum(square(x), axes, keepdim)),
    { start: 0, add: addSquare, end: Math.sqrt },
    abs,
  ),
  ReduceSumSquare: reduction(
    (x, axes, keepdim) => sum(square(x), axes, keepdim),
    { start: 0, add: addSquare },
    square,
  ),
  ReduceLogSum: logarithmic((x, axes, keepdim) => log(sum(x, axes, keepdim)), log),
  ReduceLogSumExp: logarithmic(logSumExp, (x) => log(exp(x))),
  CumSum: { inputs: [2, 2], attributes: "exclusive reverse", run: runningSum },
};

/** Logarithms are the kernels'. */
function logarithmic(f: Reduction, alone: (x: Tensor) => Tensor): Operator {
  return {
    inputs: [1, 2],
    attributes: "axes keepdims noop_with_empty_axes",
    run(inputs, node) {
      const x = inputs.floats(0);
      const axes = axesOf(inputs, node, x.shape.length);
      if (!axes || x.shape.length === 0) return alone(x);
      return f(x, axes, node.int("keepdims", 1) === 1);
    },
  };
}

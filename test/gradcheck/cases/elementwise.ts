// Arithmetic, functions of one operand, and choices between two.
import * as ops from "../../../src/ops/activate.js";
import {
  add,
  div,
  maximum,
  minimum,
  mul,
  neg,
  sub,
  type Arithmetic,
} from "../../../src/ops/arithmetic.js";
import { clone } from "../../../src/ops/convert.js";
import { where } from "../../../src/ops/where.js";
import type { Tensor } from "../../../src/index.js";
import { float, ints, type GradientCase } from "../check.js";
import { broadcastAt, broadcastShape, build, map, sigmoid, zip } from "../twin.js";

const SHAPES: [number[], number[]][] = [
  [[3, 5], [3, 5]],
  [[3, 1, 5], [4, 1]],
  [[], [2, 3]],
  [[2, 3], []],
  [[7], [2, 7]],
  [[2, 3, 4], [2, 1, 1]],
  [[2, 1, 4], [1, 3, 1]],
]; // prettier-ignore

/** Two tensors over shapes that broadcast; a number on either side; one tensor on both. */
function binary(op: Arithmetic, f: (a: number, b: number) => number): GradientCase[] {
  // Different steps: no element of a meets an equal one of b, where maximum has its kink.
  const broadcast = SHAPES.map(([a, b]): GradientCase => ({
    inputs: { a: float(a), b: float(b, { seed: 2, step: 0.046875 }) },
    run: ({ a, b }) => op(a!, b!),
    twin: ({ a, b }) => zip(a!, b!, f),
  }));
  const x = float([3, 5], { seed: 3 });
  return [
    ...broadcast,
    { inputs: { x }, run: ({ x }) => op(x!, 0.7), twin: ({ x }) => map(x!, (v) => f(v, 0.7)) },
    { inputs: { x }, run: ({ x }) => op(0.7, x!), twin: ({ x }) => map(x!, (v) => f(0.7, v)) },
  ];
}

/** One tensor as both operands: its two gradients add up. */
function twice(op: Arithmetic, f: (a: number, b: number) => number): GradientCase {
  return {
    inputs: { x: float([13]) },
    run: ({ x }) => op(x!, x!),
    twin: ({ x }) => map(x!, (v) => f(v, v)),
  };
}

function unary(
  op: (x: Tensor) => Tensor,
  f: (x: number) => number,
  above = -Infinity,
): GradientCase[] {
  return [[], [5], [3, 11]].map((shape) => ({
    inputs: { x: float(shape, { above }) },
    run: ({ x }) => op(x!),
    twin: ({ x }) => map(x!, f),
  }));
}

const quotient = (a: number, b: number): number => a / b;
const product = (a: number, b: number): number => a * b;

/** Quotients of small numbers have large derivatives: compare where the divisor is not small. */
function quotients(): GradientCase[] {
  return binary(div, quotient).map(({ inputs, ...rest }) => {
    const { x, a, b } = inputs as Record<string, ReturnType<typeof float>>;
    const away = (input: typeof x & object) => ({
      ...input,
      data: input.data.map((v) => v + Math.sign(v)) as Float32Array,
    });
    return { ...rest, inputs: x ? { x: away(x) } : { a: a!, b: away(b!) } };
  });
}

export const elementwise: Record<string, GradientCase[]> = {
  add: [...binary(add, (a, b) => a + b), twice(add, (a, b) => a + b)],
  sub: binary(sub, (a, b) => a - b),
  mul: [...binary(mul, product), twice(mul, product)],
  div: quotients(),
  maximum: binary(maximum, Math.max),
  minimum: binary(minimum, Math.min),
  neg: unary(neg, (x) => -x),
  relu: unary(ops.relu, (x) => Math.max(x, 0)),
  tanh: unary(ops.tanh, Math.tanh),
  sigmoid: unary(ops.sigmoid, sigmoid),
  exp: unary(ops.exp, Math.exp),
  log: unary(ops.log, Math.log, 0.25),
  sqrt: unary(ops.sqrt, Math.sqrt, 0.25),
  abs: unary(ops.abs, Math.abs),
  clone: unary(clone, (x) => x),
  where: [
    [[5], [5], [5]],
    [
      [3, 1],
      [1, 7],
      [3, 7],
    ],
    [[2, 3, 5], [], [5]],
    [[13], [2, 1], []],
  ].map(([condition, a, b]): GradientCase => ({
    inputs: {
      condition: ints(
        condition!,
        Array.from({ length: condition!.reduce(product, 1) }, (_, i) => (i * 7) % 3),
      ),
      a: float(a!),
      b: float(b!, { seed: 2 }),
    },
    run: ({ condition, a, b }) => where(condition as unknown as Tensor<"int32">, a!, b!),
    twin: ({ condition, a, b }) =>
      build(broadcastShape(condition!.shape, a!.shape, b!.shape), (index) =>
        broadcastAt(broadcastAt(condition!, index) ? a! : b!, index),
      ),
  })),
};

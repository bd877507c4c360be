// Arithmetic, functions of one operand, and choices between two.
import * as ops from "../../../src/ops/unary.js";
import { add, div, mul, neg, sub, type Arithmetic } from "../../../src/ops/arithmetic.js";
import { maximum, minimum } from "../../../src/ops/extremes.js";
import { clamp, hardSigmoid, hardTanh } from "../../../src/ops/clamp.js";
import { clone } from "../../../src/ops/convert.js";
import { glu } from "../../../src/ops/glu.js";
import { cos, sin } from "../../../src/ops/sine.js";
import { pow, reciprocal, rsqrt, square } from "../../../src/ops/power.js";
import * as rectify from "../../../src/ops/activations.js";
import { maskedFill, where } from "../../../src/ops/where.js";
import type { Tensor } from "../../../src/index.js";
import { float, ints, type GradientCase, type Input } from "../check.js";
import {
  alongAxis,
  broadcastAt,
  broadcastShape,
  build,
  map,
  normalCdf,
  sigmoid,
  zip,
} from "../twin.js";

const SHAPES: [number[], number[]][] = [
  [[3, 5], [3, 5]],
  [[3, 1, 5], [4, 1]],
  [[], [2, 3]],
  [[2, 3], []],
  [[7], [2, 7]],
  [[2, 3, 4], [2, 1, 1]],
  [[2, 1, 4], [1, 3, 1]],
]; // prettier-ignore

const WHOLE: Input = { shape: [5], data: Float32Array.of(1, 2, 3, 0, 5), checked: false };

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
  clamp: [
    ...unary(
      (x) => clamp(x, -0.2, 0.13),
      (x) => Math.min(Math.max(x, -0.2), 0.13),
    ),
    ...unary(
      (x) => clamp(x, 0.07),
      (x) => Math.max(x, 0.07),
    ),
    ...unary(
      (x) => clamp(x, undefined, -0.07),
      (x) => Math.min(x, -0.07),
    ),
  ],
  hardTanh: [
    ...unary(
      (x) => hardTanh(mul(x, 3)),
      (x) => Math.min(Math.max(3 * x, -1), 1),
    ),
    ...unary(
      (x) => hardTanh(x, -0.09375, 0.15625),
      (x) => Math.min(Math.max(x, -0.09375), 0.15625),
    ),
  ],
  hardSigmoid: unary(
    (x) => hardSigmoid(mul(x, 8)),
    (x) => Math.min(Math.max(8 * x + 3, 0), 6) / 6,
  ),
  sin: unary(
    (x) => sin(mul(x, 20)),
    (x) => Math.sin(20 * x),
  ),
  cos: unary(
    (x) => cos(mul(x, 20)),
    (x) => Math.cos(20 * x),
  ),
  glu: [1, 0, -1].map((axis): GradientCase => ({
    inputs: { x: float([4, 6]) },
    run: ({ x }) => glu(x!, axis),
    twin: ({ x }) =>
      alongAxis(x!, axis, (line) => {
        const half = line.length / 2;
        return line.slice(0, half).map((v, i) => v * sigmoid(line[half + i]!));
      }),
  })),
  square: unary(square, (x) => x * x),
  reciprocal: unary(reciprocal, (x) => 1 / x, 0.75),
  rsqrt: unary(rsqrt, (x) => 1 / Math.sqrt(x), 0.75),
  pow: [
    ...[0.5, 1.5, -0.5, 2.7, -2].flatMap((p) =>
      unary(
        (x) => pow(x, p),
        (x) => x ** p,
        0.75,
      ),
    ),
    ...[1, 2, 3, 5].flatMap((p) =>
      unary(
        (x) => pow(x, p),
        (x) => x ** p,
      ),
    ),
    ...SHAPES.map(([a, b]): GradientCase => ({
      inputs: { a: float(a, { above: 0.5 }), b: float(b, { seed: 2 }) },
      run: ({ a, b }) => pow(a!, b!),
      twin: ({ a, b }) => zip(a!, b!, (x, p) => x ** p),
    })),
    // Below 0 only whole exponents have a value, and none has a gradient.
    {
      inputs: { x: float([3, 5]), p: WHOLE },
      run: ({ x, p }) => pow(x!, p!),
      twin: ({ x, p }) => zip(x!, p!, (v, n) => v ** n),
    },
  ],
  silu: unary(rectify.silu, (x) => x * sigmoid(x)),
  gelu: [
    ...unary(rectify.gelu, (x) => x * normalCdf(x)),
    ...unary(
      (x) => rectify.gelu(x, { approximate: "tanh" }),
      (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
    ),
  ],
  softplus: [
    ...unary(rectify.softplus, (x) => Math.log1p(Math.exp(x))),
    ...unary(
      (x) => rectify.softplus(x, 2.5),
      (x) => Math.log1p(Math.exp(2.5 * x)) / 2.5,
    ),
    ...unary(
      (x) => rectify.softplus(x, 0.5, 0.25),
      (x) => (0.5 * x > 0.25 ? x : Math.log1p(Math.exp(0.5 * x)) / 0.5),
    ),
  ],
  logSigmoid: unary(rectify.logSigmoid, (x) => -Math.log1p(Math.exp(-x))),
  elu: [
    ...unary(rectify.elu, (x) => (x > 0 ? x : Math.expm1(x))),
    ...unary(
      (x) => rectify.elu(x, 0.4),
      (x) => (x > 0 ? x : 0.4 * Math.expm1(x)),
    ),
  ],
  leakyRelu: [
    ...unary(rectify.leakyRelu, (x) => (x > 0 ? x : 0.01 * x)),
    ...unary(
      (x) => rectify.leakyRelu(x, 0.2),
      (x) => (x > 0 ? x : 0.2 * x),
    ),
  ],
  maskedFill: [
    [[3, 5], [5]],
    [
      [3, 5],
      [3, 1],
    ],
    [[5], [5]],
  ].map(([shape, mask]): GradientCase => ({
    inputs: {
      x: float(shape!),
      mask: ints(
        mask!,
        Array.from({ length: mask!.reduce(product, 1) }, (_, i) => (i * 7) % 3),
      ),
    },
    run: ({ x, mask }) => maskedFill(x!, mask as unknown as Tensor<"int32">, 0.3),
    twin: ({ x, mask }) => zip(x!, mask!, (value, is) => (is ? 0.3 : value)),
  })),
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

import { describe, expect, it } from "vitest";
import { DTypeError } from "../../src/core/errors.js";
import { abs, exp, log, relu, sigmoid, sqrt, tanh } from "../../src/ops/unary.js";
import { clamp, hardSigmoid, hardTanh } from "../../src/ops/clamp.js";
import "../../src/ops/methods.js";
import { pow, reciprocal, rsqrt, square } from "../../src/ops/power.js";
import { elu, gelu, leakyRelu, logSigmoid, silu, softplus } from "../../src/ops/activations.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { normalCdf } from "../gradcheck/twin.js";
import { expectClose } from "../helpers/expect-close.js";

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
type Function = (x: number) => number;

const WIDE = [-Infinity, -100, -20, -1.5, -1e-6, -0, 0, 1e-6, 0.3, 2.5, 20, 100, Infinity, NaN, 7];
const POSITIVE = [1e-30, 1e-6, 0.25, 1, 2.5, 100, 1e30];

const FINITE = [-20, -3, -0.75, -0.01, 0, 0.02, 0.9, 4, 20];
const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

const functions: [string, (x: Tensor) => Tensor, number[], Function, Function][] = [
  ["relu", relu, WIDE, (x) => (x > 0 || Number.isNaN(x) ? x : 0), (x) => (x > 0 ? 1 : 0)],
  ["tanh", tanh, WIDE, Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
  ["sigmoid", sigmoid, WIDE, logistic, (x) => logistic(x) * (1 - logistic(x))],
  ["exp", exp, [-200, -3, 0, 0.5, 3, 80], Math.exp, Math.exp],
  ["log", log, POSITIVE, Math.log, (x) => 1 / x],
  ["sqrt", sqrt, POSITIVE, Math.sqrt, (x) => 0.5 / Math.sqrt(x)],
  ["abs", abs, WIDE.slice(0, -2).concat(7), Math.abs, Math.sign],
  ["silu", silu, FINITE, (x) => x * logistic(x), (x) => logistic(x) * (1 + x * (1 - logistic(x)))],
  ["gelu", gelu, FINITE, (x) => x * normalCdf(x), (x) => normalCdf(x) + x * density(x)],
  [
    "softplus",
    softplus,
    FINITE,
    (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    logistic,
  ],
  [
    "logSigmoid",
    logSigmoid,
    FINITE,
    (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))),
    (x) => logistic(-x),
  ],
  [
    "elu",
    (x) => elu(x, 0.5),
    WIDE,
    (x) => (x <= 0 ? 0.5 * Math.expm1(x) : x),
    (x) => (x > 0 ? 1 : 0.5 * Math.exp(x)),
  ],
  [
    "leakyRelu",
    (x) => leakyRelu(x, 0.25),
    WIDE,
    (x) => (x > 0 ? x : x / 4),
    (x) => (x > 0 ? 1 : 0.25),
  ],
  [
    "clamp",
    (x) => clamp(x, -1.5, 2.5),
    WIDE,
    (x) => Math.min(Math.max(x, -1.5), 2.5),
    (x) => Number(x >= -1.5 && x <= 2.5),
  ],
  [
    "hardTanh",
    hardTanh,
    [...WIDE, -1, 1],
    (x) => Math.min(Math.max(x, -1), 1),
    (x) => Number(Math.abs(x) < 1),
  ],
  [
    "hardSigmoid",
    hardSigmoid,
    [...WIDE, -3, 3],
    (x) => Math.min(Math.max(x + 3, 0), 6) / 6,
    (x) => Number(Math.abs(x) < 3) / 6,
  ],
  ["reciprocal", reciprocal, POSITIVE.slice(1, -1), (x) => 1 / x, (x) => -1 / (x * x)],
  ["rsqrt", rsqrt, POSITIVE.slice(2, -1), (x) => 1 / Math.sqrt(x), (x) => -0.5 * x ** -1.5],
  ["pow", (x) => pow(x, 1.7), POSITIVE.slice(1, -1), (x) => x ** 1.7, (x) => 1.7 * x ** 0.7],
  ["pow", (x) => pow(x, 3), FINITE, (x) => x ** 3, (x) => 3 * x * x],
  ["pow", (x) => pow(x, -2), [-3, -0.5, 0.5, 4], (x) => x ** -2, (x) => -2 * x ** -3],
];

describe.each(functions)("%s", (name, op, points, f, slope) => {
  const x = Float32Array.from(points);

  it("computes", () => {
    scope(() => {
      const expected = Float32Array.from(x, f);
      expectClose(op(tensor(x)).data(), expected, { absolute: 1e-7, relative: 1e-6 });
    });
  });

  it("passes its slope times the incoming gradient", () => {
    scope(() => {
      const leaf = tensor(x, { requiresGrad: true });
      const incoming = Float32Array.from(x, (_, i) => 1.5 - 0.25 * i);
      op(leaf).backward(tensor(incoming));
      const expected = Float32Array.from(x, (value, i) => slope(value) * incoming[i]!);
      expectClose(leaf.grad!.data(), expected, { absolute: 2e-6, relative: 2e-6 });
    });
  });

  it("refuses int32", () => {
    scope(() => {
      const wrong = () => op(tensor([1], { dtype: "int32" }) as unknown as Tensor);
      expect(wrong).toThrow(DTypeError);
      // Bounds beside int32 are whole.
      const expected = name === "clamp" ? "a whole number beside an int32 tensor" : "float32";
      expect(wrong).toThrow(`${name}: expected ${expected}, got `);
    });
  });
});

describe("powers", () => {
  it("square either dtype", () => {
    scope(() => {
      const x = tensor([-3, 0.5], { requiresGrad: true });
      const y = square(x);
      expect(y.toArray()).toEqual([9, 0.25]);
      y.backward(tensor([1, 2]));
      expect(x.grad!.toArray()).toEqual([-6, 2]);
      expect(square(tensor(Int32Array.of(-7, 3))).toArray()).toEqual([49, 9]);
    });
  });

  it("follow PyTorch at 0 and below", () => {
    scope(() => {
      const x = tensor([-2, 0, 4], { requiresGrad: true });
      expect(pow(x, 0).toArray()).toEqual([1, 1, 1]);
      expect(pow(x, 1).toArray()).toEqual([-2, 0, 4]);
      expect(pow(x, 5).toArray()).toEqual([-32, 0, 1024]);
      expect(pow(x, -1).toArray()).toEqual([-0.5, Infinity, 0.25]);
      expect(pow(x, 0.5).toArray()).toEqual([NaN, 0, 2]);
      pow(x, 1.5).backward(tensor([1, 1, 1]));
      expectClose(x.grad!.data(), [NaN, 0, 3], 1e-6);
    });
  });

  it("take a tensor as exponent", () => {
    scope(() => {
      const y = pow(tensor([[2], [3]]), tensor([0.5, -1, 3]));
      const expected = [2 ** 0.5, 0.5, 8, 3 ** 0.5, 1 / 3, 27];
      expectClose(y.data(), expected, { absolute: 0, relative: 1e-6 });
    });
  });
});

describe("gelu's tanh form", () => {
  it("is what GPT-2 uses, not the exact one", () => {
    scope(() => {
      const x = Float32Array.from(FINITE);
      const c = Math.sqrt(2 / Math.PI);
      const expected = x.map((v) => (v / 2) * (1 + Math.tanh(c * (v + 0.044715 * v ** 3))));
      const y = gelu(tensor(x), { approximate: "tanh" }).data();
      expectClose(y, expected, { absolute: 1.5e-7, relative: 1.5e-7 });
      expect(Math.abs(y[2]! - gelu(tensor(x)).data()[2]!)).toBeGreaterThan(5e-5);
    });
  });
});

describe("at the edge of the domain", () => {
  it("follows IEEE", () => {
    scope(() => {
      expect(log(tensor([0, -1, Infinity])).toArray()).toEqual([-Infinity, NaN, Infinity]);
      expect(sqrt(tensor([0, -1, Infinity])).toArray()).toEqual([0, NaN, Infinity]);
      expect(exp(tensor([-Infinity, 89, NaN])).toArray()).toEqual([0, Infinity, NaN]);
    });
  });
});

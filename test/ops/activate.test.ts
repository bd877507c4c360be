import { describe, expect, it } from "vitest";
import { DTypeError } from "../../src/core/errors.js";
import { abs, exp, log, relu, sigmoid, sqrt, tanh } from "../../src/ops/activate.js";
import "../../src/ops/methods.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { expectClose } from "../helpers/expect-close.js";

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
type Function = (x: number) => number;

const WIDE = [-Infinity, -100, -20, -1.5, -1e-6, -0, 0, 1e-6, 0.3, 2.5, 20, 100, Infinity, NaN, 7];
const POSITIVE = [1e-30, 1e-6, 0.25, 1, 2.5, 100, 1e30];

const functions: [string, (x: Tensor) => Tensor, number[], Function, Function][] = [
  ["relu", relu, WIDE, (x) => (x > 0 || Number.isNaN(x) ? x : 0), (x) => (x > 0 ? 1 : 0)],
  ["tanh", tanh, WIDE, Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
  ["sigmoid", sigmoid, WIDE, logistic, (x) => logistic(x) * (1 - logistic(x))],
  ["exp", exp, [-200, -3, 0, 0.5, 3, 80], Math.exp, Math.exp],
  ["log", log, POSITIVE, Math.log, (x) => 1 / x],
  ["sqrt", sqrt, POSITIVE, Math.sqrt, (x) => 0.5 / Math.sqrt(x)],
  ["abs", abs, WIDE.slice(0, -2).concat(7), Math.abs, Math.sign],
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
      expect(wrong).toThrow(`${name}: expected float32, got int32. Convert it with to("float32").`);
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

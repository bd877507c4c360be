import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DTypeError, OptionError, ShapeError } from "../../src/core/errors.js";
import { cumsum } from "../../src/ops/cumsum.js";
import { argmax, logSumExp, max, mean, sum } from "../../src/ops/reduce.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import * as twins from "../gradcheck/twin.js";
import { expectSame, pair, shapeAndAxis, shapes } from "./arbitrary.js";

/** A shape, and one axis, several, none, or all of them as a user may write it. */
function shapeAndAxes(least = 0) {
  return shapes({ least }).chain((shape) => {
    const axes = shape.map((_, axis) => axis);
    const all = fc.constantFrom(undefined, []);
    const one = fc.integer({ min: -shape.length, max: Math.max(shape.length - 1, 0) });
    const several = fc.subarray(axes);
    const axis = shape.length > 0 ? fc.oneof(one, several, all) : all;
    return fc.record({ shape: fc.constant(shape), axis, keepdim: fc.boolean() });
  });
}

/** The axes that a choice stands for. */
function chosen(shape: readonly number[], axis: number | readonly number[] | undefined): number[] {
  const all = shape.map((_, i) => i);
  if (typeof axis === "number") return [axis < 0 ? axis + shape.length : axis];
  return axis === undefined || axis.length === 0 ? all : [...axis];
}

const average = (values: number[]): number => twins.sum(values) / values.length;

/** Operation, twin, and the gradient of one value from its group. */
const reductions: [
  string,
  typeof sum,
  (v: number[]) => number,
  (x: number, v: number[]) => number,
][] = [
  ["sum", sum, twins.sum, () => 1],
  ["mean", mean, average, (_, v) => 1 / v.length],
  ["max", max, (v) => Math.max(...v), (x, v) => Number(x === Math.max(...v))],
  ["logSumExp", logSumExp, lse, (x, v) => Math.exp(x - lse(v))],
];

function lse(values: number[]): number {
  return values.length === 0 ? -Infinity : twins.logSumExp(values);
}

describe.each(reductions)("%s", (name, op, f, slope) => {
  const needsElements = name === "max";

  it("reduces any axes and repeats the gradient over them", () => {
    fc.assert(
      fc.property(
        shapeAndAxes(needsElements ? 1 : 0),
        fc.nat(1000),
        ({ shape, axis, keepdim }, seed) =>
          scope(() => {
            const x = pair(shape, seed);
            const axes = chosen(shape, axis);
            const y = op(x.tensor, axis, keepdim);
            const expected = twins.reduce(x.twin, f, axes, keepdim);
            expectSame(y, expected, { absolute: 1e-6, relative: 1e-6 });
            fc.pre(x.tensor.size > 0); // Of nothing there is no gradient.
            const dy = pair(expected.shape, seed + 1);
            y.backward(dy.tensor);
            const groups = new Map<string, number[]>();
            const kept = shape.map((size, i) => (axes.includes(i) ? 1 : size));
            const group = (index: number[]) => index.map((i, a) => (axes.includes(a) ? 0 : i));
            x.twin.data.forEach((value, flat) => {
              const key = String(group(twins.unravel(flat, shape)));
              groups.set(key, [...(groups.get(key) ?? []), value]);
            });
            const incoming = { shape: kept, data: dy.twin.data };
            const dx = twins.build(shape, (index) => {
              const values = groups.get(String(group(index)))!;
              return slope(twins.at(x.twin, index), values) * twins.at(incoming, group(index));
            });
            expectSame(x.tensor.grad!, dx, { absolute: 2e-6, relative: 2e-6 }, "dx");
          }),
      ),
    );
  });

  it("names an axis out of range, one given twice, and int32", () => {
    scope(() => {
      const x = pair([2, 3]).tensor;
      const outside = `${name}: expected an axis from -2 to 1, got`;
      expect(() => op(x, 2)).toThrow(`${outside} 2`);
      expect(() => op(x, [0, -3])).toThrow(`${outside} -3`);
      expect(() => op(x, 0.5)).toThrow(OptionError);
      expect(() => op(x, [1, -1])).toThrow(`${name}: expected each axis at most once, got [1, -1]`);
      const ids = tensor([1], { dtype: "int32" }) as unknown as Tensor;
      expect(() => op(ids)).toThrow(DTypeError);
    });
  });

  it("takes axis 0 and -1 of a scalar, as PyTorch", () => {
    scope(() => {
      const x = tensor(1.5);
      expect([op(x, 0).item(), op(x, -1).item(), op(x).item()]).toEqual([1.5, 1.5, 1.5]);
      expect(() => op(x, 1)).toThrow(OptionError);
    });
  });
});

describe("reductions of nothing", () => {
  it("give the neutral element, NaN for a mean, and are refused by max", () => {
    scope(() => {
      const none = tensor([], { shape: [2, 0] });
      expect(sum(none, 1).toArray()).toEqual([0, 0]);
      expect(mean(none, 1).toArray()).toEqual([NaN, NaN]);
      expect(logSumExp(none, 1).toArray()).toEqual([-Infinity, -Infinity]);
      expect(max(none, 0).shape).toEqual([0]);
      expect(() => max(none, 1)).toThrow(ShapeError);
      expect(() => argmax(none)).toThrow(
        "argmax: expected at least one element to choose from, got [2, 0]",
      );
    });
  });
});

describe("sum", () => {
  it("loses nothing to rounding on the way", () => {
    scope(() => {
      const x = new Float32Array(100_001).fill(0.1);
      x[0] = 2 ** 24;
      const exact = Math.fround(2 ** 24 + 100_000 * Math.fround(0.1));
      expect(sum(tensor(x)).item()).toBe(exact);
    });
  });
});

describe("max", () => {
  it("sends the gradient to the first of equals, and takes NaN for the largest", () => {
    scope(() => {
      const x = tensor(
        [
          [1, 3, 3],
          [4, NaN, 5],
        ],
        { requiresGrad: true },
      );
      const y = max(x, 1);
      expect(y.toArray()).toEqual([3, NaN]);
      y.backward(tensor([10, 20]));
      expect(x.grad!.toArray()).toEqual([
        [0, 10, 0],
        [0, 20, 0],
      ]);
    });
  });
});

describe("argmax", () => {
  it("finds the first maximum along any axis", () => {
    fc.assert(
      fc.property(
        shapeAndAxis({ least: 1 }),
        fc.nat(1000),
        fc.boolean(),
        ({ shape, axis }, seed, keepdim) =>
          scope(() => {
            // Coarse values, so that many are equal.
            const { twin } = pair(shape, seed);
            const rounded = twins.map(twin, Math.round);
            const x = tensor(rounded.data, { shape });
            const y = argmax(x, axis, keepdim);
            expect(y.dtype).toBe("int32");
            const first = (v: number[]) => v.indexOf(Math.max(...v));
            expectSame(y, twins.reduce(rounded, first, chosen(shape, axis), keepdim));
            expect(argmax(x).item()).toBe(first([...rounded.data]));
          }),
      ),
    );
  });
});

describe("logSumExp", () => {
  it("overflows nowhere and stays -Infinity where all is", () => {
    scope(() => {
      const x = tensor([
        [1000, 1000],
        [-1000, -1001],
        [-Infinity, -Infinity],
        [Infinity, 0],
      ]);
      const [big, small, none, all] = logSumExp(x, 1).data();
      expect(big).toBe(Math.fround(1000 + Math.log(2)));
      expect(small).toBeCloseTo(-1000 + Math.log(1 + Math.exp(-1)), 4);
      expect([none, all]).toEqual([-Infinity, Infinity]);
    });
  });
});

describe("cumsum", () => {
  it("runs along any axis, and back for the gradient", () => {
    fc.assert(
      fc.property(shapeAndAxis(), fc.nat(1000), ({ shape, axis }, seed) =>
        scope(() => {
          const x = pair(shape, seed);
          const y = cumsum(x.tensor, axis);
          expect(y.shape).toEqual(shape);
          fc.pre(x.tensor.size > 0); // Of nothing there is no gradient.
          const run = (line: number[]) => line.map((_, i) => twins.sum(line.slice(0, i + 1)));
          expectSame(y, twins.alongAxis(x.twin, axis, run), { absolute: 1e-7, relative: 1e-6 });
          const dy = pair(shape, seed + 1);
          y.backward(dy.tensor);
          const back = (line: number[]) => line.map((_, i) => twins.sum(line.slice(i)));
          const dx = twins.alongAxis(dy.twin, axis, back);
          expectSame(x.tensor.grad!, dx, { absolute: 1e-7, relative: 1e-6 }, "dx");
        }),
      ),
    );
  });

  it("refuses an axis out of range and int32", () => {
    scope(() => {
      expect(() => cumsum(pair([2, 3]).tensor, 2)).toThrow(OptionError);
      expect(() => cumsum(tensor([1], { dtype: "int32" }) as unknown as Tensor, 0)).toThrow(
        DTypeError,
      );
    });
  });
});

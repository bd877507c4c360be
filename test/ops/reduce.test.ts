import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DTypeError, OptionError, ShapeError } from "../../src/core/errors.js";
import { clamp } from "../../src/ops/clamp.js";
import { prod } from "../../src/ops/cumprod.js";
import { cumsum } from "../../src/ops/cumsum.js";
import { median } from "../../src/ops/median.js";
import { argmax, logSumExp, max, mean, sum } from "../../src/ops/reduce.js";
import { argmin, min } from "../../src/ops/statistics.js";
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
  (x: Tensor, axis?: number | readonly number[], keepdim?: boolean) => Tensor,
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

  it("names an axis out of range and one given twice", () => {
    scope(() => {
      const x = pair([2, 3]).tensor;
      const outside = `${name}: expected an axis from -2 to 1, got`;
      expect(() => op(x, 2)).toThrow(`${outside} 2`);
      expect(() => op(x, [0, -3])).toThrow(`${outside} -3`);
      expect(() => op(x, 0.5)).toThrow(OptionError);
      expect(() => op(x, [1, -1])).toThrow(`${name}: expected each axis at most once, got [1, -1]`);
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

  it("refuses an axis out of range", () => {
    scope(() => {
      expect(() => cumsum(pair([2, 3]).tensor, 2)).toThrow(OptionError);
    });
  });
});

describe("reductions of whole numbers", () => {
  const values = (shape: readonly number[]): Tensor<"int32"> =>
    tensor(
      Int32Array.from({ length: twins.sizeOf(shape) }, (_, i) => ((i * 7) % 11) - 5),
      { shape },
    );
  const wholes: [string, (x: Tensor<"int32">, axis?: number | number[], keepdim?: boolean) => Tensor<"int32">, (v: number[]) => number][] = [
    ["sum", sum, twins.sum],
    ["max", max, (v) => Math.max(...v)],
    ["min", min, (v) => Math.min(...v)],
  ]; // prettier-ignore

  it.each(wholes)("%s reduces any axes", (_, op, f) => {
    scope(() => {
      for (const axis of [undefined, 0, 1, -1, [0, 2], [0, 1, 2]])
        for (const keepdim of [false, true]) {
          const x = values([3, 4, 5]);
          const twin = { shape: [3, 4, 5], data: Float64Array.from(x.data()) };
          const axes = typeof axis === "number" ? [axis] : axis;
          const y = op(x, axis, keepdim);
          expect(y.dtype).toBe("int32");
          expectSame(y, twins.reduce(twin, f, axes, keepdim));
        }
    });
  });

  it("are those of numbers that float32 cannot hold", () => {
    scope(() => {
      const x = tensor(Int32Array.of(16_777_217, 16_777_216, -16_777_217));
      expect(max(x).item()).toBe(16_777_217);
      expect(min(x).item()).toBe(-16_777_217);
      expect([argmax(x).item(), argmin(x).item()]).toEqual([0, 2]);
      expect(x.sum().item()).toBe(16_777_216);
      expect(cumsum(x, 0).toArray()).toEqual([16_777_217, 33_554_433, 16_777_216]);
      expect(clamp(x, -3, 16_777_216).toArray()).toEqual([16_777_216, 16_777_216, -3]);
      expect(clamp(x, undefined, 0).toArray()).toEqual([0, 0, -16_777_217]);
      expect(() => clamp(x, 0.5)).toThrow(DTypeError);
    });
  });

  it("wrap as arithmetic does, and take the first of equals", () => {
    scope(() => {
      expect(sum(tensor(Int32Array.of(0x7fffffff, 1))).item()).toBe(-0x80000000);
      expect(argmax(tensor(Int32Array.of(1, 3, 3)), 0).item()).toBe(1);
      expect(argmin(tensor(Int32Array.of(1, 0, 0))).item()).toBe(1);
      expect(sum(values([0, 3]), 0).toArray()).toEqual([0, 0, 0]);
      expect(() => max(values([0]))).toThrow(ShapeError);
      expect(cumsum(values([2, 3]), 0).toArray()).toEqual(
        [[-5, 2, -2], [0, 3, -5]], // prettier-ignore
      );
    });
  });

  it("mean and logSumExp want float32", () => {
    scope(() => {
      expect(() => mean(values([2]) as never)).toThrow(DTypeError);
      expect(() => logSumExp(values([2]) as never)).toThrow(DTypeError);
    });
  });
});

describe("median", () => {
  it("takes the lower of two in the middle, of either dtype, and NaN where one is", () => {
    scope(() => {
      const x = tensor([
        [5, 1, 4, 2],
        [3, NaN, 0, 1],
      ]);
      expect(median(x, 1).toArray()).toEqual([2, NaN]);
      expect(median(x, 0, true).toArray()).toEqual([[3, NaN, 0, 1]]);
      expect(median(tensor(Int32Array.of(9, 7, 8))).item()).toBe(8);
      expect(() => median(tensor([]))).toThrow(ShapeError);
    });
  });
});

describe("prod", () => {
  it("is 1 of no elements, and has its gradient where elements are 0", () => {
    scope(() => {
      expect(prod(tensor([], { shape: [0, 2] }), 0).toArray()).toEqual([1, 1]);
      const x = tensor([2, 0, 3], { requiresGrad: true });
      prod(x).backward();
      expect(x.grad!.toArray()).toEqual([0, 6, 0]);
      expect(prod(tensor([[2, 3]]), undefined, true).toArray()).toEqual([[6]]);
    });
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkCount } from "../../src/core/check.js";
import { OptionError, ShapeError } from "../../src/core/errors.js";
import {
  broadcastShapes,
  checkShape,
  formatShape,
  MAX_ELEMENTS,
  normalizeAxis,
  sameShape,
  sizeOf,
  splitAtAxis,
} from "../../src/core/shape.js";

const shape = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 });

describe("shapes", () => {
  it("multiply to their size: 1 for a scalar, 0 with an empty axis", () => {
    expect(sizeOf([])).toBe(1);
    expect(sizeOf([3, 0, 2])).toBe(0);
    expect(sizeOf([3, 4])).toBe(12);
    expect(formatShape([32, 100, 64])).toBe("[32, 100, 64]");
  });

  it("are the same only with the same sizes in the same order", () => {
    expect(sameShape([2, 3], [2, 3])).toBe(true);
    expect(sameShape([2, 3], [3, 2])).toBe(false);
    expect(sameShape([2], [2, 1])).toBe(false);
    expect(sameShape([2, 1], [2])).toBe(false);
  });

  it.each([[[-1]], [[1.5]], [[NaN]], [[MAX_ELEMENTS + 1]], [[40000, 40000]], ["2"], [undefined]])(
    "refuse %o",
    (bad) => {
      expect(() => checkShape("zeros", bad as number[])).toThrow(ShapeError);
    },
  );

  it("go up to the largest count that stays addressable", () => {
    expect(() => checkShape("zeros", [MAX_ELEMENTS])).not.toThrow();
    expect(() => checkShape("zeros", [])).not.toThrow();
  });

  it("split at an axis into what is before, along and after it", () => {
    expect(splitAtAxis([2, 3, 4, 5], 2)).toEqual({ outer: 6, length: 4, inner: 5 });
    expect(splitAtAxis([7], 0)).toEqual({ outer: 1, length: 7, inner: 1 });
  });
});

describe("broadcasting", () => {
  it("gives each axis the size that is not 1, whichever operand has it", () => {
    expect(broadcastShapes("add", [2, 1, 4], [3, 1])).toEqual([2, 3, 4]);
    expect(broadcastShapes("add", [], [2])).toEqual([2]);
    expect(broadcastShapes("add", [1], [0])).toEqual([0]);
  });

  it("is symmetric, refuses in both orders or in none, and takes every axis from an operand", () => {
    fc.assert(
      fc.property(shape, shape, (a, b) => {
        const attempt = (x: number[], y: number[]) => {
          try {
            return broadcastShapes("add", x, y);
          } catch (error) {
            expect(error).toBeInstanceOf(ShapeError);
            return undefined;
          }
        };
        const out = attempt(a, b);
        expect(attempt(b, a)).toEqual(out);
        const pairs = Array.from<unknown, [number, number]>(
          { length: Math.max(a.length, b.length) },
          (_, i) => [a.at(-1 - i) ?? 1, b.at(-1 - i) ?? 1],
        );
        const fits = pairs.every(([m, n]) => m === n || m === 1 || n === 1);
        expect(out !== undefined).toBe(fits);
        if (out) expect([...out].reverse()).toEqual(pairs.map(([m, n]) => (m === 1 ? n : m)));
      }),
    );
  });

  it("says which two sizes do not fit", () => {
    expect(() => broadcastShapes("add", [2, 3], [4, 1, 2])).toThrow(
      "add: expected shapes that broadcast, got [2, 3] and [4, 1, 2]. " +
        "Aligned at the last axis, each pair of sizes must be equal or hold a 1; 3 and 2 do not.",
    );
  });
});

describe("axes and counts", () => {
  it("count axes from either end", () => {
    expect([0, 1, -1, -2].map((axis) => normalizeAxis("sum", axis, 2))).toEqual([0, 1, 1, 0]);
  });

  it.each([2, -3, 0.5, NaN])("refuse axis %d of two", (axis) => {
    expect(() => normalizeAxis("sum", axis, 2)).toThrow(
      `sum: expected an axis from -2 to 1, got ${axis}.`,
    );
  });

  it("refuse any axis of a scalar", () => {
    expect(() => normalizeAxis("sum", 0, 0)).toThrow(
      "a tensor with at least one axis, got a scalar",
    );
  });

  it.each([0, -1, 2.5, NaN, Infinity])("refuse a count of %d", (count) => {
    expect(() => checkCount("LSTM", "hiddenSize", count)).toThrow(OptionError);
    expect(() => checkCount("LSTM", "hiddenSize", count)).toThrow(
      `LSTM: expected hiddenSize to be a whole number of at least 1, got ${count}.`,
    );
  });
});

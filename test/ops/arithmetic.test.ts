import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DTypeError, ShapeError } from "../../src/core/errors.js";
import type { DType } from "../../src/core/dtype.js";
import { add, div, mul, neg, sub, type Arithmetic } from "../../src/ops/arithmetic.js";
import { maximum, minimum } from "../../src/ops/extremes.js";
import { floorDivide, remainder } from "../../src/ops/integers.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { zip, type Twin } from "../gradcheck/twin.js";
import { broadcastable, counting, expectSame, pair } from "./arbitrary.js";
import { sumBack } from "./sum-back.js";

type Scalar = (a: number, b: number) => number;

/** Each operation with its twin and the twin's derivatives. */
const operations: [string, Arithmetic, Scalar, Scalar, Scalar][] = [
  ["add", add, (a, b) => a + b, () => 1, () => 1],
  ["sub", sub, (a, b) => a - b, () => 1, () => -1],
  ["mul", mul, (a, b) => a * b, (_, b) => b, (a) => a],
  ["div", div, (a, b) => a / b, (_, b) => 1 / b, (a, b) => -a / (b * b)],
  ["maximum", maximum, Math.max, (a, b) => share(a, b), (a, b) => share(b, a)],
  ["minimum", minimum, Math.min, (a, b) => share(b, a), (a, b) => share(a, b)],
];

const share = (a: number, b: number): number => (a > b ? 1 : a === b ? 0.5 : 0);
const rounded = (f: Scalar) => (a: number, b: number) => Math.fround(f(a, b));
const grad = (x: Tensor): Tensor => x.grad!;

describe.each(operations)("%s", (name, op, f, da, db) => {
  it("broadcasts, and sums gradients back to each operand", () => {
    fc.assert(
      fc.property(broadcastable(2), fc.nat(1000), ([shapeA, shapeB], seed) =>
        scope(() => {
          const a = pair(shapeA!, seed);
          const b = pair(shapeB!, seed + 1, 0.5, 3);
          const y = op(a.tensor, b.tensor);
          const expected = zip(a.twin, b.twin, rounded(f));
          expectSame(y, expected);
          const dy = pair(expected.shape, seed + 2);
          y.backward(dy.tensor);
          const back = (own: Twin, slope: Scalar): Twin =>
            sumBack(
              zip(dy.twin, zip(a.twin, b.twin, slope), (g, s) => g * s),
              own.shape,
            );
          const tolerance = { absolute: 1e-5, relative: 1e-6 };
          expectSame(grad(a.tensor), back(a.twin, da), tolerance, "da");
          expectSame(grad(b.tensor), back(b.twin, db), tolerance, "db");
        }),
      ),
    );
  });

  it("takes a number on either side", () => {
    scope(() => {
      const x = pair([2, 3], 5, 0.5, 2);
      const two: Twin = { shape: [], data: Float64Array.of(2) };
      const right = op(x.tensor, 2);
      expectSame(right, zip(x.twin, two, rounded(f)));
      const left = op(2, x.tensor);
      expectSame(left, zip(two, x.twin, rounded(f)));
      add(right, left).sum().backward();
      const slope = (a: number) => da(a, 2) + db(2, a);
      expectSame(grad(x.tensor), zip(x.twin, two, slope), 1e-6);
    });
  });

  it("names shapes that do not broadcast, and refuses mixed dtypes", () => {
    scope(() => {
      expect(() => op(pair([2, 3]).tensor, pair([4, 3]).tensor)).toThrow(
        new ShapeError({
          op: name,
          expected: "shapes that broadcast",
          got: "[2, 3] and [4, 3]",
          cure: "Aligned at the last axis, each pair of sizes must be equal or hold a 1; 2 and 4 do not.",
        }),
      );
      const ids = tensor([1, 2], { dtype: "int32" }) as unknown as Tensor;
      const mixed = [() => op(pair([2]).tensor, ids), () => op(ids, pair([2]).tensor)];
      for (const wrong of name === "div" ? [() => op(ids, 1), () => op(1, ids), ...mixed] : mixed) {
        expect(wrong).toThrow(DTypeError);
        expect(wrong).toThrow(new RegExp(`^${name}: expected`));
      }
    });
  });
});

describe.each<[string, Arithmetic<DType>, Scalar]>([
  ["add", add, (a, b) => (a + b) | 0],
  ["sub", sub, (a, b) => (a - b) | 0],
  ["mul", mul, (a, b) => Math.imul(a, b)],
  ["maximum", maximum, Math.max],
  ["minimum", minimum, Math.min],
  ["floorDivide", floorDivide as Arithmetic<DType>, (a, b) => Math.floor(a / b)],
  ["remainder", remainder as Arithmetic<DType>, (a, b) => a - b * Math.floor(a / b)],
])("%s of int32", (name, op, f) => {
  it("broadcasts and takes numbers", () => {
    fc.assert(
      fc.property(broadcastable(2), ([shapeA, shapeB]) =>
        scope(() => {
          const a = counting(shapeA!);
          const b = counting(shapeB!);
          const y = op(a.tensor, b.tensor);
          expect(y.dtype).toBe("int32");
          expectSame(y, zip(a.twin, b.twin, f));
          const minusThree: Twin = { shape: [], data: Float64Array.of(-3) };
          expectSame(op(a.tensor, -3), zip(a.twin, minusThree, f));
        }),
      ),
    );
  });

  it("refuses fractions and float32 beside it", () => {
    scope(() => {
      const { tensor: ids } = counting([3]);
      expect(() => op(ids, 0.5)).toThrow(
        `${name}: expected a whole number beside an int32 tensor, got 0.5.`,
      );
      expect(() => op(ids, tensor([1, 2, 3]) as unknown as Tensor<"int32">)).toThrow(DTypeError);
    });
  });
});

describe("division of whole numbers", () => {
  it("rounds down, and what is left has the divisor's sign", () => {
    scope(() => {
      const a = tensor(Int32Array.of(7, -7, 7, -7, 6, -6));
      const b = tensor(Int32Array.of(2, 2, -2, -2, 3, -3));
      expect(floorDivide(a, b).toArray()).toEqual([3, -4, -4, 3, 2, 2]);
      expect(remainder(a, b).toArray()).toEqual([1, 1, -1, -1, 0, 0]);
    });
  });

  it("refuses 0 and float32", () => {
    scope(() => {
      const ids = tensor(Int32Array.of(1, 2));
      const zero = "expected divisors other than 0, got 0.";
      expect(() => floorDivide(ids, 0)).toThrow(`floorDivide: ${zero}`);
      expect(() => remainder(ids, tensor(Int32Array.of(1, 0)))).toThrow(`remainder: ${zero}`);
      expect(() => remainder(tensor([1]) as unknown as Tensor<"int32">, 2)).toThrow(DTypeError);
    });
  });
});

describe("maximum and minimum", () => {
  it("halve the gradient where operands are equal, and give NaN where either is NaN", () => {
    scope(() => {
      const a = tensor([1, 5, 2, NaN, 1], { requiresGrad: true });
      const b = tensor([1, 2, 5, 1, NaN], { requiresGrad: true });
      const dy = tensor([4, 8, 16, 32, 64]);
      const y = maximum(a, b);
      expect(y.toArray()).toEqual([1, 5, 5, NaN, NaN]);
      y.backward(dy);
      // As PyTorch: where the comparison has no answer, both get the gradient.
      expect(grad(a).toArray()).toEqual([2, 8, 0, 32, 64]);
      expect(grad(b).toArray()).toEqual([2, 0, 16, 32, 64]);
      a.zeroGrad();
      b.zeroGrad();
      const z = minimum(a, b);
      expect(z.toArray()).toEqual([1, 2, 2, NaN, NaN]);
      z.backward(dy);
      expect(grad(a).toArray()).toEqual([2, 0, 16, 32, 64]);
      expect(grad(b).toArray()).toEqual([2, 8, 0, 32, 64]);
    });
  });
});

describe("a tensor used twice", () => {
  it.each([
    ["x + x", (x: Tensor) => add(x, x), () => 2],
    ["x - x", (x: Tensor) => sub(x, x), () => 0],
    ["x · x", (x: Tensor) => mul(x, x), (x: number) => 2 * x],
    ["x / x", (x: Tensor) => div(x, x), () => 0],
    ["x + (x + 1) · x", (x: Tensor) => add(x, mul(add(x, 1), x)), (x: number) => 2 + 2 * x],
    ["x · neg(x)", (x: Tensor) => mul(x, neg(x)), (x: number) => -2 * x],
  ])("%s adds both gradients", (_, f, slope) => {
    scope(() => {
      const x = pair([3, 2], 9, 0.5, 2);
      f(x.tensor).sum().backward();
      expectSame(grad(x.tensor), { shape: [3, 2], data: x.twin.data.map(slope) }, 1e-5);
    });
  });

  it("adds to what an earlier backward left, until zeroGrad", () => {
    scope(() => {
      const x = tensor([1, 2], { requiresGrad: true });
      mul(x, 3).sum().backward();
      mul(x, 4).sum().backward();
      expect(grad(x).toArray()).toEqual([7, 7]);
      x.zeroGrad();
      mul(x, 5).sum().backward();
      expect(grad(x).toArray()).toEqual([5, 5]);
    });
  });
});

describe("arithmetic as methods", () => {
  it("reads left to right", () => {
    scope(() => {
      const x = tensor([2, 3]);
      expect(x.add(1).mul(x).sub(0.5).div(2).neg().toArray()).toEqual([-2.75, -5.75]);
      const ids = tensor(Int32Array.of(2, 3));
      expect(ids.add(1).mul(ids).sub(ids).toArray()).toEqual([4, 9]);
    });
  });
});

describe("operands that alternate over many axes", () => {
  it("are refused beyond eight", () => {
    scope(() => {
      const a = tensor(new Float32Array(32), { shape: [2, 1, 2, 1, 2, 1, 2, 1, 2] });
      const b = tensor(new Float32Array(16), { shape: [1, 2, 1, 2, 1, 2, 1, 2, 1] });
      expect(() => add(a, b)).toThrow(ShapeError);
      const eight = tensor(new Float32Array(16), { shape: [2, 1, 2, 1, 2, 1, 2, 1] });
      expect(
        add(eight, tensor(new Float32Array(16), { shape: [1, 2, 1, 2, 1, 2, 1, 2] })).size,
      ).toBe(256);
    });
  });
});

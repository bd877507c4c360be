import * as fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { DTypeError, ShapeError } from "../../src/core/errors.js";
import { equal, greater, greaterEqual, less, lessEqual } from "../../src/ops/compare.js";
import { where } from "../../src/ops/where.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { broadcastAt, broadcastShape, build, sizeOf, zip, type Twin } from "../gradcheck/twin.js";
import { testRandom } from "../helpers/random.js";
import { broadcastable, expectSame, pair } from "./arbitrary.js";
import { sumBack } from "./sum-back.js";

/** Few different values, so that many are equal. */
function coarse<D extends "float32" | "int32">(shape: number[], seed: number, dtype: D) {
  const random = testRandom(seed);
  const data = Float64Array.from({ length: sizeOf(shape) }, () => random.integer(-2, 2));
  return { tensor: tensor(data, { shape, dtype }), twin: { shape, data } };
}

const comparisons: [string, typeof less, (a: number, b: number) => boolean][] = [
  ["equal", equal, (a, b) => a === b],
  ["less", less, (a, b) => a < b],
  ["lessEqual", lessEqual, (a, b) => a <= b],
  ["greater", greater, (a, b) => a > b],
  ["greaterEqual", greaterEqual, (a, b) => a >= b],
];

describe.each(comparisons)("%s", (_, op, f) => {
  const asInt = (a: number, b: number): number => Number(f(a, b));

  it.each(["float32", "int32"] as const)("compares %s, broadcasting", (dtype) => {
    fc.assert(
      fc.property(broadcastable(2), fc.nat(1000), ([shapeA, shapeB], seed) =>
        scope(() => {
          const a = coarse(shapeA!, seed, dtype);
          const b = coarse(shapeB!, seed + 1, dtype);
          const y = op(a.tensor, b.tensor);
          expect(y.dtype).toBe("int32");
          expectSame(y, zip(a.twin, b.twin, asInt));
          const one: Twin = { shape: [], data: Float64Array.of(1) };
          expectSame(op(a.tensor, 1), zip(a.twin, one, asInt));
          expectSame(op(1, b.tensor), zip(one, b.twin, asInt));
        }),
      ),
    );
  });

  it("says no wherever NaN is", () => {
    scope(() => {
      expect(op(tensor([NaN, NaN, 1]), tensor([NaN, 1, NaN])).toArray()).toEqual([0, 0, 0]);
    });
  });

  it("takes part in no graph", () => {
    scope(() => {
      expect(op(pair([3]).tensor, 0).requiresGrad).toBe(false);
    });
  });
});

describe("comparisons", () => {
  it("refuse mixed dtypes and fractions beside int32", () => {
    scope(() => {
      const ids = tensor([1, 2], { dtype: "int32" });
      const floats = tensor([1, 2]);
      // @ts-expect-error mixed dtypes
      expect(() => equal(ids, floats)).toThrow(
        new DTypeError({
          op: "equal",
          expected: "operands of one dtype",
          got: "int32 and float32",
          cure: 'Convert one with to("float32") or to("int32"): nothing is promoted.',
        }),
      );
      expect(() => less(ids, 1.5)).toThrow(
        "less: expected a whole number beside an int32 tensor, got 1.5",
      );
      expect(() => less(ids, 2 ** 31)).toThrow(DTypeError);
      expect(() => greater(ids, tensor([1, 2, 3], { dtype: "int32" }))).toThrow(ShapeError);
    });
  });

  it("compare int32 beyond what float32 can tell apart", () => {
    scope(() => {
      const big = tensor([16777216, 16777217], { dtype: "int32" });
      expect(equal(big, 16777217).toArray()).toEqual([0, 1]);
    });
  });
});

describe("where", () => {
  it("chooses, broadcasting three ways, and sends gradients where it chose", () => {
    fc.assert(
      fc.property(broadcastable(3), fc.nat(1000), ([shapeC, shapeA, shapeB], seed) =>
        scope(() => {
          const condition = coarse(shapeC!, seed, "int32");
          const a = pair(shapeA!, seed + 1);
          const b = pair(shapeB!, seed + 2);
          const y = where(condition.tensor, a.tensor, b.tensor);
          const shape = broadcastShape(shapeC!, shapeA!, shapeB!);
          const at = (x: Twin, y: Twin) =>
            build(shape, (i) => broadcastAt(broadcastAt(condition.twin, i) !== 0 ? x : y, i));
          expectSame(y, at(a.twin, b.twin));
          const dy = pair(shape, seed + 3);
          const nothing: Twin = { shape: [], data: Float64Array.of(0) };
          y.backward(dy.tensor);
          expectSame(a.tensor.grad!, sumBack(at(dy.twin, nothing), shapeA!), 1e-5, "da");
          expectSame(b.tensor.grad!, sumBack(at(nothing, dy.twin), shapeB!), 1e-5, "db");
        }),
      ),
    );
  });

  it("takes numbers on either side, and int32", () => {
    scope(() => {
      const condition = tensor([1, 0, -3], { dtype: "int32" });
      const x = tensor([4, 5, 6], { requiresGrad: true });
      expect(where(condition, x, -1).toArray()).toEqual([4, -1, 6]);
      const y = where(condition, -1, x);
      expect(y.toArray()).toEqual([-1, 5, -1]);
      y.sum().backward();
      expect(x.grad!.toArray()).toEqual([0, 1, 0]);
      const ids = where(condition, tensor([16777217, 2, 3], { dtype: "int32" }), 0);
      expectTypeOf(ids).toEqualTypeOf<Tensor<"int32">>();
      expect(ids.toArray()).toEqual([16777217, 0, 3]);
    });
  });

  it("keeps NaN of the side not chosen out of values and gradients", () => {
    scope(() => {
      const x = tensor([1, NaN], { requiresGrad: true });
      const y = where(tensor([1, 0], { dtype: "int32" }), x, 0);
      expect(y.toArray()).toEqual([1, 0]);
      y.sum().backward();
      expect(x.grad!.toArray()).toEqual([1, 0]);
    });
  });

  it("refuses a float condition and mixed dtypes", () => {
    scope(() => {
      const x = tensor([1, 2]);
      expect(() => where(x as unknown as Tensor<"int32">, x, x)).toThrow(
        "where: expected condition of dtype int32, got float32.",
      );
      const ids = tensor([1, 0], { dtype: "int32" });
      // @ts-expect-error mixed dtypes
      expect(() => where(ids, x, ids)).toThrow(DTypeError);
    });
  });
});

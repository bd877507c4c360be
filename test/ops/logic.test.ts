import { describe, expect, it } from "vitest";
import { DTypeError } from "../../src/core/errors.js";
import * as logic from "../../src/ops/logic.js";
import { ceil, floor, round, sign } from "../../src/ops/round.js";
import { maskedFill } from "../../src/ops/where.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";

const ints = (...values: number[]): Tensor<"int32"> => tensor(Int32Array.from(values));

describe("answers", () => {
  it("combine, whatever number stands for yes", () => {
    scope(() => {
      const a = ints(0, 0, 2, -1);
      const b = ints(0, 5, 0, 65536);
      expect(logic.logicalAnd(a, b).toArray()).toEqual([0, 0, 0, 1]);
      expect(logic.logicalOr(a, b).toArray()).toEqual([0, 1, 1, 1]);
      expect(logic.logicalNot(a).toArray()).toEqual([1, 1, 0, 0]);
      expect(logic.logicalAnd(a.reshape([4, 1]), ints(1, 0)).shape).toEqual([4, 2]);
    });
  });

  it("tell NaN and infinities apart", () => {
    scope(() => {
      const x = tensor([1, NaN, -Infinity, Infinity, 3e38], { requiresGrad: true });
      expect(logic.isNaN(x).toArray()).toEqual([0, 1, 0, 0, 0]);
      expect(logic.isFinite(x).toArray()).toEqual([1, 0, 0, 0, 1]);
      expect(logic.notEqual(x, 1).toArray()).toEqual([0, 1, 1, 1, 1]);
      expect(logic.notEqual(2, ints(1, 2)).toArray()).toEqual([1, 0]);
      expect([logic.isNaN(x), logic.isFinite(x)].map((y) => y.dtype)).toEqual(["int32", "int32"]);
      expect(() => logic.isNaN(ints(1) as unknown as Tensor)).toThrow(DTypeError);
      expect(() => logic.isFinite(ints(1) as unknown as Tensor)).toThrow(DTypeError);
    });
  });

  it("gather along axes", () => {
    scope(() => {
      const x = tensor([
        [0, 0, 0],
        [0, NaN, 2],
        [3, 1, -1],
      ]);
      expect(logic.any(x, 1).toArray()).toEqual([0, 1, 1]);
      expect(logic.all(x, 1).toArray()).toEqual([0, 0, 1]);
      expect(logic.all(x, 0, true).toArray()).toEqual([[0, 0, 0]]);
      expect([logic.any(x).item(), logic.all(x).item()]).toEqual([1, 0]);
      expect(logic.any(ints(0, 0)).item()).toBe(0);
      expect(logic.all(tensor([], { shape: [0] })).item()).toBe(1);
      expect(logic.any(ints(1, -1)).item()).toBe(1);
    });
  });
});

describe("rounding", () => {
  it("goes down, up, to the nearest even, and leaves the graph", () => {
    scope(() => {
      const x = tensor([-1.5, -0.5, 0.5, 1.5, 2.25, NaN, Infinity, 16777216], {
        requiresGrad: true,
      });
      expect(floor(x).toArray()).toEqual([-2, -1, 0, 1, 2, NaN, Infinity, 16777216]);
      expect(ceil(x).toArray()).toEqual([-1, -0, 1, 2, 3, NaN, Infinity, 16777216]);
      expect(round(x).toArray()).toEqual([-2, -0, 0, 2, 2, NaN, Infinity, 16777216]);
      expect(sign(x).toArray()).toEqual([-1, -1, 1, 1, 1, 0, 1, 1]);
      expect(sign(tensor([0, -0])).toArray()).toEqual([0, 0]);
      expect([floor(x), sign(x)].map((y) => y.requiresGrad)).toEqual([false, false]);
      expect(() => round(ints(1) as unknown as Tensor)).toThrow(DTypeError);
    });
  });
});

describe("maskedFill", () => {
  it("puts a number where the mask is not 0, of either dtype", () => {
    scope(() => {
      const x = tensor(
        [
          [1, NaN],
          [3, 4],
        ],
        { requiresGrad: true },
      );
      const y = maskedFill(x, ints(0, 1), -7);
      expect(y.toArray()).toEqual([
        [1, -7],
        [3, -7],
      ]);
      y.sum().backward();
      expect(x.grad!.toArray()).toEqual([
        [1, 0],
        [1, 0],
      ]);
      expect(maskedFill(ints(1, 2), ints(1, 0), 9).toArray()).toEqual([9, 2]);
    });
  });
});

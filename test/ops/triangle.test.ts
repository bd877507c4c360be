import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/core/errors.js";
import { causalMask, tril, triu } from "../../src/ops/triangle.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import { build } from "../gradcheck/twin.js";
import { counting, expectSame } from "./arbitrary.js";

describe("triangles", () => {
  it.each([-5, -2, -1, 0, 1, 3, 9])(
    "keep what a diagonal of %i leaves, in every matrix",
    (diagonal) => {
      scope(() => {
        for (const shape of [
          [2, 4, 5],
          [5, 3],
          [0, 3],
        ]) {
          const { tensor: x, twin } = counting(shape);
          const above = (index: number[]) => index.at(-1)! - index.at(-2)! - diagonal;
          const flat = (index: number[]) => index.reduce((at, i, axis) => at * shape[axis]! + i, 0);
          const kept = (keeps: (above: number) => boolean) =>
            build(shape, (index) => (keeps(above(index)) ? twin.data[flat(index)]! : 0));
          expectSame(
            tril(x, diagonal),
            kept((v) => v <= 0),
          );
          expectSame(
            triu(x, diagonal),
            kept((v) => v >= 0),
          );
        }
      });
    },
  );

  it("drop NaN with the rest", () => {
    scope(() => {
      expect(
        tril(
          tensor([
            [1, NaN],
            [2, 3],
          ]),
        ).toArray(),
      ).toEqual([
        [1, 0],
        [2, 3],
      ]);
    });
  });

  it("are of matrices", () => {
    scope(() => {
      expect(() => triu(tensor([1, 2]))).toThrow(ShapeError);
      expect(() => tril(tensor([1]))).toThrow(
        "tril: expected matrices [..., rows, columns], got [1].",
      );
    });
  });
});

describe("causalMask", () => {
  it("lets a query see itself and what came before", () => {
    scope(() => {
      expect(causalMask(3).toArray()).toEqual([
        [1, 0, 0],
        [1, 1, 0],
        [1, 1, 1],
      ]);
      expect(causalMask(2, 4).toArray()).toEqual([
        [1, 1, 1, 0],
        [1, 1, 1, 1],
      ]);
      expect(causalMask(3, 2).toArray()).toEqual([
        [0, 0],
        [1, 0],
        [1, 1],
      ]);
      expect(causalMask(2).dtype).toBe("int32");
    });
  });
});

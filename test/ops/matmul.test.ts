import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DTypeError, ShapeError } from "../../src/core/errors.js";
import { matmul } from "../../src/ops/matmul.js";
import { transpose } from "../../src/ops/permute.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import * as twins from "../gradcheck/twin.js";
import { transposed, type Twin } from "../gradcheck/twin.js";
import { broadcastable, expectSame, pair } from "./arbitrary.js";
import { sumBack } from "./sum-back.js";

const reshaped = (x: Twin, shape: readonly number[]): Twin => ({ shape, data: x.data });

/** Values and both gradients of a · b, whose twins are matrices with leading axes; b may be given transposed. */
function expectProduct(shapeA: number[], shapeB: number[], seed = 1, transposeB = false): void {
  scope(() => {
    const a = pair(shapeA, seed);
    const b = pair(shapeB, seed + 1);
    const asGiven = (x: Twin): Twin => (transposeB ? transposed(x) : x);
    const matrixA = reshaped(a.twin, shapeA.length === 1 ? [1, ...shapeA] : shapeA);
    const matrixB = asGiven(reshaped(b.twin, shapeB.length === 1 ? [...shapeB, 1] : shapeB));
    const product = twins.matmul(matrixA, matrixB);
    const shape = product.shape.filter(
      (_, axis) =>
        !(shapeA.length === 1 && axis === product.shape.length - 2) &&
        !(shapeB.length === 1 && axis === product.shape.length - 1),
    );
    const y = matmul(a.tensor, b.tensor, { transposeB });
    const inner = shapeA.at(-1)!;
    const tolerance = 1e-6 * (4 + inner);
    expectSame(y, reshaped(product, shape), tolerance);
    const dy = pair(shape, seed + 2);
    y.backward(dy.tensor);
    const dProduct = reshaped(dy.twin, product.shape);
    const da = sumBack(twins.matmul(dProduct, transposed(matrixB)), matrixA.shape);
    const db = asGiven(sumBack(twins.matmul(transposed(matrixA), dProduct), matrixB.shape));
    const rows = dy.twin.data.length;
    expectSame(a.tensor.grad!, reshaped(da, shapeA), 1e-6 * (4 + rows), "da");
    expectSame(b.tensor.grad!, reshaped(db, shapeB), 1e-6 * (4 + rows), "db");
  });
}

describe("matmul", () => {
  it("multiplies matrices with leading axes that broadcast", () => {
    const size = fc.integer({ min: 0, max: 5 });
    fc.assert(
      fc.property(
        broadcastable(2),
        fc.tuple(size, size, size),
        fc.nat(1000),
        ([leadingA, leadingB], [m, k, n], seed) => {
          const a = [...leadingA!.slice(-2), m, k];
          expectProduct(a, [...leadingB!.slice(-2), k, n], seed);
          expectProduct(a, [...leadingB!.slice(-2), n, k], seed, true);
        },
      ),
    );
  });

  it.each([
    [
      [13, 33],
      [33, 25],
    ],
    [
      [300, 40],
      [40, 48],
    ],
    [
      [3, 17, 9],
      [9, 13],
    ],
    [[5], [5]],
    [[5], [5, 3]],
    [[4, 5], [5]],
    [[2, 4, 5], [5]],
    [[5], [2, 5, 3]],
    [
      [0, 5],
      [5, 3],
    ],
    [
      [2, 0],
      [0, 3],
    ],
  ])("multiplies %j by %j", (a, b) => {
    expectProduct(a, b);
  });

  it.each([
    [
      [13, 33],
      [25, 33],
    ],
    [
      [300, 40],
      [48, 40],
    ],
    [
      [2, 3, 17, 9],
      [3, 13, 9],
    ],
    [[5], [3, 5]],
    [[5], [2, 3, 5]],
  ])("multiplies %j by %j transposed", (a, b) => {
    expectProduct(a, b, 1, true);
  });

  it("gives the bits of a product with a transposed copy", () => {
    scope(() => {
      const a = pair([3, 7, 19], 5).tensor;
      const b = pair([3, 11, 19], 6).tensor;
      const copied = matmul(a, transpose(b, 1, 2));
      expect(matmul(a, b, { transposeB: true }).data()).toEqual(copied.data());
    });
  });

  it("adds both gradients of x · x", () => {
    scope(() => {
      const x = pair([3, 3], 4);
      matmul(x.tensor, x.tensor).sum().backward();
      const ones: Twin = twins.build([3, 3], () => 1);
      const expected = twins.zip(
        twins.matmul(ones, transposed(x.twin)),
        twins.matmul(transposed(x.twin), ones),
        (a, b) => a + b,
      );
      expectSame(x.tensor.grad!, expected, 1e-5);
    });
  });

  it("refuses sizes that do not meet, scalars and int32", () => {
    scope(() => {
      const x = pair([2, 3]).tensor;
      expect(() => matmul(x, x)).toThrow(
        "matmul: expected [..., m, k] and [..., k, n], got [2, 3] and [2, 3]. " +
          "The last axis of the first must be as long as the last but one of the second.",
      );
      expect(() => matmul(x, pair([3, 2]).tensor, { transposeB: true })).toThrow(
        "matmul: expected [..., m, k] and [..., n, k], transposed, got [2, 3] and [3, 2]. " +
          "The last axis of the first must be as long as the last of the second.",
      );
      const vector = pair([3]).tensor;
      expect(() => matmul(x, vector, { transposeB: true })).toThrow(ShapeError);
      expect(() => matmul(x, tensor(2))).toThrow("A scalar is no matrix: multiply with mul().");
      expect(() => matmul(pair([2, 2, 3]).tensor, pair([3, 3, 2]).tensor)).toThrow(ShapeError);
      expect(() => matmul(x, tensor([1], { dtype: "int32" }) as unknown as Tensor)).toThrow(
        DTypeError,
      );
    });
  });
});

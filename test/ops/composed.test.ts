// Values, ties and errors of the operations beyond the main entry; their gradients: test/gradcheck.
import { describe, expect, it } from "vitest";
import * as ops from "../../src/ops/index.js";
import { eye, linspace, tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { expectClose } from "../helpers/expect-close.js";

const ints = (...values: number[]): Tensor<"int32"> => tensor(Int32Array.from(values));
const matrix = (): Tensor => tensor([[3, NaN, 1], [2, 2, -5]]); // prettier-ignore

/** Runs in a scope, for one line a check. */
const inScope = (name: string, run: () => void): void => it(name, () => scope(run));

describe("extrema", () => {
  inScope("take NaN for the smallest, and the first of equals", () => {
    expect(ops.min(matrix(), 1).toArray()).toEqual([NaN, -5]);
    expect(ops.argmin(matrix(), 1).toArray()).toEqual([1, 2]);
    expect(ops.argmin(tensor([4, 1, 1])).item()).toBe(1);
    expect(ops.min(tensor([]).reshape([0, 2]), 1).shape).toEqual([0]);
    expect(() => ops.min(matrix(), 2)).toThrow("min: expected an axis from -2 to 1, got 2");
    expect(ops.argmin(ints(1)).item()).toBe(0);
  });
});

describe("spread and size", () => {
  inScope("follow PyTorch where there are too few elements, and at 0", () => {
    expect(ops.variance(tensor([2])).item()).toBeNaN();
    expect(ops.variance(tensor([2]), 0, { correction: 0 }).item()).toBe(0);
    expect(ops.std(tensor([1, 3])).item()).toBe(Math.fround(Math.SQRT2));
    const x = tensor([[0, 0], [3, 4]], { requiresGrad: true }); // prettier-ignore
    const y = ops.norm(x, { axis: 1 });
    expect(y.toArray()).toEqual([0, 5]);
    y.sum().backward();
    expectClose(x.grad!.data(), [0, 0, 0.6, 0.8], 1e-7);
    expect(() => ops.norm(x, { p: 3 })).toThrow("norm: expected p of 1, 2 or Infinity, got 3.");
  });

  inScope("normalize divides small vectors by eps", () => {
    const y = ops.normalize(tensor([[3, 4], [0, 0], [3e-13, 0]])); // prettier-ignore
    expectClose(y.data(), [0.6, 0.8, 0, 0, 0.3, 0], 1e-6);
  });
});

describe("distances and similarities", () => {
  inScope("keep their precision far from the origin", () => {
    const a = tensor([[1000, 2000], [1000.5, 2000]]); // prettier-ignore
    expectClose(ops.squaredDistances(a, a).data(), [0, 0.25, 0.25, 0], 1e-6);
    expectClose(ops.cdist(a, a).data(), [0, 0.5, 0.5, 0], 1e-3);
    expectClose(ops.pairwiseDistance(a, tensor([1000, 2001])).data(), [1, Math.sqrt(1.25)], 1e-5);
  });

  inScope("have a finite gradient at 0", () => {
    const a = tensor([[1, 2], [1, 2]], { requiresGrad: true }); // prettier-ignore
    ops.cdist(a, a).sum().backward();
    expect(a.grad!.toArray()).toEqual([[0, 0], [0, 0]]); // prettier-ignore
    expect(ops.cosineSimilarity(tensor([0, 0]), tensor([1, 2])).item()).toBe(0);
    expectClose(ops.cosineSimilarities(tensor([[1, 0]]), tensor([[0, 2], [3, 3]])).data(), [0, Math.SQRT1_2], 1e-7); // prettier-ignore
  });

  inScope("of vectors refuse matrices", () => {
    expect(ops.dot(tensor([1, 2]), tensor([3, 4])).item()).toBe(11);
    expect(ops.outer(tensor([1, 2]), tensor([3, 4])).toArray()).toEqual([[3, 4], [6, 8]]); // prettier-ignore
    expect(() => ops.dot(matrix(), tensor([1]))).toThrow(
      "dot: expected two vectors, got [2, 3] and [1].",
    );
    expect(() => ops.outer(tensor([1]), tensor(1))).toThrow("outer: expected two vectors");
  });
});

describe("order", () => {
  inScope("puts NaN first among the largest, and keeps equals in theirs", () => {
    const { values, indices } = ops.topk(matrix(), 2);
    expect([values.toArray(), indices.toArray()]).toEqual([[[NaN, 3], [2, 2]], [[1, 0], [0, 1]]]); // prettier-ignore
    expect(ops.argsort(matrix()).toArray()).toEqual([[2, 0, 1], [2, 0, 1]]); // prettier-ignore
    expect(ops.argsort(matrix(), -1, { descending: true }).toArray()).toEqual([[1, 0, 2], [0, 1, 2]]); // prettier-ignore
    expect(ops.sort(ints(3, -1, 2)).values.toArray()).toEqual([-1, 2, 3]);
  });

  inScope("finds few of many as a sort does", () => {
    const x = tensor(Float32Array.from({ length: 400 }, (_, i) => (i * 7919) % 97));
    for (const largest of [true, false]) {
      const sorted = ops.argsort(x, 0, { descending: largest }).data();
      for (const k of [0, 1, 7, 49, 51, 400])
        expect(ops.topk(x, k, 0, { largest }).indices.data()).toEqual(sorted.slice(0, k));
    }
    expect(() => ops.topk(x, 401)).toThrow("topk: expected k from 0 to 400, got 401.");
  });
});

describe("movement", () => {
  inScope("of int32 and of empty axes", () => {
    const x = ints(1, 2, 3, 4, 5, 6).reshape([2, 3]);
    expect(ops.flip(x, 1).toArray()).toEqual([[3, 2, 1], [6, 5, 4]]); // prettier-ignore
    expect(ops.roll(x, -4, 1).toArray()).toEqual([[2, 3, 1], [5, 6, 4]]); // prettier-ignore
    expect(ops.roll(x, 3).toArray()).toEqual([[4, 5, 6], [1, 2, 3]]); // prettier-ignore
    expect(ops.pad(x, [0, 1, 1, 0], -1).toArray()).toEqual([[-1, -1, -1, -1], [1, 2, 3, -1], [4, 5, 6, -1]]); // prettier-ignore
    expect(ops.tile(ints(1, 2), [2, 2]).toArray()).toEqual([[1, 2, 1, 2], [1, 2, 1, 2]]); // prettier-ignore
    expect(ops.tile(x, [0, 1]).shape).toEqual([0, 3]);
    expect(ops.chunk(x, 5, 1).map(({ shape }) => shape)).toEqual([[2, 1], [2, 1], [2, 1]]); // prettier-ignore
    expect(ops.indexSelect(x, 1, ints()).shape).toEqual([2, 0]);
    expect(ops.diag(ints(7, 8)).toArray()).toEqual([[7, 0], [0, 8]]); // prettier-ignore
    expect(ops.flip(tensor([]).reshape([0, 2])).shape).toEqual([0, 2]);
  });

  inScope("names what does not fit", () => {
    const x = matrix();
    expect(() => ops.indexSelect(x, 1, ints(0, 3))).toThrow(
      "indexSelect: expected positions from 0 to 2, got 3 at [1].",
    );
    expect(() => ops.indexSelect(x, 1, ints(1).reshape([1, 1]))).toThrow("expected an index [n]");
    expect(() => ops.pad(x, [1])).toThrow(
      "pad: expected up to 2 pairs of whole numbers >= 0, got [1].",
    );
    expect(() => ops.pad(x, [-1, 0])).toThrow("cut with slice()");
    expect(() => ops.pad(ints(1), [1, 1], 0.5)).toThrow("pad: expected a whole number");
    expect(() => ops.tile(x, [1.5])).toThrow("tile: expected whole numbers >= 0");
    expect(() => ops.roll(x, 0.5)).toThrow("roll: expected a whole shift, got 0.5.");
    expect(() => ops.chunk(x, 0)).toThrow("chunk: expected the count of pieces");
    expect(() => ops.diag(tensor(1))).toThrow("diag: expected a vector or a matrix, got [].");
  });

  inScope("scatterAdd adds where an index comes twice, and checks all first", () => {
    const x = tensor([1, 2, 3]);
    expect(ops.scatterAdd(x, 0, ints(2, 0, 2, 2), tensor([1, 10, 2, 4])).toArray()).toEqual([
      11, 2, 10,
    ]);
    expect(x.toArray()).toEqual([1, 2, 3]);
    expect(() => ops.scatterAdd(x, 0, ints(3), tensor([1]))).toThrow(
      "scatterAdd: expected indices from 0 to 2, got 3 at [0].",
    );
    expect(() => ops.scatterAdd(x, 0, ints(1), tensor([1, 2]))).toThrow(
      "scatterAdd: expected index and source as long as [3]",
    );
  });
});

describe("made from ids and counts", () => {
  inScope("oneHot", () => {
    const y = ops.oneHot(ints(2, 0).reshape([1, 2]), 3);
    expect([y.dtype, y.toArray()]).toEqual(["int32", [[[0, 0, 1], [1, 0, 0]]]]); // prettier-ignore
    expect(() => ops.oneHot(ints(1, 3), 3)).toThrow(
      "oneHot: expected ids from 0 to 2, got 3 at [1].",
    );
    expect(() => ops.oneHot(ints(-1), 3)).toThrow("got -1 at [0]");
  });

  inScope("eye and linspace", () => {
    expect(eye(2, 3).toArray()).toEqual([[1, 0, 0], [0, 1, 0]]); // prettier-ignore
    expect(eye(3, 2, { dtype: "int32" }).data()).toEqual(Int32Array.of(1, 0, 0, 1, 0, 0));
    expect(linspace(-1, 1, 5).toArray()).toEqual([-1, -0.5, 0, 0.5, 1]);
    expect(linspace(0, 0.1, 4).data()[3]).toBe(Math.fround(0.1));
    expect([linspace(7, 9, 1).toArray(), linspace(0, 1, 0).shape]).toEqual([[7], [0]]);
  });
});

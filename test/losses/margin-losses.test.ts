// Values are PyTorch's (test/oracle); here kinks, options and refusals.
import { describe, expect, it } from "vitest";
import { IndexError, OptionError, scope, ShapeError, tensor } from "../../src/index.js";
import {
  cosineEmbeddingLoss,
  huberLoss,
  marginRankingLoss,
  smoothL1Loss,
  tripletMarginLoss,
} from "../../src/losses/index.js";

const signs = (...values: number[]) => tensor(values, { dtype: "int32" });

describe("margins", () => {
  it("tell equal scores apart: the kink has a gradient", () => {
    scope(() => {
      const a = tensor([2, 2], { requiresGrad: true });
      marginRankingLoss(a, tensor([2, 2]), signs(1, -1), { reduction: "sum" }).backward();
      expect(a.grad!.toArray()).toEqual([-1, 1]);
    });
  });

  it("give equal vectors a finite gradient", () => {
    scope(() => {
      const a = tensor([[1, 2]], { requiresGrad: true });
      tripletMarginLoss(a, tensor([[1, 2]]), tensor([[1, 3]]), { eps: 0, margin: 3 }).backward();
      expect(a.grad!.toArray()).toEqual([[0, 1]]);
      const zero = tensor([[0, 0]], { requiresGrad: true });
      cosineEmbeddingLoss(zero, zero, signs(1)).backward();
      expect(zero.grad!.toArray()).toEqual([[0, 0]]);
    });
  });

  it("refuse what does not fit", () => {
    scope(() => {
      const x = tensor([[1, 2]]);
      expect(() => cosineEmbeddingLoss(x, x, signs(0))).toThrow(IndexError);
      expect(() => cosineEmbeddingLoss(x, x, signs(0))).toThrow(
        "cosineEmbeddingLoss: expected targets 1 or -1, got 0 at [0].",
      );
      expect(() => cosineEmbeddingLoss(x, tensor([[1, 2, 3]]), signs(1))).toThrow(ShapeError);
      expect(() => cosineEmbeddingLoss(x, x, signs(1, 1))).toThrow(
        "a target of shape [1], got [2]",
      );
      expect(() => marginRankingLoss(x, x, signs(1))).toThrow("a target of shape [1, 2], got [1]");
      expect(() => tripletMarginLoss(x, x, tensor([1, 2]))).toThrow(ShapeError);
      expect(() => tripletMarginLoss(x, x, x, { p: 3 as never })).toThrow(
        "tripletMarginLoss: expected p 1 or 2, got 3.",
      );
      expect(() => tripletMarginLoss(x, x, x, { reduction: "avg" as never })).toThrow(OptionError);
    });
  });
});

describe("widths", () => {
  it.each([0, -1, NaN, Infinity])("huberLoss refuses a delta of %d", (delta) => {
    scope(() =>
      expect(() => huberLoss(tensor([1]), tensor([1]), { delta })).toThrow(
        `huberLoss: expected delta above 0, got ${delta}.`,
      ),
    );
  });

  it("smoothL1Loss refuses a negative beta, and is finite far out", () => {
    scope(() => {
      const x = tensor([1e30, -1e30, 0], { requiresGrad: true });
      const zeros = tensor([0, 0, 0]);
      expect(() => smoothL1Loss(x, zeros, { beta: -1 })).toThrow("beta of at least 0, got -1.");
      const loss = smoothL1Loss(x, zeros, { reduction: "none", beta: 0.5 });
      expect(loss.toArray()).toEqual([Math.fround(1e30), Math.fround(1e30), 0]);
      loss.sum().backward();
      expect(x.grad!.toArray()).toEqual([1, -1, 0]);
    });
  });
});

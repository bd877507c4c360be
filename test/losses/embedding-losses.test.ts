// Values are PyTorch's (test/oracle); here what has no slope, what counts for nothing, and refusals.
import { describe, expect, it } from "vitest";
import {
  DTypeError,
  IndexError,
  OptionError,
  scope,
  ShapeError,
  tensor,
  zeros,
  type Tensor,
} from "../../src/index.js";
import {
  batchHardTripletLoss,
  contrastiveLoss,
  cosineSimilarityLoss,
  hardTripletLoss,
  multipleNegativesRankingLoss,
} from "../../src/losses/index.js";

const ints = (...values: number[]) => tensor(values, { dtype: "int32" });
const finite = (x: Tensor) => Array.from(x.grad!.data()).every(Number.isFinite);

describe("vectors that are zero or equal", () => {
  const rows = () => tensor([0, 0, 0, 0, 1, 2, 1, 2], { shape: [4, 2], requiresGrad: true });
  it.each<[string, (x: Tensor) => Tensor]>([
    ["hardTripletLoss", (x) => hardTripletLoss(x, x)],
    ["hardTripletLoss, semi-hard", (x) => hardTripletLoss(x, x, { closest: "semiHard" })],
    ["batchHardTripletLoss", (x) => batchHardTripletLoss(x, ints(0, 1, 0, 1))],
    [
      "batchHardTripletLoss, cosine",
      (x) => batchHardTripletLoss(x, ints(0, 1, 0, 1), { distance: "cosine", soft: true }),
    ],
    ["multipleNegativesRankingLoss", (x) => multipleNegativesRankingLoss(x, x)],
    ["contrastiveLoss", (x) => contrastiveLoss(x, x, ints(0, 1, 0, 1))],
    [
      "contrastiveLoss, Euclidean",
      (x) => contrastiveLoss(x, x, ints(0, 1, 0, 1), { distance: "euclidean" }),
    ],
    ["cosineSimilarityLoss", (x) => cosineSimilarityLoss(x, x, tensor([0, 1, 0.5, 1]))],
  ])("have finite gradients of %s", (_, loss) => {
    scope(() => {
      const x = rows();
      const value = loss(x);
      value.backward();
      expect(value.item()).toBeGreaterThan(0);
      expect(finite(x)).toBe(true);
    });
  });
});

describe("batchHardTripletLoss", () => {
  it("counts the embeddings alone that have another of their label and one of another", () => {
    scope(() => {
      const x = tensor([[0], [3], [10]], { requiresGrad: true });
      const loss = batchHardTripletLoss(x, ints(4, 4, 9), { margin: 8, reduction: "none" });
      expect(loss.toArray()).toEqual([1, 4]);
      loss.sum().backward();
      expect(Array.from(x.grad!.data(), Math.round)).toEqual([-1, 3, -2]);
    });
  });

  it("refuses batches in which none does", () => {
    scope(() => {
      const x = zeros([3, 2]);
      expect(() => batchHardTripletLoss(x, ints(1, 1, 1))).toThrow(OptionError);
      expect(() => batchHardTripletLoss(x, ints(1, 2, 3))).toThrow(
        "expected two embeddings of one label and one of another, got labels 1, 2, 3.",
      );
      expect(() => batchHardTripletLoss(x, ints(1, 2))).toThrow("labels of shape [3]");
      expect(() => batchHardTripletLoss(x, tensor([1, 2, 2]) as never)).toThrow(DTypeError);
      expect(() => batchHardTripletLoss(x, ints(1, 2, 2), { soft: true, margin: 1 })).toThrow(
        "margin, or soft without one",
      );
      expect(() => batchHardTripletLoss(x, ints(1, 2, 2), { distance: "l1" as never })).toThrow(
        OptionError,
      );
    });
  });
});

describe("the others", () => {
  it("refuse what does not fit", () => {
    scope(() => {
      const [x, y] = [zeros([3, 2]), zeros([2, 2])];
      expect(() => hardTripletLoss(x, y)).toThrow("as many of b, got [3, 2] and [2, 2].");
      expect(() => hardTripletLoss(zeros([1, 2]), zeros([1, 2]))).toThrow(ShapeError);
      expect(() => hardTripletLoss(x, x, { closest: "hard" as never })).toThrow(OptionError);
      expect(() => multipleNegativesRankingLoss(x, y)).toThrow("candidates [batch or more");
      expect(() => multipleNegativesRankingLoss(x, x, { scale: 0 })).toThrow("scale above 0");
      expect(() => multipleNegativesRankingLoss(zeros([3]), x)).toThrow(ShapeError);
      expect(() => contrastiveLoss(x, x, ints(1, 0, 2))).toThrow(IndexError);
      expect(() => contrastiveLoss(x, x, ints(1, 0))).toThrow("same of shape [3]");
      expect(() => cosineSimilarityLoss(x, x, zeros([2]))).toThrow("score of shape [3]");
    });
  });

  it("semi-hard negatives leave those out that are closer than the positive", () => {
    scope(() => {
      // Of a's first row: the positive's cosine is 0.6, the negatives' 0.8 and 0.
      const a = tensor([[1, 0], [0, 1], [1, 0]]); // prettier-ignore
      const b = tensor([[0.6, 0.8], [0.8, 0.6], [0, 1]]); // prettier-ignore
      const row = (closest: "any" | "semiHard") =>
        hardTripletLoss(a, b, { margin: 0.5, closest, reduction: "none" }).toArray() as number[];
      const mean = 0.5 - 0.6 + 0.4;
      expect(row("any")[0]).toBeCloseTo(0.5 - 0.6 + 0.8 + mean, 6);
      expect(row("semiHard")[0]).toBeCloseTo(mean, 6);
    });
  });
});

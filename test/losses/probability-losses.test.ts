// Targets that are distributions: masks, extremes, and what is refused.
import { describe, expect, it } from "vitest";
import {
  crossEntropy,
  logSoftmax,
  NumericError,
  OptionError,
  scope,
  ShapeError,
  tensor,
} from "../../src/index.js";
import { binaryCrossEntropy, klDivLoss } from "../../src/losses/index.js";
import { expectClose } from "../helpers/expect-close.js";

describe("crossEntropy of probabilities", () => {
  it("of one-hot rows is that of classes", () => {
    scope(() => {
      const rows = [
        [1, 2, 3],
        [0.5, -1, 4],
      ];
      const [a, b] = [tensor(rows, { requiresGrad: true }), tensor(rows, { requiresGrad: true })];
      const oneHot = tensor([
        [0, 0, 1],
        [1, 0, 0],
      ]);
      const soft = crossEntropy(a, oneHot, { labelSmoothing: 0.1 });
      const hard = crossEntropy(b, tensor([2, 0], { dtype: "int32" }), { labelSmoothing: 0.1 });
      expectClose([soft.item()], [hard.item()], 1e-6);
      soft.backward();
      hard.backward();
      expectClose(a.grad!.data(), b.grad!.data(), 1e-6);
    });
  });

  it("takes masked classes of probability 0, and stays finite far out", () => {
    scope(() => {
      const logits = tensor(
        [
          [-Infinity, 1, 1],
          [1e4, -1e4, 0],
          [7, 7, 7],
        ],
        { requiresGrad: true },
      );
      const target = tensor(
        [
          [0, 0.5, 0.5],
          [0.5, 0.5, 0],
          [0.25, 0.25, 0.5],
        ],
        { requiresGrad: true },
      );
      const loss = crossEntropy(logits, target, { reduction: "none" });
      expectClose(loss.data(), [Math.log(2), 1e4, Math.log(3)], { absolute: 1e-6, relative: 1e-6 });
      loss.sum().backward();
      const third = 1 / 3;
      expectClose(
        logits.grad!.data(),
        [0, 0, 0, 0.5, -0.5, 0, third - 0.25, third - 0.25, third - 0.5],
        1e-6,
      );
      expect(target.grad!.data().some(Number.isNaN)).toBe(false);
    });
  });

  it("gives NaN for the mean of no rows and 0 for their sum", () => {
    scope(() => {
      const none = tensor([], { shape: [0, 3] });
      expect(crossEntropy(none, none).item()).toBeNaN();
      expect(crossEntropy(none, none, { reduction: "sum" }).item()).toBe(0);
    });
  });

  it("refuses what does not fit", () => {
    scope(() => {
      const x = tensor([[1, 2, 3]]);
      expect(() => crossEntropy(x, x, { ignoreIndex: 1 })).toThrow(OptionError);
      expect(() => crossEntropy(x, x, { labelSmoothing: 2 })).toThrow("labelSmoothing from 0 to 1");
      expect(() => crossEntropy(x, x, { weight: tensor([1]) })).toThrow(ShapeError);
      expect(() => crossEntropy(x, x, { reduction: "avg" as never })).toThrow(OptionError);
      expect(() => crossEntropy(x, tensor([[1, 2]]))).toThrow("target of dtype int32, got float32");
    });
  });
});

describe("klDivLoss", () => {
  it("is 0 for equal distributions, and where the target is 0, masked or not", () => {
    scope(() => {
      const scores = tensor([[-Infinity, 0.5, 1, -1e4]], { requiresGrad: true });
      const target = tensor([[0, 0.25, 0.75, 0]], { requiresGrad: true });
      const losses = klDivLoss(logSoftmax(scores), target, { reduction: "none" });
      expect(losses.data()[0]).toBe(0);
      expect(losses.data()[3]).toBe(0);
      losses.sum().backward();
      const share = 1 / (1 + Math.exp(0.5));
      expectClose(scores.grad!.data(), [0, share - 0.25, 0.25 - share, 0], 1e-6);
      expect(target.grad!.data().some(Number.isNaN)).toBe(false);
      const same = logSoftmax(tensor([[1, 2, 3]]));
      expectClose([klDivLoss(same, same, { logTarget: true }).item()], [0], 1e-7);
    });
  });

  it("refuses what does not fit", () => {
    scope(() => {
      expect(() => klDivLoss(tensor([1]), tensor([1, 2]))).toThrow(ShapeError);
      expect(() => klDivLoss(tensor([1]), tensor([1]), { reduction: "avg" as never })).toThrow(
        OptionError,
      );
      expect(() => klDivLoss(tensor(1), tensor(1), { reduction: "batchmean" })).toThrow(
        'klDivLoss: expected an input with a batch axis for reduction "batchmean", got a scalar.',
      );
    });
  });
});

describe("binaryCrossEntropy", () => {
  it("bounds logarithms by -100 as PyTorch, with finite gradients at 0 and 1", () => {
    scope(() => {
      const input = tensor([0, 1, 0, 1], { requiresGrad: true });
      const target = tensor([1, 0, 0, 1], { requiresGrad: true });
      const loss = binaryCrossEntropy(input, target, { reduction: "none" });
      expect(loss.toArray()).toEqual([100, 100, 0, 0]);
      loss.sum().backward();
      expectClose(input.grad!.data(), [-1e12, 1e12, 0, 0], { absolute: 0, relative: 1e-6 });
      expect(target.grad!.toArray()).toEqual([100, -100, 100, -100]);
    });
  });

  it("refuses what is no probability, by its place", () => {
    scope(() => {
      const half = tensor([0.5, 0.5]);
      expect(() => binaryCrossEntropy(tensor([0.5, 1.5]), half)).toThrow(
        "binaryCrossEntropy: expected probabilities from 0 to 1, got 1.5 as element 1. Of logits, take binaryCrossEntropyWithLogits.",
      );
      expect(() => binaryCrossEntropy(tensor([NaN, 0]), half)).toThrow(NumericError);
      expect(() => binaryCrossEntropy(half, half, { weight: tensor([1, 2, 3]) })).toThrow(
        ShapeError,
      );
    });
  });
});

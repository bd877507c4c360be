import { describe, expect, it } from "vitest";
import { IndexError, OptionError, ShapeError } from "../../src/core/errors.js";
import { accuracy } from "../../src/metrics/accuracy.js";
import { confusionMatrix, macroF1 } from "../../src/metrics/confusion-matrix.js";

const target = ["cat", "cat", "cat", "dog", "dog", "eel"] as const;
const predicted = ["cat", "cat", "dog", "dog", "cat", "cat"] as const;

describe("confusionMatrix", () => {
  const matrix = confusionMatrix(predicted, target);

  it("has the targets as rows, the predictions as columns", () => {
    expect(matrix.labels).toEqual(["cat", "dog", "eel"]);
    expect(matrix.counts).toEqual([
      [2, 1, 0],
      [1, 1, 0],
      [1, 0, 0],
    ]);
    expect([matrix.total, matrix.accuracy]).toEqual([6, 1 / 2]);
  });

  it("scores each class", () => {
    const [precision, recall] = [2 / 4, 2 / 3];
    const cat = matrix.score("cat");
    expect(cat).toMatchObject({ precision, recall, support: 3 });
    expect(cat.f1).toBeCloseTo((2 * precision * recall) / (precision + recall), 15);
    expect(matrix.score("eel")).toEqual({ precision: 0, recall: 0, f1: 0, support: 1 });
    // 4/7, 1/2, 0
    expect(matrix.macroF1).toBeCloseTo((4 / 7 + 1 / 2) / 3, 15);
    expect(macroF1(predicted, target)).toBe(matrix.macroF1);
    expect(() => matrix.score("ant" as "cat")).toThrow(IndexError);
  });

  it("leaves labels that nobody has out of the mean, as scikit-learn does", () => {
    const labels = ["w", "x", "y", "z", "never"];
    const predicted = ["x", "x", "x", "w"];
    const target = ["x", "y", "x", "z"];
    expect(macroF1(predicted, target)).toBeCloseTo(0.2, 15);
    expect(confusionMatrix(predicted, target, { labels }).macroF1).toBeCloseTo(0.2, 15);
    expect(confusionMatrix([], [], { labels }).macroF1).toBeNaN();
  });

  it("can be read", () => {
    expect(String(matrix)).toBe(
      [
        "             cat    dog   eel  recall",
        "cat            2      1     0   66.7%",
        "dog            1      1     0   50.0%",
        "eel            1      0     0    0.0%",
        "precision  50.0%  50.0%  0.0%   50.0%",
      ].join("\n"),
    );
  });

  it("takes labels in a given order, and numbers by size", () => {
    const all = ["dog", "ant", "cat", "eel"] as const;
    expect(
      confusionMatrix<(typeof all)[number]>(predicted, target, { labels: all }).counts,
    ).toEqual([
      [1, 0, 1, 0],
      [0, 0, 0, 0],
      [1, 0, 2, 0],
      [0, 0, 1, 0],
    ]);
    expect(confusionMatrix([10, 9], [9, 10]).labels).toEqual([9, 10]);
    expect(() => confusionMatrix(["cat", "dog"], ["cat", "cat"], { labels: ["cat"] })).toThrow(
      /one of the 1 labels, got "dog" at position 1/,
    );
    expect(() => confusionMatrix(["a"], ["b"], { labels: ["a"] })).toThrow(OptionError);
  });

  it("refuses lists that do not match", () => {
    expect(() => confusionMatrix(["a"], [])).toThrow(ShapeError);
    expect(confusionMatrix([], []).accuracy).toBeNaN();
  });
});

describe("accuracy", () => {
  it("is the share that is right", () => {
    expect(accuracy(predicted, target)).toBe(1 / 2);
    expect(accuracy([1, 2, 3, 4], Int32Array.of(1, 2, 3, 5))).toBe(3 / 4);
    expect(accuracy([], [])).toBeNaN();
    expect(() => accuracy(["a"], [])).toThrow(/accuracy: expected 0 predictions/);
  });
});

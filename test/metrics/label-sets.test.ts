import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/core/errors.js";
import { labelSetScores } from "../../src/metrics/label-sets.js";

describe("labelSetScores", () => {
  const target = [["a", "b"], ["b"], [], ["a", "c"], ["c"], ["b", "c"]];
  const predicted = [["a"], ["b", "c"], ["a"], ["c", "a", "a"], [], ["b", "d"]];

  it("has the numbers of scikit-learn 1.9", () => {
    const { byLabel, ...scores } = labelSetScores(predicted, target);
    expect(scores).toEqual({
      precision: 0.625,
      recall: 0.625,
      microF1: 0.625,
      macroF1: 0.5,
      sampleAccuracy: 1 / 6,
    });
    expect(Object.entries(byLabel).map(([label, { f1 }]) => [label, f1])).toEqual([
      ["a", 0.8],
      ["b", 0.8],
      ["c", 0.4],
      ["d", 0],
    ]);
    expect(byLabel.d).toEqual({ precision: 0, recall: 0, f1: 0, support: 0 });
  });

  it("is 1 where all is right, 0 where there is nothing to find", () => {
    expect(labelSetScores(target, target)).toMatchObject({ microF1: 1, macroF1: 1 });
    expect(labelSetScores([[]], [[]])).toMatchObject({ microF1: 0, macroF1: 0, sampleAccuracy: 1 });
    expect(() => labelSetScores([], [[]])).toThrow(ShapeError);
  });
});

// Scores of pairs, beside counting by hand and what scikit-learn and SciPy gave for the same numbers.
import { describe, expect, it } from "vitest";
import { OptionError, ShapeError } from "../../src/index.js";
import {
  averagePrecision,
  bestThreshold,
  equalErrorRate,
  pearson,
  rocAuc,
  spearman,
  TfIdf,
  thresholdScores,
} from "../../src/metrics/index.js";

/** Scores of a seeded generator, with many ties, and what is right. */
function scored(count: number): { scores: number[]; same: boolean[] } {
  let state = 7;
  const next = () => (state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff) / 0x80000000;
  const same = Array.from({ length: count }, () => next() < 0.4);
  const scores = same.map((one) => Math.round(20 * (next() + (one ? 0.3 : 0))) / 20);
  return { scores, same };
}

describe("bestThreshold", () => {
  it.each(["accuracy", "f1"] as const)("is the best of all for %s", (by) => {
    const { scores, same } = scored(200);
    const tried = Array.from({ length: 1400 }, (_, i) => i / 1000);
    const all = tried.map((threshold) => thresholdScores(scores, same, threshold)[by]);
    const found = bestThreshold(scores, same, { by });
    expect(found[by]).toBe(Math.max(...all));
    expect(thresholdScores(scores, same, found.threshold)).toEqual(found);
    expect(scores).not.toContain(found.threshold);
  });

  it("counts decisions", () => {
    const { accuracy, precision, recall, f1 } = thresholdScores(
      [0.9, 0.8, 0.5, 0.1],
      [true, false, true, false],
      0.5,
    );
    expect([accuracy, precision, recall, f1]).toEqual([0.75, 2 / 3, 1, 0.8]);
    expect(thresholdScores([0.1], [true], 0.5).precision).toBe(0);
    expect(bestThreshold([0.3], [false]).accuracy).toBe(0);
  });

  it("refuses what does not fit", () => {
    expect(() => bestThreshold([], [])).toThrow(OptionError);
    expect(() => bestThreshold([1], [])).toThrow(ShapeError);
    expect(() => bestThreshold([NaN], [true])).toThrow("scores that are numbers, got NaN at 0.");
    expect(() => bestThreshold([1], [true], { by: "recall" as never })).toThrow(OptionError);
  });
});

describe("averagePrecision, equalErrorRate and rocAuc", () => {
  it.each([averagePrecision, equalErrorRate, rocAuc])("refuse what is no answer: %o", (metric) => {
    expect(() => metric([1, 2], ["true", "false"] as never)).toThrow('"true" at 0');
    expect(() => metric([1, 2], [1, -1] as never)).toThrow("-1 at 1");
    expect(() => metric([1, null] as never, [true, false])).toThrow("null at 1");
    expect(metric([1, 2], Uint8Array.of(0, 1) as never)).toBe(metric([1, 2], [false, true]));
  });

  it("are scikit-learn's", () => {
    const scores = [0.1, 0.4, 0.35, 0.8, 0.4, 0.7, 0.2, 0.9];
    const same = [false, false, true, true, true, false, false, true];
    // average_precision_score(same, scores)
    expect(averagePrecision(scores, same)).toBeCloseTo(0.8166666666666667, 12);
    // brentq(lambda x: 1 - x - interp1d(fpr, tpr)(x), 0, 1) of roc_curve(same, scores)
    expect(equalErrorRate(scores, same)).toBeCloseTo(0.375, 9);
    // roc_auc_score(same, scores)
    expect(rocAuc(scores, same)).toBeCloseTo(0.78125, 12);
  });

  it("know what is told apart wholly, and what not at all", () => {
    expect(averagePrecision([3, 2, 1], [true, true, false])).toBe(1);
    expect(equalErrorRate([3, 2, 1], [true, true, false])).toBe(0);
    expect(rocAuc([3, 2, 1], [true, true, false])).toBe(1);
    expect(rocAuc([1, 1], [true, false])).toBe(0.5);
    expect(rocAuc([1, 3], [true, false])).toBe(0);
    expect(rocAuc([1, 2], [true, true])).toBeNaN();
    expect(equalErrorRate([1, 1], [true, false])).toBe(0.5);
    expect(equalErrorRate([1, 3], [true, false])).toBe(1);
    expect(averagePrecision([1, 2], [false, false])).toBeNaN();
    expect(equalErrorRate([1, 2], [true, true])).toBeNaN();
  });
});

describe("correlations", () => {
  it("are SciPy's, with ties", () => {
    const a = [1, 2, 2, 3, 5, 8];
    const b = [2, 1, 4, 4, 6, 5];
    expect(pearson(a, b)).toBeCloseTo(0.7054812462061376, 12);
    expect(spearman(a, b)).toBeCloseTo(0.8088235294117647, 12);
    expect(() => spearman([1], [1, 2])).toThrow(ShapeError);
    expect(pearson([1, 1], [1, 2])).toBeNaN();
  });
});

describe("TfIdf", () => {
  it("is scikit-learn's", () => {
    const texts = ["a film about a play", "a film", "the play", "so dull a song"].map((text) =>
      text.split(" "),
    );
    const weights = new TfIdf(texts);
    expect(weights.idf("film")).toBeCloseTo(1.5108256237659907, 12);
    expect(weights.similarity(texts[0]!, texts[1]!)).toBeCloseTo(0.7195435435538585, 12);
    expect(weights.similarity(texts[0]!, [])).toBe(0);
    expect(weights.similarity(["new"], ["new", "new"])).toBeCloseTo(1, 12);
    expect(() => new TfIdf([])).toThrow(OptionError);
  });
});

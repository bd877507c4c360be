import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IndexError, OptionError, ShapeError } from "../../src/core/errors.js";
import { tokenAccuracy } from "../../src/metrics/accuracy.js";
import { exp, log } from "../../src/core/exp-log.js";
import { LOSS, scoreText, SHARE } from "../../src/metrics/metric.js";
import { perplexity, unigramPerplexity } from "../../src/metrics/perplexity.js";

/** Distance as a multiple of the spacing of doubles at `b`. */
function ulps(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  return Math.abs(a - b) / Math.max(Math.abs(b) * 2 ** -52, 2 ** -1074);
}

describe("exp and log", () => {
  it("agree with the engine's within two units in the last place", () => {
    fc.assert(
      fc.property(fc.double({ min: -750, max: 712, noNaN: true }), (x) => {
        expect(ulps(exp(x), Math.exp(x))).toBeLessThanOrEqual(2);
      }),
      { numRuns: 5000 },
    );
    const positive = fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true });
    const nearOne = fc.double({ min: 0.5, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.oneof(positive, nearOne), (x) => {
        expect(ulps(log(x), Math.log(x))).toBeLessThanOrEqual(2);
      }),
      { numRuns: 5000 },
    );
  });

  it("know the ends of the line", () => {
    expect([-Infinity, 0, Infinity, NaN, -746, 710].map(exp)).toEqual([
      0,
      1,
      Infinity,
      NaN,
      0,
      Infinity,
    ]);
    expect([0, 1, Infinity, NaN, -1].map(log)).toEqual([-Infinity, 0, Infinity, NaN, NaN]);
    expect(exp(-745)).toBe(5e-324);
    expect(ulps(log(5e-324), -744.4400719213812)).toBeLessThanOrEqual(1);
  });
});

describe("perplexity", () => {
  it("is e to the mean negative log-likelihood", () => {
    expect(perplexity(0)).toBe(1);
    expect(perplexity(Math.log(32))).toBeCloseTo(32, 12);
    expect(perplexity(10 * Math.log(5), 10)).toBeCloseTo(5, 12);
    expect(perplexity(NaN)).toBeNaN();
    expect(() => perplexity(1, 0)).toThrow(OptionError);
  });
});

describe("unigramPerplexity", () => {
  it("adds one to each count", () => {
    // Counts 3, 1, 0 of 4 with 3 ids: probabilities 4/7, 2/7, 1/7.
    const train = Int32Array.of(0, 0, 1, 0);
    expect(unigramPerplexity(train, Int32Array.of(0), 3)).toBeCloseTo(7 / 4, 12);
    expect(unigramPerplexity(train, Int32Array.of(2, 1), 3)).toBeCloseTo(
      Math.sqrt((7 / 1) * (7 / 2)),
      12,
    );
    expect(unigramPerplexity(new Int32Array(0), Int32Array.of(0, 1, 2), 3)).toBeCloseTo(3, 12);
  });

  it("names an id outside the vocabulary", () => {
    const one = Int32Array.of(0);
    expect(() => unigramPerplexity(Int32Array.of(0, 5), one, 3)).toThrow(IndexError);
    expect(() => unigramPerplexity(one, Int32Array.of(0, -1), 3)).toThrow(/got -1 at position 1/);
    expect(() => unigramPerplexity(one, new Int32Array(0), 3)).toThrow(OptionError);
  });
});

describe("tokenAccuracy", () => {
  it("counts what is not ignored", () => {
    expect(tokenAccuracy([1, 2, 3, 4], [1, 0, 3, -100])).toEqual({
      correct: 2,
      total: 3,
      accuracy: 2 / 3,
    });
    expect(tokenAccuracy([0, 1], [0, 2], { ignoreIndex: 0 }).accuracy).toBe(0);
    expect(tokenAccuracy([], []).accuracy).toBeNaN();
    expect(() => tokenAccuracy([1], [1, 2])).toThrow(ShapeError);
  });
});

it.each([
  [0.00002113, "0.00002113"],
  [2.113e-38, "2.113e-38"],
  [-2.113e-8, "-2.113e-8"],
  [0, "0.0000"],
  [0.0123, "0.0123"],
  [123456.789, "123456.7890"],
  [1.0179525e31, "1.018e+31"],
])("an error of %d is printed so that something is seen of it", (score, printed) => {
  expect(scoreText(LOSS, score)).toBe(printed);
  expect(scoreText(SHARE, 0.00001)).toBe("0.00 %");
});

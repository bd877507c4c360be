// Error rates, against jiwer (fixtures/make.py); exact match; distinct n-grams.
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { OptionError, ShapeError } from "../../src/core/errors.js";
import { editDistance } from "../../src/metrics/edit-distance.js";
import {
  characterErrorRate,
  ErrorRateCounter,
  wordErrorRate,
  type ErrorRates,
} from "../../src/metrics/error-rates.js";
import { distinctN, exactMatch } from "../../src/metrics/whole-outputs.js";

const { cases } = JSON.parse(
  readFileSync(new URL("fixtures/error-rates.json", import.meta.url), "utf8"),
) as {
  cases: {
    predicted: string[];
    target: string[];
    words: Partial<ErrorRates>;
    characters: Partial<ErrorRates>;
  }[];
};

/** By definition, one item after another. */
function plainDistance(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return Math.max(a.length, b.length);
  const [x, y] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return plainDistance(x, y);
  return 1 + Math.min(plainDistance(x, y), plainDistance(x, b), plainDistance(a, y));
}

describe("error rates", () => {
  it.each(cases)("are jiwer's of $target.0, …", ({ predicted, target, words, characters }) => {
    expect(wordErrorRate(predicted, target)).toMatchObject(words);
    expect(characterErrorRate(predicted, target)).toMatchObject(characters);
  });

  it("take token lists as they are", () => {
    const { errorRate, length } = wordErrorRate([[1, 2, 3]], [Int32Array.of(1, 3)]);
    expect([errorRate, length]).toEqual([0.5, 2]);
    expect(wordErrorRate([["a b"]], [["a b", "c"]])).toMatchObject({ hits: 1, deletions: 1 });
    expect(characterErrorRate([["👩", "b"]], ["👩c"])).toMatchObject({ hits: 1, edits: 1 });
  });

  it("count code points, and what stands around a text not", () => {
    expect(characterErrorRate([" 😀a "], ["😀b"])).toMatchObject({ length: 2, edits: 1 });
  });

  it("are what a division gives where there is nothing to divide by", () => {
    expect(wordErrorRate([], []).errorRate).toBeNaN();
    expect(wordErrorRate(["a"], [""]).errorRate).toBe(Infinity);
  });

  it("refuse what does not match", () => {
    expect(() => wordErrorRate(["a"], [])).toThrow(ShapeError);
    expect(() => characterErrorRate(["a"], [3 as never])).toThrow(OptionError);
    expect(() => new ErrorRateCounter({ unit: "letters" as "words" })).toThrow(/unit to be one of/);
  });
});

describe("editDistance", () => {
  it("is the fewest changes, whose kinds add up", () => {
    const letters = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 6 });
    fc.assert(
      fc.property(letters, letters, (predicted, target) => {
        const counts = editDistance(predicted, target);
        const { edits, substitutions, insertions, deletions, hits } = counts;
        expect(edits).toBe(plainDistance(predicted, target));
        expect(substitutions + insertions + deletions).toBe(edits);
        expect(hits + substitutions + deletions).toBe(target.length);
        expect(hits + substitutions + insertions).toBe(predicted.length);
        expect(Math.min(substitutions, insertions, deletions, hits)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe("exactMatch", () => {
  it("is the share that is right to the last token", () => {
    expect(exactMatch(["a b", "c"], ["a b", "c "])).toBe(0.5);
    expect(exactMatch([[1, 2], [1], ["1"]], [Int32Array.of(1, 2), [1, 2], [1]])).toBe(1 / 3);
    expect(exactMatch(["a"], [["a"]])).toBe(0);
    expect(exactMatch([], [])).toBeNaN();
    expect(() => exactMatch(["a"], [])).toThrow(ShapeError);
    expect(() => exactMatch([true as never], ["a"])).toThrow(OptionError);
  });
});

describe("distinctN", () => {
  it("is the share of n-grams that differ, over all outputs", () => {
    const outputs = ["a b a b", "b a", "c"];
    // ab ba ab, ba: none goes from one output to the next.
    expect([1, 2, 3, 4, 5].map((n) => distinctN(outputs, n))).toEqual([3 / 7, 2 / 4, 1, 1, NaN]);
    expect(
      distinctN(
        [
          [1, 2],
          ["1", "2"],
        ],
        2,
      ),
    ).toBe(1);
    expect(() => distinctN(outputs, 0)).toThrow(OptionError);
    expect(() => distinctN([5 as never], 1)).toThrow(OptionError);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NumericError, OptionError } from "../../src/core/errors.js";
import {
  draw,
  keepMinP,
  keepTopK,
  keepTopP,
  mostProbable,
  scaleByTemperature,
} from "../../src/decode/logits.js";

// Few distinct values, so that ties are common; -Infinity as earlier steps leave it.
const logit = fc.oneof(
  fc.constantFrom(-2, -1, -0, 0, 1, 2, 3, -Infinity),
  fc.float({ min: -20, max: 20, noNaN: true }),
);
const logitsArray = fc
  .array(logit, { minLength: 1, maxLength: 40 })
  .filter((values) => values.some((value) => value > -Infinity))
  .map((values) => Float32Array.from(values));

/** Ids from the most probable to the least, of equal ones the lower id first. */
function ranked(logits: Float32Array): number[] {
  return [...logits.keys()].sort((a, b) => compare(logits[b]!, logits[a]!) || a - b);
}

function compare(a: number, b: number): number {
  return a > b ? 1 : a < b ? -1 : 0;
}

/** Softmax in float64. */
function probabilities(logits: Float32Array): number[] {
  const largest = Math.max(...logits);
  const weights = [...logits].map((value) => Math.exp(value - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function kept(logits: Float32Array): number[] {
  return [...logits.keys()].filter((id) => logits[id]! > -Infinity);
}

describe("mostProbable", () => {
  test("takes the largest logit, of equal ones the lowest id", () => {
    fc.assert(fc.property(logitsArray, (logits) => mostProbable(logits) === ranked(logits)[0]));
  });

  test("refuses NaN wherever it stands, and logits that leave nothing", () => {
    expect(() => mostProbable(Float32Array.of(NaN, 1))).toThrow("got NaN for id 0");
    expect(() => mostProbable(Float32Array.of(3, 1, NaN))).toThrow("got NaN for id 2");
    expect(() => mostProbable(Float32Array.of(-Infinity, -Infinity))).toThrow(NumericError);
    expect(() => mostProbable(new Float32Array(0))).toThrow(NumericError);
  });
});

describe("keepTopK", () => {
  test("keeps exactly the k that rank first, at their values", () => {
    fc.assert(
      fc.property(logitsArray, fc.integer({ min: 1, max: 45 }), (logits, k) => {
        const expected = Float32Array.from(logits, (value, id) =>
          ranked(logits).indexOf(id) < k ? value : -Infinity,
        );
        keepTopK(logits, k);
        expect([...logits]).toEqual([...expected]);
      }),
    );
  });

  test("refuses NaN, wherever it stands", () => {
    for (const at of [0, 1, 2, 3]) {
      const logits = Float32Array.of(1, 2, 3, 4);
      logits[at] = NaN;
      expect(() => keepTopK(logits, 2)).toThrow(`got NaN for id ${at}`);
    }
  });

  test("refuses a k that is no count", () => {
    for (const k of [0, -1, 1.5, NaN])
      expect(() => keepTopK(Float32Array.of(1, 2), k)).toThrow(OptionError);
  });
});

describe("keepTopP", () => {
  test("keeps the shortest run of the ranking that reaches p", () => {
    fc.assert(
      fc.property(logitsArray, fc.double({ min: 0.01, max: 0.999, noNaN: true }), (logits, p) => {
        const weights = probabilities(logits);
        const order = ranked(logits);
        let sum = 0;
        const sums = order.map((id) => (sum += weights[id]!));
        // Where the sum comes this close to p, float32 may decide either way.
        fc.pre(sums.every((reached) => Math.abs(reached - p) > 1e-5));
        const nucleus = order.slice(0, sums.findIndex((reached) => reached > p) + 1);
        keepTopP(logits, p);
        expect(kept(logits)).toEqual(nucleus.sort((a, b) => a - b));
      }),
    );
  });

  test("of equal tokens the lower ids make the nucleus", () => {
    const logits = Float32Array.of(0, 5, 5, 5, 5, 0);
    keepTopP(logits, 0.4);
    expect(kept(logits)).toEqual([1, 2]);
  });

  test("keeps one token however small p is, and all of them at 1", () => {
    const logits = Float32Array.of(1, 3, 2);
    keepTopP(logits, 1);
    expect([...logits]).toEqual([1, 3, 2]);
    keepTopP(logits, 1e-9);
    expect([...logits]).toEqual([-Infinity, 3, -Infinity]);
  });

  test("finds the nucleus in a vocabulary with a long flat tail", () => {
    const logits = new Float32Array(20_000).fill(-4);
    logits.set([9, 8.5, 8], 12_345);
    keepTopP(logits, 0.5);
    expect(kept(logits)).toEqual([12_345, 12_346]);
  });

  test("refuses a p outside (0, 1]", () => {
    for (const p of [0, -0.1, 1.1, NaN])
      expect(() => keepTopP(Float32Array.of(1, 2), p)).toThrow(OptionError);
  });
});

describe("keepMinP", () => {
  test("keeps what is at least p times as probable as the most probable", () => {
    fc.assert(
      fc.property(logitsArray, fc.double({ min: 0.001, max: 1, noNaN: true }), (logits, p) => {
        const weights = probabilities(logits);
        const least = p * Math.max(...weights);
        // Where a probability comes this close, rounding may decide either way.
        const isNear = (weight: number) => Math.abs(weight / least - 1) <= 1e-6;
        fc.pre(weights.every((weight) => (p === 1 && weight === least) || !isNear(weight)));
        const expected = [...logits.keys()].filter((id) => weights[id]! >= least);
        keepMinP(logits, p);
        expect(kept(logits)).toEqual(expected);
      }),
    );
  });

  test("keeps all of equal ones at 1, and all at 0", () => {
    const logits = Float32Array.of(1, 3, 3, -50);
    keepMinP(logits, 0);
    expect([...logits]).toEqual([1, 3, 3, -50]);
    keepMinP(logits, 1);
    expect([...logits]).toEqual([-Infinity, 3, 3, -Infinity]);
  });

  test("refuses a p outside [0, 1]", () => {
    for (const p of [-0.1, 1.1, NaN])
      expect(() => keepMinP(Float32Array.of(1, 2), p)).toThrow(OptionError);
  });
});

describe("scaleByTemperature", () => {
  test("divides each logit", () => {
    const logits = Float32Array.of(1, -3, -Infinity);
    scaleByTemperature(logits, 0.5);
    expect([...logits]).toEqual([2, -6, -Infinity]);
  });

  test("refuses temperatures that choose nothing", () => {
    for (const temperature of [0, -1, Infinity, NaN])
      expect(() => scaleByTemperature(Float32Array.of(1), temperature)).toThrow(OptionError);
  });
});

describe("draw", () => {
  test("inverts the cumulative distribution", () => {
    fc.assert(
      fc.property(
        logitsArray,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (logits, uniform) => {
          const weights = probabilities(logits);
          let sum = 0;
          const sums = weights.map((weight) => (sum += weight));
          fc.pre(sums.every((reached) => Math.abs(reached - uniform) > 1e-5));
          expect(draw(logits, uniform)).toBe(sums.findIndex((reached) => reached > uniform));
        },
      ),
    );
  });

  test("never takes a token that was ruled out, at either end", () => {
    const logits = Float32Array.of(-Infinity, 0, -Infinity, 0, -Infinity);
    expect(draw(logits, 0)).toBe(1);
    expect(draw(logits, 1 - 2 ** -53)).toBe(3);
  });

  test("refuses logits that are no distribution, and names the id", () => {
    expect(() => draw(Float32Array.of(1, NaN), 0.5)).toThrow("got NaN for id 1");
    expect(() => draw(Float32Array.of(1, 0, Infinity), 0.5)).toThrow("got Infinity for id 2");
    expect(() => draw(Float32Array.of(-Infinity, -Infinity), 0.5)).toThrow("2 of -Infinity");
    expect(() => draw(new Float32Array(0), 0.5)).toThrow(NumericError);
  });
});

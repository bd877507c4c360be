import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OptionError } from "../../src/core/errors.js";
import { manualSeed, randomBelow } from "../../src/core/random.js";
import { padSequences } from "../../src/data/padding.js";
import { permutation, shuffle } from "../../src/data/shuffle.js";
import { splitHeldOut } from "../../src/data/split.js";

describe("shuffle", () => {
  it("keeps every item, changes nothing, and follows the seed", () => {
    const items = Array.from({ length: 100 }, (_, i) => `item ${i}`);
    const before = [...items];
    const run = (seed: number) => {
      manualSeed(seed);
      return shuffle(items);
    };
    expect([...run(1)].sort()).toEqual([...items].sort());
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
    expect(items).toEqual(before);
  });

  it("gives all orders of three alike", () => {
    manualSeed(7);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = permutation(3).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // Standard deviation 29: six of them.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(175);
  });

  it("draws from a generator of one's own", () => {
    manualSeed(3);
    const before = randomBelow(2 ** 32);
    manualSeed(3);
    expect([...permutation(4, () => 0)]).toEqual([1, 2, 3, 0]);
    expect(randomBelow(2 ** 32)).toBe(before);
  });
});

describe("splitHeldOut", () => {
  it("keeps the end of arrays and typed arrays, of whatever type", () => {
    const { train, heldOut } = splitHeldOut(Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 0.2);
    expect([train, heldOut]).toEqual([Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8), Int32Array.of(9, 10)]);
    expect(splitHeldOut(["a", "b", "c"], 0.5)).toEqual({ train: ["a"], heldOut: ["b", "c"] });
  });

  it("leaves at least one item on each side", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { minLength: 2 }),
        fc.double({ min: 0, max: 1, minExcluded: true, maxExcluded: true, noNaN: true }),
        (items, share) => {
          const { train, heldOut } = splitHeldOut(items, share);
          expect([...train, ...heldOut]).toEqual(items);
          expect(Math.min(train.length, heldOut.length)).toBeGreaterThanOrEqual(1);
          expect(Math.abs(heldOut.length - items.length * share)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it("refuses what cannot be split", () => {
    for (const bad of [0, 1, -0.1, NaN, 2]) {
      expect(() => splitHeldOut([1, 2], bad)).toThrow(OptionError);
    }
    expect(() => splitHeldOut([1], 0.5)).toThrow(/at least 2 items, got 1/);
  });
});

describe("padSequences", () => {
  it("fills rows up at their end", () => {
    expect(padSequences([[1, 2, 3], [], Int32Array.of(4)], { padding: 9 })).toEqual({
      ids: Int32Array.of(1, 2, 3, 9, 9, 9, 4, 9, 9),
      lengths: Int32Array.of(3, 0, 1),
      shape: [3, 3],
    });
    expect(padSequences([[1]], { time: 3 }).ids).toEqual(Int32Array.of(1, 0, 0));
    expect(padSequences([])).toMatchObject({ shape: [0, 0] });
  });

  it("cuts nothing off", () => {
    expect(() => padSequences([[1], [1, 2, 3]], { time: 2 })).toThrow(
      /at least 3, the length of sequence 1, got 2/,
    );
    expect(() => padSequences([[1]], { time: 1.5 })).toThrow(OptionError);
  });

  it("takes whole numbers as they are, and nothing else for one", () => {
    const odd = [1.7, undefined, null, "1", NaN, 2 ** 31, true] as unknown as number[];
    for (const value of odd)
      expect(() => padSequences([[1], [2, value]])).toThrow(
        /expected whole numbers of 32 bits, got .* at position 1 of sequence 1/,
      );
    expect(() => padSequences([Float32Array.of(0.5)])).toThrow(OptionError);
    expect(() => padSequences([[1]], { padding: 0.5 })).toThrow(/got 0.5 at padding/);
  });
});

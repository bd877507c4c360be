import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OptionError } from "../../src/core/errors.js";
import { manualSeed, randomUint32 } from "../../src/core/random.js";
import { batches } from "../../src/data/batches.js";

const numbers = (length: number) => Array.from({ length }, (_, i) => i);
/** Lengths that are neither sorted nor distinct. */
const lengthOf = (i: number) => (i * 37) % 23;

describe("batches", () => {
  it("keeps the order, and what is left over unless told not to", () => {
    expect([...batches(numbers(5), { batchSize: 2 })]).toEqual([[0, 1], [2, 3], [4]]);
    const full = batches(numbers(5), { batchSize: 2, dropLast: true });
    expect([full.length, [...full]]).toEqual([2, [[0, 1], [2, 3]]]); // prettier-ignore
    expect([...batches([], { batchSize: 2 })]).toEqual([]);
  });

  it("gives every example once, however it is arranged", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        fc.boolean(),
        (count, batchSize, shuffle, bucket) => {
          const source = batches(numbers(count), {
            batchSize,
            shuffle,
            ...(bucket && { bucketBy: lengthOf }),
            ...(bucket && shuffle && { pool: 3 }),
          });
          const all = [...source];
          expect(all.length).toBe(source.length);
          expect(all.flat().sort((a, b) => a - b)).toEqual(numbers(count));
          // One batch may be short, wherever it comes.
          expect(all.filter((batch) => batch.length < batchSize).length).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it("shuffles anew each time, from the program's generator when it begins", () => {
    const source = batches(numbers(40), { batchSize: 8, shuffle: true });
    manualSeed(3);
    const [first, second] = [[...source], [...source]];
    expect(first).not.toEqual(second);
    manualSeed(3);
    const again = source[Symbol.iterator]();
    expect(again.next().value).toEqual(first[0]);
    // As `fit` needs it: what else draws between two batches changes nothing.
    randomUint32();
    expect([...{ [Symbol.iterator]: () => again }]).toEqual(first.slice(1));
  });

  it("follows a seed of its own and leaves the program's generator alone", () => {
    const order = (seed: number) => [
      ...batches(numbers(40), { batchSize: 8, shuffle: true, seed }),
    ];
    manualSeed(1);
    const expected = randomUint32();
    manualSeed(1);
    expect(order(5)).toEqual(order(5));
    expect(order(5)).not.toEqual(order(6));
    expect(randomUint32()).toBe(expected);
  });

  it("sorts by length where nothing is shuffled", () => {
    const lengths = [...batches(numbers(50), { batchSize: 7, bucketBy: lengthOf })]
      .flat()
      .map(lengthOf);
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
  });

  it("pads less than without buckets, in batches that come in random order", () => {
    const padding = (bucket: boolean) => {
      manualSeed(2);
      const all = [
        ...batches(numbers(400), {
          batchSize: 8,
          shuffle: true,
          ...(bucket && { bucketBy: lengthOf, pool: 10 }),
        }),
      ].map((batch) => batch.map(lengthOf));
      const longest = all.map((lengths) => Math.max(...lengths));
      expect(longest).not.toEqual([...longest].sort((a, b) => a - b));
      return all.reduce(
        (sum, lengths, i) => sum + lengths.reduce((rest, length) => rest + longest[i]! - length, 0),
        0,
      );
    };
    expect(padding(true)).toBeLessThan(padding(false) / 4);
  });

  it("refuses options that nothing would read", () => {
    expect(() => batches([1], { batchSize: 0 })).toThrow(OptionError);
    expect(() => batches([1], { batchSize: 1, seed: 3 })).toThrow(/seed only with shuffle/);
    expect(() => batches([1], { batchSize: 1, shuffle: true, pool: 2 })).toThrow(
      /pool only with shuffle and bucketBy/,
    );
  });
});

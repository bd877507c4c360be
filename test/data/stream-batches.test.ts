import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OptionError } from "../../src/core/errors.js";
import { manualSeed, randomUint32 } from "../../src/core/random.js";
import { batches } from "../../src/data/batches.js";
import { collect } from "../../src/data/source.js";
import { streamBatches } from "../../src/data/stream-batches.js";

const numbers = (length: number) => Array.from({ length }, (_, i) => i);
/** Lengths that are neither sorted nor distinct. */
const lengthOf = (i: number) => (i * 37) % 23;

async function* streamOf(length: number): AsyncGenerator<number, void> {
  for (let i = 0; i < length; i++) yield await Promise.resolve(i);
}

interface Arrangement {
  count: number;
  batchSize: number;
  shuffle: boolean;
  bucket: boolean;
  dropLast: boolean;
}

const arrangement: fc.Arbitrary<Arrangement> = fc.record({
  count: fc.nat({ max: 60 }),
  batchSize: fc.integer({ min: 1, max: 9 }),
  shuffle: fc.boolean(),
  bucket: fc.boolean(),
  dropLast: fc.boolean(),
});

function optionsOf({ batchSize, shuffle, bucket, dropLast }: Arrangement) {
  return {
    ...{ batchSize, shuffle, dropLast },
    ...(bucket && { bucketBy: lengthOf }),
    ...(bucket && shuffle && { pool: 3 }),
  };
}

describe("streamBatches", () => {
  it("gives what batches gives where all fits, and leaves the generator where that does", async () => {
    await fc.assert(
      fc.asyncProperty(arrangement, async (drawn) => {
        const options = optionsOf(drawn);
        const fits =
          drawn.shuffle || drawn.bucket ? { bufferSize: Math.max(1, drawn.count) } : undefined;
        manualSeed(drawn.count);
        const expected = [...batches(numbers(drawn.count), options), [randomUint32()]];
        manualSeed(drawn.count);
        const given = await collect(
          streamBatches(() => streamOf(drawn.count), { ...options, ...fits }),
        );
        expect([...given, [randomUint32()]]).toEqual(expected);
      }),
    );
  });

  it("gives every example once where it does not fit, within a buffer of its place", async () => {
    await fc.assert(
      fc.asyncProperty(arrangement, fc.integer({ min: 1, max: 20 }), async (drawn, bufferSize) => {
        const { count, batchSize, shuffle, bucket, dropLast } = drawn;
        const options = {
          ...optionsOf({ ...drawn, dropLast: false }),
          ...((shuffle || bucket) && { bufferSize }),
        };
        const all = await collect(streamBatches(() => streamOf(count), options));
        expect(all.flat().sort((a, b) => a - b)).toEqual(numbers(count));
        // As many as of an array, one of them short.
        expect(all.length).toBe(Math.ceil(count / batchSize));
        expect(all.filter((batch) => batch.length < batchSize).length).toBeLessThanOrEqual(1);
        const held = Math.ceil(bufferSize / batchSize) * batchSize;
        const blocks = all.flat().map((example) => Math.floor(example / held));
        expect(blocks).toEqual([...blocks].sort((a, b) => a - b));
        if (!dropLast) return;
        const full = await collect(
          streamBatches(() => streamOf(count), { ...options, dropLast: true }),
        );
        expect(full.map((batch) => batch.length)).toEqual(
          new Array(Math.floor(count / batchSize)).fill(batchSize),
        );
      }),
    );
  });

  const source = streamBatches(() => streamOf(100), {
    batchSize: 4,
    shuffle: true,
    bufferSize: 20,
  });

  it("shuffles each buffer its own way, anew each time, as the seed has it", async () => {
    manualSeed(3);
    const [first, second] = [await collect(source), await collect(source)];
    expect(first).not.toEqual(second);
    const orders = [0, 20, 40, 60, 80].map((start) =>
      first
        .flat()
        .slice(start, start + 20)
        .map((example) => example - start)
        .join(),
    );
    expect(new Set(orders).size).toBe(5);
    manualSeed(3);
    const again = await collect(source);
    expect(again).toEqual(first);
    expect(await collect(source)).toEqual(second);
  });

  it("draws of the program's generator before the first batch only, as fit needs it", async () => {
    manualSeed(3);
    const first = await collect(source);
    manualSeed(3);
    const again: number[][] = [];
    const drawn: number[] = [];
    for await (const batch of source) {
      again.push(batch);
      drawn.push(randomUint32());
    }
    // What else draws changes nothing of the batches, nor they of it.
    expect(again).toEqual(first);
    manualSeed(3);
    await source[Symbol.asyncIterator]().next();
    expect(drawn).toEqual(drawn.map(() => randomUint32()));
  });

  it("follows a seed of its own and leaves the program's generator alone", async () => {
    const order = (seed: number, bufferSize: number) =>
      collect(streamBatches(() => streamOf(40), { batchSize: 8, shuffle: true, seed, bufferSize }));
    manualSeed(1);
    const expected = randomUint32();
    manualSeed(1);
    expect(await order(5, 16)).toEqual(await order(5, 16));
    expect(await order(5, 16)).not.toEqual(await order(6, 16));
    expect(await order(5, 40)).toEqual([
      ...batches(numbers(40), { batchSize: 8, shuffle: true, seed: 5 }),
    ]);
    expect(randomUint32()).toBe(expected);
  });

  it("reads no further than it must, and closes what it has opened", async () => {
    const read: number[] = [];
    let closed = 0;
    async function* watched() {
      try {
        for await (const i of streamOf(100)) {
          read.push(i);
          yield i;
        }
      } finally {
        closed++;
      }
    }
    for await (const batch of streamBatches(watched, {
      batchSize: 4,
      bufferSize: 8,
      shuffle: true,
    })) {
      expect(batch).toHaveLength(4);
      // The one behind the buffer says that there is more.
      expect(read).toHaveLength(9);
      break;
    }
    expect(closed).toBe(1);
  });

  it("takes what is at hand, and passes errors of the source on", async () => {
    expect(await collect(streamBatches(() => numbers(5), { batchSize: 2 }))).toEqual([
      [0, 1],
      [2, 3],
      [4],
    ]);
    async function* broken() {
      yield* streamOf(3);
      throw new Error("line 4");
    }
    await expect(collect(streamBatches(broken, { batchSize: 2 }))).rejects.toThrow("line 4");
  });

  it("refuses options that nothing would read", () => {
    const refused = (options: object, message: RegExp | string) =>
      expect(() => streamBatches(() => [1], { batchSize: 2, ...options })).toThrow(message);
    expect(() => streamBatches(() => [1], { batchSize: 0 })).toThrow(OptionError);
    refused({ seed: 3 }, /streamBatches: expected seed only with shuffle/);
    refused({ bufferSize: 3 }, /bufferSize only with shuffle or bucketBy/);
    refused({ bufferSize: 0, shuffle: true }, /bufferSize/);
    refused({ shuffle: true, pool: 2 }, /pool only with shuffle and bucketBy/);
  });
});

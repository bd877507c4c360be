import { expect, it } from "vitest";
import {
  additionsOf,
  CHUNK,
  isSummable,
  makeShared,
  shareOf,
  sumIn,
  SharedWork,
  valuesIn,
} from "../../src/parallel/exchange.js";
import { keyOf } from "../../src/parallel/shard-tree.js";

const leaf = (index: number) => keyOf({ level: 0, index });

it("adds what nodes have in the order of the tree, whoever has it", () => {
  const filled = (...nodes: string[]) => new Map(nodes.map((key, i) => [key, i]));
  expect(additionsOf(4, filled(leaf(0), leaf(1), leaf(2), leaf(3)))).toEqual({
    ...{ root: 0, adds: [[0, 1], [2, 3], [0, 2]] }, // prettier-ignore
  });
  // A worker has summed the first two; the last shard was empty.
  const pair = keyOf({ level: 1, index: 0 });
  expect(additionsOf(4, filled(pair, leaf(2)))).toEqual({ root: 0, adds: [[0, 1]] });
  expect(additionsOf(2, filled(leaf(1)))).toEqual({ root: 0, adds: [] });
});

it("gives each worker a share of all numbers", () => {
  for (const to of [48, 192, 1_000_000])
    for (const workers of [1, 2, 3, 8]) {
      const stretch = { from: 32, to, adds: [], root: 0, factor: 1 };
      const shares = Array.from({ length: workers }, (_, i) => shareOf(stretch, i, workers));
      expect(shares[0]!.from).toBe(32);
      expect(shares.at(-1)!.to).toBe(to);
      shares.slice(1).forEach(({ from }, i) => expect(from).toBe(shares[i]!.to));
      for (const { from } of shares) expect(from % 16).toBe(0);
    }
});

it("sums in a memory that threads share, with the main kernels", () => {
  const size = 2 * CHUNK + 32;
  const memory = makeShared(size, 3);
  expect(isSummable(memory)).toBe(true);
  expect(memory.buffer).toBeInstanceOf(SharedArrayBuffer);
  const values = valuesIn(memory, size).fill(7);
  const sums = [0, 1, 2].map((node) => sumIn(memory, size, node));
  sums.forEach((sum, node) => sum.forEach((_, i) => (sum[i] = Math.fround(i / 7 + node))));
  const expected = Array.from({ length: size }, (_, i) => {
    const [a, b, c] = sums.map((sum) => sum[i]!) as [number, number, number];
    const sum = Math.fround(Math.fround(a + b) + c);
    return i < size - 16 ? Math.fround(sum * Math.fround(1 / 3)) : sum;
  });
  const adds = [[0, 1], [0, 2]] as const; // prettier-ignore
  const work = new SharedWork(memory, size);
  const stretch = { adds, root: 0, from: 0, to: size - 16, factor: 1 / 3 };
  for (let worker = 0; worker < 3; worker++) work.sum(shareOf(stretch, worker, 3));
  work.sum({ ...stretch, from: size - 16, to: size, factor: 1 });
  expect([...sums[0]!]).toEqual(expected);
  expect(values.every((value) => value === 7)).toBe(true);
});

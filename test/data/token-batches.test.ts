import { expect, test } from "vitest";
import { tokenBatches } from "../../src/data/token-batches.js";
import { manualSeed } from "../../src/index.js";
import { testRandom } from "../helpers/random.js";

const random = testRandom(5);
const lengths = Array.from({ length: 400 }, () => [
  Math.floor(random.uniform(1, 12)),
  Math.floor(random.uniform(1, 20)),
]);
const MOST = 64;
const source = (examples: number[][]) =>
  tokenBatches(examples, { most: MOST, lengthsOf: (each) => each });

test("every example comes once, in batches of at most so many tokens on either side", () => {
  manualSeed(1);
  const batches = [...source(lengths)];
  expect(batches).toHaveLength(source(lengths).length);
  expect(new Set(batches.flat()).size).toBe(lengths.length);
  expect(batches.flat()).toHaveLength(lengths.length);
  for (const batch of batches)
    for (const side of [0, 1])
      expect(batch.length * Math.max(...batch.map((each) => each[side]!))).toBeLessThanOrEqual(
        MOST,
      );
  // Full ones: on average at least three quarters of what is allowed.
  const tokens = batches.map((batch) => batch.length * Math.max(...batch.flat()));
  expect(tokens.reduce((a, b) => a + b) / batches.length).toBeGreaterThan(0.75 * MOST);
});

test("each pass has an order of its own, cut at the same lengths", () => {
  manualSeed(2);
  const batches = source(lengths);
  const [one, other] = [[...batches], [...batches]];
  const cuts = (pass: number[][][]) => pass.map((batch) => JSON.stringify(batch)).sort();
  expect(cuts(other)).toEqual(cuts(one));
  expect(other).not.toEqual(one);
  const members = (pass: number[][][]) => new Set(pass.find((batch) => batch.length > 3));
  expect(members(other)).not.toEqual(members(one));
  manualSeed(2);
  expect([...source(lengths)]).toEqual(one);
});

test("what alone has more tokens is a batch of its own", () => {
  const batches = [
    ...source([
      [100, 3],
      [1, 1],
      [1, 1],
      [2, 90],
    ]),
  ];
  expect(batches.map((batch) => batch.length).sort()).toEqual([1, 1, 2]);
  expect([...source([])]).toEqual([]);
});

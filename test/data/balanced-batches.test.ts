import { expect, test } from "vitest";
import { getRngState, manualSeed, setRngState } from "../../src/index.js";
import { balancedBatches } from "../../src/data/balanced-batches.js";

const examples = Array.from({ length: 103 }, (_, i) => ({
  groups: i < 100 ? [0] : i < 102 ? [1] : [],
  length: i % 7,
}));
const options = {
  batchSize: 8,
  groupsOf: ({ groups }: (typeof examples)[number]) => groups,
  lengthOf: ({ length }: (typeof examples)[number]) => length,
};

test("groups come alike, those of no group too, in as many examples as there are", async () => {
  manualSeed(5);
  const source = balancedBatches("fit", examples, options);
  const counts = [0, 0, 0];
  for (let epoch = 0; epoch < 30; epoch++) {
    let size = 0;
    for await (const batch of source)
      for (const { groups } of batch) {
        counts[groups[0] ?? 2]!++;
        size++;
      }
    expect(size).toBe(103);
  }
  // A third of 3090 each; the standard deviation is 26.
  for (const count of counts) expect(Math.abs(count - 1030)).toBeLessThan(4 * 26);
});

test("all chance is drawn before the first batch: an epoch can be gone through again", async () => {
  manualSeed(5);
  const source = balancedBatches("fit", examples, options);
  const begun = getRngState();
  const all = [];
  for await (const batch of source) all.push(batch);
  setRngState(begun);
  const iterator = (source as Iterable<unknown>)[Symbol.iterator]();
  expect(iterator.next().value).toEqual(all[0]);
  const drawn = getRngState();
  while (!iterator.next().done);
  expect(getRngState()).toEqual(drawn);
});

import { expect, test } from "vitest";
import { holdOut } from "../../src/data/hold-out.js";
import { getRngState } from "../../src/index.js";

const examples = Array.from({ length: 200 }, (_, i) => ({ i, label: i < 150 ? "a" : `rare ${i}` }));

test("keeps a share, by the seed, and draws nothing of the program's generator", () => {
  const before = getRngState();
  const { learnt, kept } = holdOut(examples, 0.1, 1, undefined)!;
  expect(getRngState()).toEqual(before);
  expect([learnt.length, kept.length]).toEqual([180, 20]);
  expect([...learnt, ...kept].sort((a, b) => a.i - b.i)).toEqual(examples);
  expect(kept.map(({ i }) => i)).toEqual(kept.map(({ i }) => i).sort((a, b) => a - b));
  expect(kept.at(-1)!.i).toBeGreaterThan(100);
  expect(holdOut(examples, 0.1, 1, undefined)!.kept).toEqual(kept);
  expect(holdOut(examples, 0.1, 2, undefined)!.kept).not.toEqual(kept);
});

test("never keeps the only example of a label", () => {
  const { learnt, kept } = holdOut(examples, 0.5, 1, ({ label }) => label)!;
  expect(kept).toHaveLength(100);
  const known = new Set(learnt.map(({ label }) => label));
  expect(kept.every(({ label }) => known.has(label))).toBe(true);
});

test("keeps nothing of few examples, nor where nothing is asked for", () => {
  expect(holdOut(examples.slice(0, 99), 0.1, 1, undefined)).toBeUndefined();
  expect(holdOut(examples, 0, 1, undefined)).toBeUndefined();
});

test("what is asked for is kept of few examples too, and one is left to learn from", () => {
  const sizes = (share: number, of: number) => {
    const { learnt, kept } = holdOut(examples.slice(0, of), share, 1, undefined, 2)!;
    return [learnt.length, kept.length];
  };
  expect(sizes(0.2, 20)).toEqual([16, 4]);
  expect(sizes(0.01, 20)).toEqual([19, 1]);
  expect(sizes(0.9, 2)).toEqual([1, 1]);
});

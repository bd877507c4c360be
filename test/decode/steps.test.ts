import fc from "fast-check";
import { expect, test } from "vitest";
import { Steps } from "../../src/decode/steps.js";
import { tensor } from "../../src/tensor/create.js";
import { expectClose } from "../helpers/expect-close.js";
import { ScriptedDecoder } from "./scripted-decoder.js";

const logit = fc.oneof(
  fc.float({ min: -90, max: 90, noNaN: true }),
  // Close together: their sum is hardly more than the largest.
  fc.float({ min: Math.fround(-1e-6), max: Math.fround(1e-6), noNaN: true }),
);

test("log-probabilities are never above 0, on which the end of beam search relies", () => {
  const row = fc.array(logit, { minLength: 1, maxLength: 40 }).map((all) => Float32Array.from(all));
  fc.assert(
    fc.property(row, fc.constantFrom(0, 1000, -1000), (logits, shift) => {
      const shifted = logits.map((each) => each + shift);
      const decoder = new ScriptedDecoder(() => shifted, { classes: logits.length });
      const steps = new Steps("test", decoder, 1);
      steps.feed(1, true);
      const values = steps.logProbabilities(0);
      expect(Math.max(...values)).toBeLessThanOrEqual(0);
      const largest = Math.max(...shifted);
      const total = shifted.reduce((sum, each) => sum + Math.exp(each - largest), 0);
      const expected = Array.from(shifted, (each) => each - largest - Math.log(total));
      expectClose(values, expected, { absolute: 1e-6, relative: 1e-6 });
      steps.dispose();
    }),
  );
});

test("a decoder whose step makes the memory grow does no harm", () => {
  const kept: { dispose(): void }[] = [];
  const script = () => {
    kept.push(tensor(new Float32Array(8_000_000)));
    return [0, 1];
  };
  const steps = new Steps("test", new ScriptedDecoder(script, { classes: 2, rows: 2 }), 2);
  for (let i = 0; i < 2; i++) {
    steps.feed(2, true);
    expectClose([...steps.logProbabilities(1)], [-1.3132617, -0.3132617], 1e-6);
  }
  kept.push(tensor(new Float32Array(32_000_000)));
  expectClose([steps.logProbability(1)], [-0.3132617], 1e-6);
  steps.dispose();
  for (const each of kept) each.dispose();
});

test("rows that stay where they are need no selection", () => {
  const decoder = new ScriptedDecoder(() => [0], { classes: 1, rows: 2, capacity: 3 });
  const steps = new Steps("test", decoder, 3);
  steps.from.set([0, 1, 1]);
  steps.select(2);
  expect(decoder.selected).toEqual([]);
  steps.select(3);
  steps.from.set([0, 2, 1]);
  steps.select(3);
  steps.from.set([0, 1]);
  steps.select(2);
  expect(decoder.selected).toEqual([
    [0, 1, 1],
    [0, 2, 1],
    [0, 1],
  ]);
  steps.dispose();
});

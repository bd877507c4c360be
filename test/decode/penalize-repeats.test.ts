import { expect, test } from "vitest";
import { beamSearch, greedy, penalizeRepeats, type Decoder } from "../../src/decode/index.js";
import { OptionError } from "../../src/index.js";
import { expectClose } from "../helpers/expect-close.js";

/** The same logits at each step. */
function constant(logits: readonly number[], rows = 1, capacity = rows): Decoder {
  let count = rows;
  return {
    get rows() {
      return count;
    },
    capacity,
    classes: logits.length,
    step: (ids, into) => into?.set(Array.from(ids, () => logits).flat()),
    select: (chosen) => void (count = chosen.length),
    dispose() {},
  };
}

const LOGITS = [3, 2, -0.5];

test("what was written counts less, what a row began with does not", () => {
  const of = (penalty: number) => [
    ...greedy(penalizeRepeats(constant(LOGITS), penalty), { prompt: 0, maxLength: 4 })[0]!.ids,
  ];
  expect(of(1)).toEqual([0, 0, 0, 0]);
  // 3, then 1.5 against 2, then 1.5 against 1.
  expect(of(2)).toEqual([0, 1, 0, 0]);
  expect(of(100)).toEqual([0, 1, 0, 0]);
});

test("a logit below 0 is multiplied, and log-probabilities are those of what is left", () => {
  const decoder = penalizeRepeats(constant(LOGITS), 2);
  const logits = new Float32Array(3);
  for (const id of [2, 2, 1]) decoder.step(Int32Array.of(id), logits);
  expect([...logits]).toEqual([3, 1, -1]);
  const [best] = greedy(penalizeRepeats(constant(LOGITS), 2), { prompt: 2, maxLength: 2 });
  const sum = (values: number[]) => values.reduce((a, value) => a + Math.exp(value), 0);
  const wanted = 3 - Math.log(sum([3, 2, -0.5])) + 2 - Math.log(sum([1.5, 2, -0.5]));
  expectClose([best!.logProbability], [wanted], 1e-6);
});

test("rows of a beam keep what they have read when they are moved", () => {
  const decoder = penalizeRepeats(constant(LOGITS, 1, 2), 4);
  const [best] = beamSearch(decoder, { prompt: 0, maxLength: 2, beams: 2, nBest: 2 })[0]!;
  expect([...best!.ids]).toEqual([0, 1]);
  decoder.dispose();
});

test.each([0.5, NaN, Infinity])("a penalty of %s is refused", (penalty) => {
  expect(() => penalizeRepeats(constant(LOGITS), penalty)).toThrow(OptionError);
});

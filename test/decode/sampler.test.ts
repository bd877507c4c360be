import { expect, test } from "vitest";
import { OptionError } from "../../src/core/errors.js";
import { Sampler, type SamplingOptions } from "../../src/decode/sampler.js";

const LOGITS = Float32Array.of(0.5, 2, -1, 1.25, 0, 2);

function take(count: number, options: SamplingOptions): number[] {
  const sampler = new Sampler(options);
  return Array.from({ length: count }, () => sampler.sample(LOGITS));
}

test("the same seed gives the same tokens, on every engine", () => {
  expect(take(20, { seed: 7 })).toEqual(take(20, { seed: 7 }));
  expect(take(20, { seed: 7 })).not.toEqual(take(20, { seed: 8 }));
  // Written down once: a change of these numbers breaks everyone's seeds.
  expect(take(20, { seed: 7, temperature: 0.8, topP: 0.9 })).toEqual([
    5, 1, 1, 1, 1, 1, 5, 1, 1, 3, 5, 5, 1, 1, 1, 1, 5, 3, 1, 5,
  ]);
});

test("draws with the probabilities of softmax at its temperature", () => {
  const counts = new Float64Array(LOGITS.length);
  for (const id of take(20_000, { seed: 1, temperature: 2 })) counts[id]! += 1;
  const weights = [...LOGITS].map((logit) => Math.exp(logit / 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  weights.forEach((weight, id) => {
    const expected = weight / total;
    // Five standard deviations of a binomial count.
    const slack = 5 * Math.sqrt((expected * (1 - expected)) / 20_000);
    expect(Math.abs(counts[id]! / 20_000 - expected)).toBeLessThan(slack);
  });
});

test("temperature 0 takes the most probable and draws nothing", () => {
  const sampler = new Sampler({ temperature: 0, seed: 3 });
  expect(sampler.sample(LOGITS)).toBe(1);
  expect(sampler.state).toEqual({ seed: 3, counter: 0 });
});

test("top-k, top-p and min-p rule tokens out", () => {
  expect(new Set(take(300, { topK: 3 }))).toEqual(new Set([1, 3, 5]));
  expect(new Set(take(300, { topP: 0.5 }))).toEqual(new Set([1, 5]));
  // e^(1.25 - 2) is 0.47, e^(0.5 - 2) is 0.22.
  expect(new Set(take(300, { minP: 0.4 }))).toEqual(new Set([1, 3, 5]));
  expect(new Set(take(300, { topK: 1 }))).toEqual(new Set([1]));
});

test("leaves the logits as they are", () => {
  const logits = LOGITS.slice();
  new Sampler({ temperature: 0.5, topK: 2, topP: 0.9 }).sample(logits);
  expect(logits).toEqual(LOGITS);
});

test("its state continues in another", () => {
  const first = new Sampler({ seed: 2 ** 40 + 5 });
  for (let i = 0; i < 5; i++) first.sample(LOGITS);
  const second = new Sampler({ seed: 0 });
  second.state = first.state;
  const next = (sampler: Sampler) => Array.from({ length: 10 }, () => sampler.sample(LOGITS));
  expect(next(second)).toEqual(next(first));
});

test("options that make no sense are refused by name", () => {
  for (const [options, name] of [
    [{ temperature: -1 }, "temperature"],
    [{ temperature: NaN }, "temperature"],
    [{ topK: 0 }, "topK"],
    [{ topK: 2.5 }, "topK"],
    [{ topP: 0 }, "topP"],
    [{ topP: 1.5 }, "topP"],
    [{ minP: -0.1 }, "minP"],
    [{ minP: 1.5 }, "minP"],
    [{ seed: -1 }, "seed"],
  ] as const) {
    expect(() => new Sampler(options)).toThrow(OptionError);
    expect(() => new Sampler(options)).toThrow(name);
  }
});

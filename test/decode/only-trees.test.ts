import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { beamSearch, greedy, onlyTrees, sample } from "../../src/decode/index.js";
import { IndexError, ShapeError } from "../../src/index.js";
import { delinearizeTree } from "../../src/text/index.js";
import { ScriptedDecoder } from "./scripted-decoder.js";

const TOKENS = ["<unk>", "(S", ")S", "(NP", ")NP", "XX", "</s>"];
const END = TOKENS.length - 1;

/** Logits that depend on the row and on how much was written, and on nothing else. */
const decoderOf = (logits: readonly number[], rows = 1, capacity = rows) =>
  new ScriptedDecoder(
    (source, { length }) =>
      TOKENS.map((_, id) => logits[(31 * source + 7 * length + id) % logits.length]!),
    { classes: TOKENS.length, rows, capacity },
  );

const textOf = (ids: ArrayLike<number>) => Array.from(ids, (id) => TOKENS[id]!);

describe("a decoder of trees", () => {
  test("writes trees over all words, whatever the model says", () => {
    const problems = fc.record({
      logits: fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 11, maxLength: 40 }),
      words: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      beams: fc.integer({ min: 1, max: 4 }),
      seed: fc.nat(1000),
    });
    let complete = 0;
    fc.assert(
      fc.property(problems, ({ logits, words, beams, seed }) => {
        const search = { prompt: END, endToken: END, maxLength: 40, excluded: [0] };
        const trees = (capacity: number) =>
          onlyTrees(decoderOf(logits, words.length, capacity), { tokens: TOKENS, end: END, words });
        const found = [
          beamSearch(trees(words.length * beams), { ...search, beams, nBest: beams }),
          greedy(trees(words.length), search).map((best) => [best]),
          sample(trees(words.length), { ...search, seed }),
        ];
        for (const rows of found)
          rows.forEach((texts, row) => {
            for (const { ids, finished } of texts) {
              if (!finished) continue;
              complete++;
              const sentence = Array.from({ length: words[row]! }, (_, i) => `w${i}`);
              const text = textOf(ids.subarray(0, -1));
              expect(delinearizeTree(text, sentence).malformed).toBe(false);
            }
          });
      }),
    );
    expect(complete).toBeGreaterThan(100);
  });

  test("changes nothing of what a tree may go on with", () => {
    const decoder = onlyTrees(decoderOf([1, 2, 3, 4, 5, 6, 7]), {
      tokens: TOKENS,
      end: END,
      words: [1],
    });
    const seen = [END, 1, 3, 5, 4, 2].map((id) => {
      const scores = new Float32Array(TOKENS.length);
      decoder.step(Int32Array.of(id), scores);
      return textOf([...scores.keys()].filter((at) => scores[at]! > -Infinity));
    });
    expect(seen).toEqual([
      ["(S", "(NP"],
      ["<unk>", "(S", "(NP", "XX"],
      ["<unk>", "(S", "(NP", "XX"],
      [")NP"],
      [")S"],
      ["</s>"],
    ]);
  });

  test("says what it was not given", () => {
    const decoder = decoderOf([1], 2);
    const options = { tokens: TOKENS, end: END, words: [1, 2] };
    expect(() => onlyTrees(decoder, { ...options, tokens: ["XX"] })).toThrow(ShapeError);
    expect(() => onlyTrees(decoder, { ...options, words: [1] })).toThrow(
      "onlyTrees: expected counts of words for 2 rows, got 1",
    );
    expect(() => onlyTrees(decoder, { ...options, end: 7 })).toThrow(IndexError);
  });
});

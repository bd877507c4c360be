import { describe, expect, it } from "vitest";
import { IndexError, OptionError } from "../../src/core/errors.js";
import { padCharacters } from "../../src/data/characters.js";
import { oneHotTokens, tokenCounts } from "../../src/text/counts.js";
import { fnv1a, hashedCounts, letterNgrams, wordNgrams } from "../../src/text/ngrams.js";
import { Vocabulary } from "../../src/text/vocabulary.js";

describe("letterNgrams", () => {
  it("cuts marked words, by code points", () => {
    expect(letterNgrams("good")).toEqual(["#go", "goo", "ood", "od#"]);
    expect(letterNgrams("a")).toEqual(["#a#"]);
    expect(letterNgrams("")).toEqual(["##"]);
    expect(letterNgrams("\u{1f600}b", { n: 2, mark: "$" })).toEqual([
      "$\u{1f600}",
      "\u{1f600}b",
      "b$",
    ]);
    expect(letterNgrams("ab", { n: 2, mark: "" })).toEqual(["ab"]);
    expect(() => letterNgrams("ab", { n: 0 })).toThrow(OptionError);
  });
});

describe("wordNgrams", () => {
  it("has single words first, then pairs, and so on", () => {
    expect(wordNgrams(["not", "so", "good"])).toEqual(["not", "so", "good", "not so", "so good"]);
    expect(wordNgrams(["a", "b"], 3)).toEqual(["a", "b", "a b"]);
    expect(wordNgrams([], 2)).toEqual([]);
  });
});

describe("fnv1a", () => {
  it.each([
    // From the authors' own test suite, and "é" as its two bytes.
    ["", 0x811c9dc5],
    ["a", 0xe40c292c],
    ["b", 0xe70c2de5],
    ["foobar", 0xbf9cf968],
    ["chongo was here!\n", 0xd49930d5],
    ["é", 0x1e9de8c1],
  ])("of %j is %i", (text, hash) => {
    expect(fnv1a(text)).toBe(hash);
  });
});

describe("vectors of tokens", () => {
  const vocabulary = new Vocabulary(["?", "a", "b"], { unknown: "?" });

  it("count features by their bucket", () => {
    const counts = hashedCounts(["a", "foobar", "a"], 1000);
    expect([counts.length, counts[0xe40c292c % 1000], counts[0xbf9cf968 % 1000]]).toEqual([
      1000, 2, 1,
    ]);
    expect(counts.reduce((sum, count) => sum + count)).toBe(3);
  });

  it("have a place for all others", () => {
    expect([...oneHotTokens(["b", "zzz"], vocabulary)]).toEqual([0, 0, 1, 1, 0, 0]);
    expect([...tokenCounts(["b", "zzz", "b", "c"], vocabulary)]).toEqual([2, 0, 2]);
    expect(() => tokenCounts(["b"], new Vocabulary(["a"]))).toThrow(IndexError);
  });
});

describe("padCharacters", () => {
  const vocabulary = Vocabulary.build("abc", { padding: "<pad>", unknown: "?" });

  it("gives a row of ids for each word", () => {
    expect(padCharacters(["ab", "", "c\u{1f600}a"], vocabulary)).toEqual({
      ids: Int32Array.of(2, 3, 0, 0, 0, 0, 4, 1, 2),
      lengths: Int32Array.of(2, 0, 3),
      shape: [3, 3],
    });
  });

  it("reads the beginning of long words, where it is told to", () => {
    const { ids, lengths } = padCharacters(["abcabc", "a"], vocabulary, {
      maxCharacters: 2,
      padding: 9,
    });
    expect([ids, lengths]).toEqual([Int32Array.of(2, 3, 2, 9), Int32Array.of(2, 1)]);
    expect(() => padCharacters([], vocabulary, { maxCharacters: 0 })).toThrow(OptionError);
  });
});

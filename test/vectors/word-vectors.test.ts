// Neighbours and scores, as gensim 4.2 finds them in the same vectors.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FormatError, OptionError, ShapeError } from "../../src/core/errors.js";
import { WordVectors } from "../../src/vectors/index.js";
import { searchTogether, inverseLengths } from "../../src/vectors/search.js";
import { noise } from "../kernels/harness.js";

const file = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const gensim = JSON.parse(file("gensim.json").toString()) as {
  similar: [string, number][];
  rank: number;
  odd: string;
  similarity: number;
  questions: string;
  judged: string;
  analogies: Record<string, [string, number, number][]>;
  pairs: Record<string, [number, number, number]>;
};
const vectors = await WordVectors.read(new Uint8Array(file("gensim.bin")));

describe("as gensim:", () => {
  it("neighbours", () => {
    const found = vectors.mostSimilar(
      { positive: ["cat", "the"], negative: ["dog"] },
      { count: 4 },
    );
    expect(found.map(({ word }) => word)).toEqual(gensim.similar.map(([word]) => word));
    found.forEach(({ similarity }, i) => expect(similarity).toBeCloseTo(gensim.similar[i]![1], 6));
  });

  it("similarity, rank, the odd one out", () => {
    expect(vectors.similarity("cat", "X")).toBeCloseTo(gensim.similarity, 6);
    expect(vectors.rank("cat", "mat")).toBe(gensim.rank);
    expect(vectors.doesntMatch(["cat", "the", "dog", "mat"])).toBe(gensim.odd);
  });

  describe.each(Object.keys(gensim.analogies))("case, unknown words, restriction %s", (key) => {
    const [caseInsensitive, dummy4unknown, restrict] = JSON.parse(key) as [
      boolean,
      boolean,
      number,
    ];
    const options = { caseInsensitive, dummy4unknown, restrict };

    it("analogies", async () => {
      const { sections, correct, total } = await vectors.evaluateAnalogies(
        gensim.questions,
        options,
      );
      const rows = [...sections, { name: "Total accuracy", correct, total }];
      // gensim lists no sections without questions that count.
      const counted = rows
        .filter((row) => row.total > 0)
        .map((row) => [row.name, row.correct, row.total]);
      expect(counted).toEqual(gensim.analogies[key]!.filter(([, , all]) => all > 0));
    });

    it("pairs", async () => {
      const score = await vectors.evaluatePairs(gensim.judged, options);
      const [pearson, spearman, unknown] = gensim.pairs[key]!;
      // Its similarities are float32, all near 1: their differences have five digits.
      expect(score.pearson).toBeCloseTo(pearson, 5);
      expect(score.spearman).toBeCloseTo(spearman, 9);
      // Of dummies gensim counts the share among all pairs too.
      expect(100 * (1 - score.coverage)).toBeCloseTo(unknown, 9);
    });
  });
});

it("answers some analogies right and some wrong", () => {
  const all = gensim.analogies["[true, false, 300000]"]!.at(-1)!;
  expect(all[1]).toBeGreaterThan(0);
  expect(all[2]).toBeGreaterThan(all[1]);
});

it("searches many queries by blocks as it does one by one", () => {
  const [count, dimension] = [9000, 7];
  const values = noise(count * dimension, 3);
  const queries = noise(600 * dimension, 4);
  const inverse = inverseLengths(values, dimension);
  const all = new WordVectors(
    Array.from({ length: count }, (_, i) => `w${i}`),
    values,
  );
  const found = searchTogether({ values, dimension, inverse }, count, queries, 3, (query) => [
    query,
  ]);
  for (const query of [0, 1, 300, 511, 512, 599]) {
    const row = queries.subarray(query * dimension, (query + 1) * dimension);
    const one = all.nearest(row, { count: 4 }).filter(({ word }) => word !== `w${query}`);
    expect(found[query]!.indices.map((index) => `w${index}`)).toEqual(
      one.slice(0, 3).map(({ word }) => word),
    );
  }
});

describe("a table of one's own", () => {
  const small = new WordVectors(
    ["a", "b", "zero"],
    [
      [1, 0],
      [1, 1],
      [0, 0],
    ],
  );
  it("keeps order, gives copies", () => {
    expect([small.indexOf("b"), small.indexOf("c"), small.wordAt(0)]).toEqual([1, -1, "a"]);
    small.vector("a").fill(9);
    expect([...small.vector("a")]).toEqual([1, 0]);
  });
  it("has neighbours of any vector; zeros are like nothing", () => {
    expect(small.nearest([0, 2])).toEqual([
      { word: "b", similarity: expect.closeTo(Math.SQRT1_2) as number },
      { word: "a", similarity: 0 },
      { word: "zero", similarity: 0 },
    ]);
    expect(small.mostSimilar("a", { restrict: 2 }).map(({ word }) => word)).toEqual(["b"]);
    expect(small.mostSimilar({ positive: ["a", [0, 1]] }, { count: 1 })[0]!.word).toBe("b");
  });
  it("refuses what it does not have", () => {
    expect(() => small.vector("B")).toThrow(
      'one of the 3 words, got "B". Its lower-case form is one.',
    );
    expect(() => small.nearest([1])).toThrow(ShapeError);
    expect(() => small.mostSimilar({})).toThrow("words or vectors to look for, got none");
    expect(() => small.doesntMatch(["a"])).toThrow(OptionError);
    expect(() => new WordVectors(["a", "a"], [[1], [2]])).toThrow('"a" twice');
    expect(() => new WordVectors(["a", "b"], [[1], [2, 3]])).toThrow(ShapeError);
    expect(() => new WordVectors(["a", "b"], new Float32Array(3))).toThrow("3 numbers");
  });
  it("refuses files that are no evaluations", async () => {
    await expect(small.evaluatePairs("a\tb\n")).rejects.toBeInstanceOf(FormatError);
    await expect(small.evaluateAnalogies("")).rejects.toBeInstanceOf(FormatError);
  });
});

it("holds a hundred thousand words", () => {
  const words = Array.from({ length: 100_000 }, (_, i) => `word${i * 7919}`);
  const many = new WordVectors(words, new Float32Array(100_000).fill(1));
  expect(words.every((word, i) => many.indexOf(word) === i)).toBe(true);
  expect(many.has("word1")).toBe(false);
});

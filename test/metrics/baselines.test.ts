import { describe, expect, it } from "vitest";
import { OptionError, ShapeError } from "../../src/core/errors.js";
import { majorityClass, MostFrequentTags, NaiveBayes } from "../../src/metrics/baselines.js";

describe("majorityClass", () => {
  it("is the most frequent, the first of equals", () => {
    expect(majorityClass(["b", "a", "b", "a", "c"])).toBe("a");
    expect(majorityClass(["b", "a", "b"])).toBe("b");
    expect(() => majorityClass([])).toThrow(OptionError);
  });
});

describe("NaiveBayes", () => {
  // The example of Manning et al., table 13.1: P(China | d5) is about 0.0003, P(not China | d5) 0.0001.
  const examples = [
    ["Chinese Beijing Chinese", "China"],
    ["Chinese Chinese Shanghai", "China"],
    ["Chinese Macao", "China"],
    ["Tokyo Japan Chinese", "Japan"],
  ].map(([text = "", label = ""]) => ({ features: text.split(" "), label }));
  const model = new NaiveBayes(examples);

  it("weighs features and how frequent the classes are", () => {
    expect(model.labels).toEqual(["China", "Japan"]);
    expect(model.predict("Chinese Chinese Chinese Tokyo Japan".split(" "))).toBe("China");
    // 1/4 · (2/9)^2 against 3/4 · (1/14)^2.
    expect(model.predict(["Tokyo", "Japan"])).toBe("Japan");
    // 1/4 · 2/9 = 1/18 against 3/4 · 1/14 = 1/18.7; without the priors it would be further apart.
    expect(model.predict(["Tokyo"])).toBe("Japan");
    expect(model.predict([])).toBe("China");
    expect(model.predict(["Paris", "Rome"])).toBe("China");
  });

  it("follows its smoothing", () => {
    // With a weight of 10 the counts hardly matter, the priors do: 1/4 · 11/63 against 3/4 · 10/68.
    expect(new NaiveBayes(examples, { smoothing: 10 }).predict(["Tokyo"])).toBe("China");
    for (const smoothing of [0, -1, NaN, Infinity])
      expect(() => new NaiveBayes(examples, { smoothing })).toThrow(OptionError);
    expect(() => new NaiveBayes([])).toThrow(/at least one example, got none/);
  });
});

describe("MostFrequentTags", () => {
  it("knows words, and guesses the rest", () => {
    const model = new MostFrequentTags([
      { words: ["Paris", "is", "big"], tags: ["LOC", "O", "O"] },
      { words: ["Paris", "Hilton"], tags: ["PER", "PER"] },
      { words: ["Paris"], tags: ["LOC"] },
    ]);
    expect(model.predict(["Paris", "Hilton", "constructor"])).toEqual(["LOC", "PER", "LOC"]);
    expect(model.otherwise).toBe("LOC");
    expect(() => new MostFrequentTags([{ words: ["a"], tags: [] }])).toThrow(ShapeError);
    expect(() => new MostFrequentTags([])).toThrow(OptionError);
  });
});

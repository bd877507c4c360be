// Ready models whose tokens are subwords.
import { describe, expect, it } from "vitest";
import { manualSeed } from "../../src/core/random.js";
import { LanguageModel, SequenceClassifier, text } from "../../src/models/index.js";
import { SubwordTokenizer } from "../../src/text/index.js";

describe("a language model of subwords", () => {
  const lines = "a lower house, a higher house\nthe lowest of all\n".repeat(12);

  it("learns, writes, and comes back from its file", async () => {
    manualSeed(1);
    const model = LanguageModel.build(lines, {
      ...{ tokens: "subwords", maxSize: 290, hiddenSize: 16, embeddingSize: 16 },
    });
    expect(model.tokenizer).toBeInstanceOf(SubwordTokenizer);
    expect(model.tokenizer.size).toBe(290);
    await model.fit(lines, { epochs: 60, batchSize: 4 });
    const { scores } = await model.evaluate(lines);
    expect(scores.perplexity).toBeLessThan(6);
    const again = LanguageModel.load(model.save());
    const write = (one: LanguageModel) =>
      [...one.generate("a lower 😀", { length: 20, temperature: 0 })].join("");
    expect(write(again)).toBe(write(model));
    expect(again.tokenizer.encode(lines)).toEqual(model.tokenizer.encode(lines));
  });

  it("chooses its sizes by the subwords of the text", () => {
    const model = LanguageModel.build(lines, { tokens: "subwords", hiddenSize: 16 });
    expect(model.options.embeddingSize).toBe(16);
  });
});

describe("a classifier of subwords", () => {
  const examples = [
    { input: "unbelievably good", label: "good" },
    { input: "believable", label: "good" },
    { input: "badly done", label: "bad" },
    { input: "baddest", label: "bad" },
  ];

  it("reads words that it never saw by their parts", () => {
    const input = text({ tokens: "subwords", maxSize: 300, minCount: 2 });
    const model = SequenceClassifier.build(examples, { input, hiddenSize: 8 });
    const again = SequenceClassifier.load(model.save());
    expect(again.predict("unbad")).toEqual(model.predict("unbad"));
  });

  it("refuses a vocabulary that has no room for the bytes, and words counted otherwise", () => {
    const refused = (options: object) => () =>
      SequenceClassifier.build(examples, { input: text(options) });
    expect(refused({ tokens: "subwords", maxSize: 100 })).toThrow(
      "expected maxSize above 257 for tokens subwords, got 100",
    );
    expect(refused({ tokens: "subword" })).toThrow("one of characters, words, subwords");
  });
});

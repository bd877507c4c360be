// Models that begin with word vectors.
import { describe, expect, it } from "vitest";
import { manualSeed, OptionError } from "../../src/index.js";
import {
  LanguageModel,
  Seq2Seq,
  SequenceClassifier,
  SequenceTagger,
  text,
  type BuildSeq2SeqOptions,
} from "../../src/models/index.js";
import { vectorsFound } from "../../src/models/parts/pretrained.js";
import { WordVectors } from "../../src/vectors/index.js";
import { noise } from "../kernels/harness.js";

const WORDS = ["ada", "won", "oslo", "lost", "Never"];
const vectors = new WordVectors(WORDS, noise(WORDS.length * 6, 5));
const rowOf = (weight: { data(): Float32Array }, id: number) => [
  ...weight.data().slice(id * 6, id * 6 + 6),
];

const sentences = [
  { words: ["Ada", "won"], tags: ["B-PER", "O"] },
  { words: ["Oslo", "Xyz"], tags: ["B-LOC", "O"] },
];

describe("a tagger", () => {
  const options = { vectors, hiddenSize: 4, characters: "none", wordDropout: 0 } as const;

  it("has the vectors of words, those of lower case too, and knows all words of the file", () => {
    const tagger = SequenceTagger.build(sentences, { ...options, lowercase: false });
    const { words } = tagger.vocabularies;
    const { weight } = tagger.encoder.embedding;
    expect(weight.shape).toEqual([words.size, 6]);
    for (const word of WORDS)
      expect(rowOf(weight, words.id(word))).toEqual([...vectors.vector(word)]);
    expect(rowOf(weight, words.id("Ada"))).toEqual([...vectors.vector("ada")]);
    expect(words.tokens.filter((word) => vectorsFound(vectors, [word]) === 0).sort()).toEqual([
      "<pad>",
      "<unk>",
      "Xyz",
    ]);
    tagger.dispose();
  });

  it.each([true, false])(
    "keeps them where they are frozen: %s; a loaded one too",
    async (freezeVectors) => {
      manualSeed(1);
      const built = SequenceTagger.build(sentences, { ...options, freezeVectors });
      for (const tagger of [built, SequenceTagger.load(built.save())]) {
        const before = rowOf(tagger.encoder.embedding.weight, tagger.vocabularies.words.id("won"));
        await tagger.fit(sentences, { epochs: 3, learningRate: 0.05 });
        const after = rowOf(tagger.encoder.embedding.weight, tagger.vocabularies.words.id("won"));
        expect(before.every((value, i) => value === after[i])).toBe(freezeVectors);
        tagger.dispose();
      }
    },
  );

  it("refuses another size beside them, and what is no vectors", () => {
    expect(() => SequenceTagger.build(sentences, { ...options, embeddingSize: 7 })).toThrow(
      "embeddingSize 6",
    );
    expect(() => SequenceTagger.build(sentences, { vectors: {} as never })).toThrow(OptionError);
  });
});

describe("a classifier", () => {
  const examples = [
    { input: "Ada won", label: "good" },
    { input: "oslo lost", label: "bad" },
  ];
  it("knows words that no text had", async () => {
    manualSeed(2);
    const input = text({ vectors, freezeVectors: true, split: "whitespace" });
    const model = SequenceClassifier.build(examples, { input, hiddenSize: 4 });
    const layer = model.input as unknown as {
      tokenizer: { vocabulary: { id(word: string): number; size: number } };
      embedding: { weight: { data(): Float32Array } };
    };
    const { vocabulary } = layer.tokenizer;
    expect(rowOf(layer.embedding.weight, vocabulary.id("Never"))).toEqual([
      ...vectors.vector("Never"),
    ]);
    expect(rowOf(layer.embedding.weight, vocabulary.id("Ada"))).toEqual([...vectors.vector("ada")]);
    await model.fit(examples, { epochs: 2 });
    expect(rowOf(layer.embedding.weight, vocabulary.id("won"))).toEqual([...vectors.vector("won")]);
    const again = SequenceClassifier.load(model.save());
    expect(again.predict("Never won")).toEqual(model.predict("Never won"));
    again.dispose();
    model.dispose();
  });
});

describe("a language model", () => {
  const TEXT = "Ada won in oslo . ada lost xyz xyz . ".repeat(20);
  const options = { tokens: "words", vectors, minCount: 1 } as const;

  it("has the vectors of its own words alone", () => {
    for (const architecture of ["lstm", "transformer"] as const) {
      const heads = architecture === "transformer" && { numHeads: 1 };
      const model = LanguageModel.build(TEXT, { ...options, architecture, ...heads });
      const { vocabulary } = model.tokenizer;
      const { weight } = model.embedding;
      expect(weight.shape).toEqual([vocabulary.size, 6]);
      expect(rowOf(weight, vocabulary.id("won"))).toEqual([...vectors.vector("won")]);
      expect(rowOf(weight, vocabulary.id("Ada"))).toEqual([...vectors.vector("ada")]);
      expect(vocabulary.has("Never")).toBe(false);
      model.dispose();
    }
  });

  it.each([true, false])("keeps them where they are frozen: %s", async (freezeVectors) => {
    const built = LanguageModel.build(TEXT, { ...options, freezeVectors });
    for (const model of [built, LanguageModel.load(built.save())]) {
      const id = model.tokenizer.vocabulary.id("won");
      const before = rowOf(model.embedding.weight, id);
      await model.fit(TEXT, { steps: 3, batchSize: 2, sequenceLength: 8 });
      const after = rowOf(model.embedding.weight, id);
      expect(before.every((value, i) => value === after[i])).toBe(freezeVectors);
      model.dispose();
    }
  });

  it("refuses vectors of characters, other sizes, and frozen ones that write", () => {
    expect(() => LanguageModel.build(TEXT, { vectors })).toThrow('tokens "words"');
    const tied = { ...options, tieWeights: true };
    expect(() => LanguageModel.build(TEXT, { ...tied, hiddenSize: 8 })).toThrow("hiddenSize 6");
    expect(() => LanguageModel.build(TEXT, { ...tied, freezeVectors: true })).toThrow("tieWeights");
    expect(() =>
      LanguageModel.build(TEXT, { ...options, architecture: "transformer", hiddenSize: 8 }),
    ).toThrow("hiddenSize 6");
  });
});

describe("a model of pairs", () => {
  const pairs = ["Ada won", "oslo lost", "xyz won xyz", "ada lost"].map((source) => ({
    source,
    target: source.toUpperCase(),
  }));
  const build = (options: BuildSeq2SeqOptions = {}) =>
    Seq2Seq.build(pairs, { vectors, target: "characters", minCount: 1, hiddenSize: 8, ...options });

  it("begins with the vectors of the source's words, and knows all words of the file", () => {
    const model = build();
    const { vocabulary } = model.source.tokenizer;
    const { weight } = model.encoder.embedding;
    expect(model.options.embeddingSize).toBe(6);
    expect(rowOf(weight, vocabulary.id("won"))).toEqual([...vectors.vector("won")]);
    expect(rowOf(weight, vocabulary.id("Ada"))).toEqual([...vectors.vector("ada")]);
    expect(vocabulary.has("Never")).toBe(true);
    expect(Seq2Seq.load(model.save()).predict("Never won")).toEqual(model.predict("Never won"));
    model.dispose();
  });

  it.each([true, false])("keeps them where they are frozen: %s", async (freezeVectors) => {
    const model = build({ freezeVectors });
    const id = model.source.tokenizer.vocabulary.id("won");
    const before = rowOf(model.encoder.embedding.weight, id);
    await model.fit(pairs, { steps: 3, batchSize: 4 });
    const after = rowOf(model.encoder.embedding.weight, id);
    expect(before.every((value, i) => value === after[i])).toBe(freezeVectors);
    model.dispose();
  });

  it("refuses them beside what has no use for them", () => {
    expect(() => build({ architecture: "transformer" })).toThrow("architecture recurrent");
    expect(() => build({ source: "subwords", minCount: undefined })).toThrow("source words");
    expect(() => build({ tieEmbeddings: "all" })).toThrow("the source's own");
    expect(() => build({ embeddingSize: 7 })).toThrow("embeddingSize 6");
    expect(() =>
      Seq2Seq.build(pairs, {
        freezeVectors: true,
        tieEmbeddings: "all",
        vocabulary: "joint",
        source: "words",
        target: "words",
      }),
    ).toThrow("freezeVectors without tieEmbeddings all");
  });
});

import { beforeAll, describe, expect, it } from "vitest";
import {
  FormatError,
  manualSeed,
  NumericError,
  OptionError,
  scope,
  tensor,
} from "../../src/index.js";
import { convertTags, type TagScheme } from "../../src/metrics/index.js";
import {
  SequenceTagger,
  type SequenceTaggerOptions,
  type TaggedSentence,
} from "../../src/models/index.js";
import { testRandom } from "../helpers/random.js";

type Label = "O" | "B-PER" | "I-PER" | "B-LOC" | "I-LOC";
type Sentence = TaggedSentence<Label, "move" | "talk">;

/** Names that are persons before "flew" and places behind "to"; only the words around tell. */
function sentences(count: number, seed: number): Sentence[] {
  const random = testRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[random.integer(0, list.length - 1)]!;
  const names = ["Jordan", "Paris", "Georgia", "Lima", "Kim", "Florence"];
  const name = (type: "PER" | "LOC") =>
    Array.from(
      { length: random.integer(1, 2) },
      (_, i) => [pick(names), i === 0 ? `B-${type}` : `I-${type}`] as const,
    );
  const plain = (text: string) => text.split(" ").map((word) => [word, "O"] as const);
  return Array.from({ length: count }, () => {
    const intent = pick(["move", "talk"] as const);
    const rows =
      intent === "move"
        ? [...name("PER"), ...plain("flew to"), ...name("LOC"), ...plain(pick(["today", "."]))]
        : [...plain("we met"), ...name("PER"), ...plain("near"), ...name("LOC")];
    return {
      words: rows.map(([word]) => word),
      tags: rows.map(([, tag]) => tag as Label),
      intent,
    };
  });
}

const SMALL: SequenceTaggerOptions = {
  scheme: "IOB2",
  embeddingSize: 12,
  characterSize: 8,
  hiddenSize: 12,
  dropout: 0.2,
};
const FIT = { epochs: 8, batchSize: 10, learningRate: 0.02 };

const training = sentences(200, 1);
const validation = sentences(60, 2);

describe.each<[string, SequenceTaggerOptions]>([
  ["characters by convolution, CRF", SMALL],
  [
    "characters by LSTM, BIOES, shapes",
    { ...SMALL, characters: "lstm", trainingScheme: "BIOES", shapeSize: 4 },
  ],
  [
    "no characters, no CRF, locked dropout",
    { ...SMALL, characters: "none", crf: false, variationalDropout: true, numLayers: 2 },
  ],
  ["Transformer layers, CRF", { ...SMALL, encoder: "transformer", hiddenSize: 16, numLayers: 2 }],
])("a tagger: %s", (_, options) => {
  let tagger: SequenceTagger<Label, "move" | "talk">;
  beforeAll(async () => {
    manualSeed(1);
    tagger = SequenceTagger.build(training, options);
    await tagger.fit(training, { ...FIT, validation });
    return () => tagger.dispose();
  });

  it("learns names and intents from what stands around them", async () => {
    const { scores, details } = await tagger.evaluate(validation);
    const { f1, accuracy, sentenceAccuracy, intent } = scores;
    expect(details.entities!.byType.PER!.f1).toBeGreaterThan(0.95);
    expect(details.unknownWords).toBe(0);
    expect(f1).toBeGreaterThan(0.97);
    expect(accuracy).toBeGreaterThan(0.97);
    expect(sentenceAccuracy).toBeGreaterThan(0.93);
    expect(intent).toBeGreaterThan(0.97);
  });

  it("tags a raw text", () => {
    expect(tagger.predict("we met Georgia near Kim Lima")).toEqual({
      words: ["we", "met", "Georgia", "near", "Kim", "Lima"],
      tags: ["O", "O", "B-PER", "O", "B-LOC", "I-LOC"],
      spans: [
        { type: "PER", start: 2, end: 3 },
        { type: "LOC", start: 4, end: 6 },
      ],
      intent: "talk",
    });
  });

  it("says of a sentence in a batch what it says of it alone", () => {
    const some = validation.slice(0, 20).map(({ words }) => words);
    const texts = [...some, [], "Zoë flew to Ulan Bator ."];
    const all = tagger.predictBatch(texts);
    expect(all).toEqual(texts.map((one) => tagger.predict(one)));
    expect(all[20]).toEqual({ words: [], tags: [], spans: [], intent: undefined });
    scope(() => {
      const [short, long] = [["we", "met", "Kim"], "Kim flew to Lima today .".split(" ")];
      const beside = tagger.forward([short, long]).emissions;
      const alone = tagger.forward([short]).emissions.data();
      expect(beside.data().subarray(0, alone.length)).toEqual(alone);
    });
  });

  it("is the same when it has been saved and loaded", () => {
    const labels = ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"] as const;
    const loaded = SequenceTagger.load(tagger.save(), { labels });
    const words = validation.map((sentence) => sentence.words);
    expect(loaded.options).toEqual(tagger.options);
    expect(loaded.predictBatch(words)).toEqual(tagger.predictBatch(words));
    expect(() => SequenceTagger.load(tagger.save(), { labels: ["O", "B-LOC"] })).toThrow(
      FormatError,
    );
    loaded.dispose();
  });
});

describe("SequenceTagger", () => {
  it("goes on from a checkpoint to the same bits", async () => {
    const start = () => {
      manualSeed(4);
      return SequenceTagger.build(training, { ...SMALL, wordDropout: 5 });
    };
    const options = { ...FIT, epochs: 2, averageEpochs: 1, validation: validation.slice(0, 20) };
    const whole = start();
    const { evaluations } = await whole.fit(training, options);
    const saved: Uint8Array[] = [];
    const killed = start();
    await killed.fit(training, {
      ...options,
      checkpoint: { every: 13, save: (bytes) => void saved.push(bytes) },
    });
    manualSeed(99);
    const resumed = SequenceTagger.build(training, { ...SMALL, wordDropout: 5 });
    const checkpoint = { every: 1000, save: () => {}, resume: saved[1]! };
    const result = await resumed.fit(training, { ...options, checkpoint });
    expect(result.evaluations).toEqual(evaluations);
    expect(resumed.save()).toEqual(whole.save());
    for (const each of [whole, killed, resumed]) each.dispose();
  });

  it("replaces words in training only, rare ones more often", () => {
    const once = sentences(3, 5);
    manualSeed(1);
    const tagger = SequenceTagger.build(once, {
      ...SMALL,
      characters: "none",
      dropout: 0,
      wordDropout: 1e9,
    });
    const emissions = () => scope(() => tagger.forward([["we", "met"]]).emissions.data());
    const plain = emissions();
    const count = tagger.encoder.countWords();
    once.forEach(({ words }) => count(words));
    expect(emissions()).not.toEqual(plain);
    tagger.eval();
    expect(emissions()).toEqual(plain);
    tagger.dispose();
  });

  it("reads tags of one scheme and learns them in another", () => {
    const inIOB1 = training.map(({ words, tags }) => ({ words, tags: convertTags(tags, "IOB1") }));
    const tagger = SequenceTagger.build(inIOB1, {
      ...SMALL,
      scheme: "IOB1",
      trainingScheme: "BIOES",
    });
    expect(tagger.head.weight.shape[0]).toBe(1 + 2 * 4);
    expect(tagger.crf!.numTags).toBe(9);
    const said = tagger.predictBatch(inIOB1.slice(0, 30).map(({ words }) => words));
    for (const { tags } of said) expect(convertTags(tags, "IOB1")).toEqual(tags);
    tagger.dispose();
  });

  it("needs no scheme: then labels stand for themselves", async () => {
    const words = [
      ["a", "dog", "barks"],
      ["the", "cat", "sleeps"],
    ];
    const tagged = words.map((some) => ({ words: some, tags: ["DET", "NOUN", "VERB"] as const }));
    manualSeed(2);
    const tagger = SequenceTagger.build(tagged, { ...SMALL, scheme: "none", dropout: 0 });
    const { best } = await tagger.fit(tagged, {
      epochs: 30,
      learningRate: 0.02,
      validation: tagged,
    });
    expect(best.validation).toEqual({ accuracy: 1, sentenceAccuracy: 1 });
    expect(tagger.predict("the dog sleeps")).toMatchObject({
      tags: ["DET", "NOUN", "VERB"],
      spans: [],
    });
    tagger.dispose();
  });

  it("refuses what does not fit, and says where", async () => {
    const tagger = SequenceTagger.build(training, SMALL);
    const fit = (sentence: object) => tagger.fit([training[0]!, sentence as Sentence]);
    await expect(fit({ words: ["a", "b"], tags: ["O"], intent: "move" })).rejects.toThrow(
      "expected as many tags as words, got 1 for 2 words in sentence 1",
    );
    await expect(fit({ words: [], tags: [] })).rejects.toThrow(OptionError);
    await expect(fit({ words: ["a"], tags: ["O"] })).rejects.toThrow("an intent");
    await expect(fit({ words: ["a"], tags: ["B-ORG"], intent: "move" })).rejects.toThrow(
      'one of the 5 tags that the tagger was built with, got "B-ORG" at position 0 in sentence 1. Build the tagger from',
    );
    await expect(tagger.fit([])).rejects.toThrow("at least one sentence");
    expect(() =>
      SequenceTagger.build(training, { scheme: "none", trainingScheme: "BIOES" }),
    ).toThrow("the option scheme together with trainingScheme");
    expect(() => SequenceTagger.build(training, { hiden: 3 } as object)).toThrow('"hiden"');
    expect(() => SequenceTagger.load(new Uint8Array(4))).toThrow(FormatError);
    tagger.dispose();
  });
});

describe("what a tagger cannot be scored by", () => {
  const tagger = SequenceTagger.build(training, SMALL);

  it("is named before a training, not after it", async () => {
    const odd = [
      validation[0]!,
      { words: ["a"], tags: ["B_PER" as Label], intent: "move" as const },
    ];
    let steps = 0;
    const run = tagger.fit(training, { validation: odd, onStep: () => void steps++ });
    await expect(run).rejects.toThrow("(validation): expected tags such as O, B-PER");
    await expect(run).rejects.toThrow('"B_PER" at position 0 in sentence 1');
    expect(steps).toBe(0);
    await expect(tagger.check(odd)).rejects.toThrow("in sentence 1");
    expect(await tagger.check(validation)).toBe(60);
  });

  it("are neither unknown labels, nor sentences without intents: these score less", async () => {
    const scores = async (sentence: object) =>
      (await tagger.evaluate([sentence as Sentence])).scores;
    expect(await scores({ words: ["Kim"], tags: ["B-ORG"] })).not.toHaveProperty("intent");
    expect(await scores({ words: ["Kim"], tags: ["O"], intent: "sing" })).toMatchObject({
      intent: 0,
      sentenceAccuracy: 0,
    });
  });

  it("NaN weights are named, with a CRF and without", () => {
    for (const crf of [true, false]) {
      const broken = SequenceTagger.build(training, { ...SMALL, crf });
      broken.head.bias!.set(tensor(new Float32Array(broken.head.bias!.size).fill(NaN)));
      expect(() => broken.predict("we met Kim")).toThrow(NumericError);
      expect(() => broken.predict("we met Kim")).toThrow("expected finite emissions");
    }
  });
});

describe("a text for a tagger", () => {
  it("is cut by the rules that its file names", () => {
    const tagger = SequenceTagger.build(training, SMALL);
    const text = "@kim flew to https://x.org/lima 👍🏽";
    expect(tagger.predict(text).words).toEqual(text.split(" "));
    const again = SequenceTagger.load(tagger.save());
    expect(again.wordsOf(text)).toEqual(text.split(" "));
    const old = new SequenceTagger(tagger.vocabularies, { ...tagger.options, wordRules: 1 });
    expect(old.predict(text).words.slice(0, 2)).toEqual(["@", "kim"]);
    expect(SequenceTagger.load(old.save()).wordsOf("@kim")).toEqual(["@", "kim"]);
  });

  it("becomes characters where the tagger learnt those", () => {
    const chinese = [{ words: [..."我在北京"], tags: ["O", "O", "B-LOC", "I-LOC"] }];
    const tagger = SequenceTagger.build(chinese);
    expect(tagger.notes.chosen).toMatchObject({ tokens: "characters" });
    expect(tagger.predict("他在 上海。").words).toEqual([..."他在上海。"]);
    expect(SequenceTagger.build(training).options.tokens).toBe("words");
    expect(SequenceTagger.build(chinese, { tokens: "words" }).wordsOf("我在")).toEqual(["我在"]);
  });
});

describe("the scheme", () => {
  const inScheme = (scheme: TagScheme) =>
    training.map(({ words, tags }) => ({ words, tags: convertTags(tags, scheme) }));

  it.each(["IOB1", "IOB2", "BIOES", "BILOU", "BMEWO"] as const)("is found out: %s", (scheme) => {
    const { scheme: _, ...options } = SMALL;
    const found = SequenceTagger.build(inScheme(scheme), options);
    const given = SequenceTagger.build(inScheme(scheme), { ...options, scheme });
    expect(found.options.scheme).toBe(scheme);
    expect(found.vocabularies).toEqual(given.vocabularies);
    for (const { tags } of found.predictBatch(training.slice(0, 20).map(({ words }) => words)))
      expect(convertTags(tags, scheme)).toEqual(tags);
  });
});

it("refuses heads that cannot share out the size of both directions", () => {
  const options = { ...SMALL, encoder: "transformer", hiddenSize: 8, numHeads: 3 } as const;
  expect(() => SequenceTagger.build(training, options)).toThrow(
    "numHeads that divide twice hiddenSize, 16, got 3",
  );
});

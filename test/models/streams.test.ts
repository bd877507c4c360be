import { describe, expect, test } from "vitest";
import { readConll, readTsv } from "../../src/data/index.js";
import { FormatError, manualSeed, type Module, OptionError } from "../../src/index.js";
import { saveSafetensors } from "../../src/io/index.js";
import {
  Seq2Seq,
  SequenceClassifier,
  SequenceTagger,
  series as seriesInput,
  text,
  type ClassifierFitOptions,
  type Example,
  type Seq2SeqFitOptions,
  type TaggedSentence,
  type TaggerFitOptions,
} from "../../src/models/index.js";
import { testRandom } from "../helpers/random.js";

const random = testRandom(6);
const WORDS = ["good", "bad", "film", "very", "long", "not"];
const EXAMPLES: Example<string, "yes" | "no">[] = Array.from({ length: 50 }, () => {
  const words = Array.from({ length: random.integer(1, 7) }, () => WORDS[random.integer(0, 5)]!);
  return { input: words.join(" "), label: words.includes("not") ? "no" : "yes" };
});
const SENTENCES: TaggedSentence<"O" | "B-X", "a" | "b">[] = EXAMPLES.map(({ input, label }) => {
  const words = input.split(" ");
  const tags = words.map((word) => (word === "film" ? "B-X" : "O"));
  return { words, tags, intent: label === "yes" ? "a" : "b" };
});

/** A stream of a list, as it would come from a file. */
function streamOf<T>(items: readonly T[]) {
  return async function* () {
    for (const item of items) yield await Promise.resolve(item);
  };
}

const bits = (model: Module) => Buffer.from(saveSafetensors(model.stateDict())).toString("base64");
const FIT = {
  epochs: 3,
  batchSize: 4,
  learningRate: 0.01,
  schedule: "cosine",
  warmup: 0.1,
} as const;

const classifier = {
  async held(options: ClassifierFitOptions<string, "yes" | "no"> = FIT) {
    manualSeed(4);
    const model = SequenceClassifier.build(EXAMPLES, {
      hiddenSize: 5,
      input: text({ embeddingSize: 4 }),
    });
    const result = await model.fit(EXAMPLES, { ...options, validation: EXAMPLES });
    return { model, result };
  },
  async streamed(options: ClassifierFitOptions<string, "yes" | "no"> = FIT, seed = 4) {
    const open = streamOf(EXAMPLES);
    manualSeed(seed);
    const model = await SequenceClassifier.build(open, {
      hiddenSize: 5,
      input: text({ embeddingSize: 4 }),
    });
    const result = await model.fit(open, { ...options, validation: open });
    return { model, result };
  },
};

const SMALL = { hiddenSize: 5, embeddingSize: 4, characterSize: 4, scheme: "IOB2" } as const;
const tagger = {
  async held(options: TaggerFitOptions<"O" | "B-X", "a" | "b"> = FIT) {
    manualSeed(4);
    const model = SequenceTagger.build(SENTENCES, SMALL);
    const result = await model.fit(SENTENCES, { ...options, validation: SENTENCES });
    return { model, result };
  },
  async streamed(options: TaggerFitOptions<"O" | "B-X", "a" | "b"> = FIT, seed = 4) {
    const open = streamOf(SENTENCES);
    manualSeed(seed);
    const model = await SequenceTagger.build(open, SMALL);
    const result = await model.fit(open, { ...options, validation: open });
    return { model, result };
  },
};

const PAIRS = EXAMPLES.map(({ input, label }) => ({ source: input, target: label }));
const OF_PAIRS = {
  hiddenSize: 4,
  embeddingSize: 4,
  source: "words",
  target: "characters",
} as const;
const seq2seq = {
  async held(options: Seq2SeqFitOptions = FIT) {
    manualSeed(4);
    const model = Seq2Seq.build(PAIRS, OF_PAIRS);
    const result = await model.fit(PAIRS, { ...options, validation: PAIRS });
    return { model, result };
  },
  async streamed(options: Seq2SeqFitOptions = FIT, seed = 4) {
    const open = streamOf(PAIRS);
    manualSeed(seed);
    const model = await Seq2Seq.build(open, OF_PAIRS);
    const result = await model.fit(open, { ...options, validation: open });
    return { model, result };
  },
};

describe.each([
  ["a classifier", classifier],
  ["a tagger", tagger],
  ["a model of pairs", seq2seq],
])("%s of a stream", (_, { held, streamed }) => {
  test("is that of a list, to the bit, where it fits the buffer", async () => {
    const averaged = { ...FIT, averageEpochs: 2 };
    const [list, stream] = [await held(averaged), await streamed(averaged)];
    expect(bits(stream.model)).toBe(bits(list.model));
    expect(stream.result).toEqual(list.result);
    expect(stream.model.save()).toEqual(list.model.save());
  });

  test("goes on from a checkpoint to the same bits, where it does not fit", async () => {
    const options = { ...FIT, bufferSize: 12, averageShare: 0.2, patienceShare: 0.7 };
    const saved: Uint8Array[] = [];
    const save = (bytes: Uint8Array) => void saved.push(bytes);
    const whole = await streamed({ ...options, checkpoint: { every: 3, save } });
    const wholly = await streamed({ ...options, bufferSize: 50 });
    expect(bits(whole.model)).not.toBe(bits(wholly.model));
    expect(whole.result.steps).toBe(39);
    for (const resume of [saved[0]!, saved[1]!, saved[3]!, saved[5]!, saved.at(-1)!]) {
      const rest = await streamed({ ...options, checkpoint: { save() {}, resume } }, 99);
      expect(bits(rest.model)).toBe(bits(whole.model));
      expect(rest.result).toEqual(whole.result);
    }
  });
});

test("series: labels, features and their spread come from one pass", async () => {
  const series = EXAMPLES.map(({ input, label }) => ({
    input: Array.from(input, (letter) => [letter.charCodeAt(0), 3]),
    label,
  }));
  manualSeed(1);
  const expected = SequenceClassifier.build(series, { hiddenSize: 4, input: seriesInput() });
  manualSeed(1);
  const model = await SequenceClassifier.build(streamOf(series), {
    hiddenSize: 4,
    input: seriesInput(),
  });
  expect(model.save()).toEqual(expected.save());
});

describe("scores of a stream", () => {
  // More than are looked at together.
  const many = <T>(items: readonly T[]) => Array.from({ length: 30 }, () => items).flat();

  test("are those of a list", async () => {
    const { model } = await tagger.held();
    const evaluation = await model.evaluate(many(SENTENCES));
    expect(await model.evaluate(streamOf(many(SENTENCES)))).toEqual(evaluation);
    expect(evaluation.scores.accuracy).toBeLessThan(1);
    const other = (await classifier.held()).model;
    const list = await other.evaluate(many(EXAMPLES));
    expect(await other.evaluate(streamOf(many(EXAMPLES)))).toEqual(list);
    expect(list.scores.accuracy).toBeLessThan(1);
  });
});

describe("what is wrong with a stream", () => {
  const nothing = streamOf<never>([]);
  const build = () => SequenceClassifier.build(EXAMPLES, { hiddenSize: 3 });
  const tag = () => SequenceTagger.build(SENTENCES, SMALL);

  test("is said where it has nothing", async () => {
    const refused = async (run: Promise<unknown>, message: string) => {
      await expect(run).rejects.toThrow(OptionError);
      await expect(run).rejects.toThrow(message);
    };
    const none = "SequenceClassifier.build: expected at least one example, got none";
    await refused(SequenceClassifier.build(nothing), none);
    expect(() => SequenceClassifier.build([])).toThrow(none);
    expect(() => SequenceTagger.build([])).toThrow("SequenceTagger.build: expected at least one");
    const unlabelled = { input: "b", label: undefined as unknown as string };
    expect(() => SequenceClassifier.build([{ input: "a", label: "x" }, unlabelled])).toThrow(
      "a label that is a text, not an empty one, got undefined in example 1",
    );
    await refused(build().fit(nothing), "SequenceClassifier.fit: expected at least one example");
    await refused(tag().fit(nothing), "SequenceTagger.fit: expected at least one sentence");
    const valid = { validation: nothing };
    await refused(tag().fit(SENTENCES, valid), "(validation): expected at least one sentence");
    await refused(build().fit(EXAMPLES, valid), "(validation): expected at least one example");
    await refused(build().evaluate(nothing), "SequenceClassifier.evaluate: expected at least one");
    await refused(tag().evaluate(nothing), "SequenceTagger.evaluate: expected at least one");
  });

  test("is said where it can be gone through only once, or has changed", async () => {
    const once = streamOf(EXAMPLES)();
    await expect(build().fit(() => once)).rejects.toThrow(
      "50 examples, as in the first pass, got 0",
    );
    let opened = 0;
    const growing = () => streamOf([...EXAMPLES, ...EXAMPLES].slice(0, 50 + opened++))();
    const run = build().fit(growing, { epochs: 1 });
    await expect(run).rejects.toThrow("50 examples, as in the first pass, got 51");
  });

  test("is said with its place before the first step", async () => {
    let steps = 0;
    const onStep = () => void steps++;
    const wrong = [...EXAMPLES, { input: "film", label: "maybe" as "yes" }];
    const run = build().fit(streamOf(wrong), { onStep });
    await expect(run).rejects.toThrow('got "maybe" in example 50');
    const odd = { words: ["film"], tags: [] };
    const tags = tag().fit(streamOf([...SENTENCES, odd]), { onStep });
    await expect(tags).rejects.toThrow("0 for 1 words in sentence 50");
    await expect(tag().evaluate(streamOf([...SENTENCES, odd]))).rejects.toThrow("in sentence 50");
    expect(steps).toBe(0);
  });

  test("keeps its file and line", async () => {
    const table = "label\tinput\nyes\ta film\nno\n";
    const open = () => readTsv<"label" | "input">(table, { name: "films.tsv" });
    const run = build().fit(open as never);
    await expect(run).rejects.toThrow(FormatError);
    await expect(run).rejects.toThrow("(films.tsv, line 3)");
    await expect(SequenceClassifier.build(open as never)).rejects.toThrow("films.tsv, line 3");
    const columns = "O we\nO saw\n\nO it X\n";
    const read = () => readConll(columns, { columns: { tags: 0, words: 1 }, name: "some.conll" });
    const plain = SequenceTagger.build([{ words: ["we"], tags: ["O"] }], {
      hiddenSize: 3,
    });
    const tags = plain.fit(read as never);
    await expect(tags).rejects.toThrow("some.conll, line 4, column 7");
  });

  test("is a buffer that nothing would read", async () => {
    await expect(build().fit(EXAMPLES, { bufferSize: 10 })).rejects.toThrow(
      "bufferSize only for examples that stream",
    );
    await expect(tag().fit(streamOf(SENTENCES), { bufferSize: 0 })).rejects.toThrow("bufferSize");
  });
});

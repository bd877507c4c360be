// One training of a model at a time, from its beginning or from where it was cut off; it leaves nothing behind.
import { describe, expect, test } from "vitest";
import {
  FormatError,
  manualSeed,
  memoryUsage,
  NumericError,
  OptionError,
} from "../../src/index.js";
import {
  LanguageModel,
  MultiLabelClassifier,
  Seq2Seq,
  SequenceClassifier,
  SequenceTagger,
  SpeechRecognizer,
  type ClassifierFitOptions,
} from "../../src/models/index.js";

const EXAMPLES = ["good film", "bad film", "good song", "bad song", "a good one", "a bad one"].map(
  (input) => ({ input, label: input.includes("good") ? "good" : "bad" }) as const,
);
const SENTENCES = [
  { words: ["Ada", "flew"], tags: ["B-PER", "O"] },
  { words: ["in", "Rome"], tags: ["O", "B-LOC"] },
] as const;
const PAIRS = ["ab", "ba", "aab", "b"].map((source) => ({ source, target: `${source}!` }));
const TEXT = "the cat sat on the mat. ".repeat(20);
const SIZES = { embeddingSize: 6, hiddenSize: 6 };

function classifier(seed = 1) {
  manualSeed(seed);
  return SequenceClassifier.build(EXAMPLES, { hiddenSize: 6 });
}

/** Every kind of model, with a short training of it. */
const MODELS = {
  LanguageModel() {
    const model = LanguageModel.build(TEXT, SIZES);
    return { model, fit: () => model.fit(TEXT, { steps: 4, validation: TEXT }) };
  },
  SequenceTagger() {
    const model = SequenceTagger.build(SENTENCES, { ...SIZES, characterSize: 4 });
    return { model, fit: () => model.fit(SENTENCES, { epochs: 2, validation: SENTENCES }) };
  },
  SequenceClassifier() {
    const model = classifier();
    return { model, fit: () => model.fit(EXAMPLES, { epochs: 2, validation: EXAMPLES }) };
  },
  MultiLabelClassifier() {
    const examples = EXAMPLES.map(({ input, label }) => ({ input, labels: [label] }));
    const model = MultiLabelClassifier.build(examples, { hiddenSize: 6 });
    return { model, fit: () => model.fit(examples, { epochs: 2, validation: examples }) };
  },
  Seq2Seq() {
    const model = Seq2Seq.build(PAIRS, SIZES);
    return { model, fit: () => model.fit(PAIRS, { epochs: 2, validation: PAIRS }) };
  },
  SpeechRecognizer() {
    const examples = ["a", "b"].map((text, i) => ({
      samples: Float32Array.from({ length: 1600 }, (_, t) => Math.sin(t / (3 + i))),
      sampleRate: 8000,
      text,
    }));
    const sizes = { hiddenSize: 6, channels: 2, numLayers: 1, nMels: 8, frequencyMaskWidth: 1 };
    const model = SpeechRecognizer.build(examples, sizes);
    return { model, fit: () => model.fit(examples, { epochs: 2, validation: examples }) };
  },
};

describe.each(Object.entries(MODELS))("%s", (_, make) => {
  test("fault 24: five fits leave the heap as one does, no optimizer and no gradients", async () => {
    const { model, fit } = make();
    await fit();
    const before = memoryUsage();
    for (let i = 0; i < 5; i++) await fit();
    expect(model.parameters().every(({ grad }) => grad === undefined)).toBe(true);
    // Garbage of other tests may go meanwhile.
    expect(memoryUsage().heapBytes).toBeLessThanOrEqual(before.heapBytes);
    expect(memoryUsage().tensors).toBeLessThanOrEqual(before.tensors);
  });

  test("a second fit at once is refused, and the first goes on", async () => {
    const { fit } = make();
    const first = fit();
    const second = fit();
    await expect(second).rejects.toThrow(OptionError);
    await expect(second).rejects.toThrow("one training of a model at a time");
    expect((await first).evaluations.length).toBeGreaterThan(0);
    await fit();
  });

  test("what is no data is refused by name, not by a TypeError", async () => {
    const { model } = make();
    for (const nothing of [undefined, null, 5])
      for (const run of ["fit", "evaluate"] as const)
        await expect(
          (model as { [name in typeof run]: (data: unknown) => Promise<unknown> })[run](nothing),
        ).rejects.toThrow(OptionError);
  });
});

test.each(["SequenceTagger", "SequenceClassifier", "MultiLabelClassifier", "Seq2Seq"] as const)(
  "%s: predictBatch of a text is refused, not read letter by letter",
  (name) => {
    const { model } = MODELS[name]() as { model: SequenceClassifier };
    expect(() => model.predictBatch("a good film" as never)).toThrow("a list of inputs");
  },
);

test("fault 18: a training that diverges ends with the step, the learning rate and the cure", async () => {
  const run = classifier().fit(EXAMPLES, { learningRate: 1e38, epochs: 20, validation: EXAMPLES });
  await expect(run).rejects.toThrow(NumericError);
  await expect(run).rejects.toThrow(
    /^SequenceClassifier.fit: .* step \d+ .*learning rate 1e\+38\. The training diverged: a smaller learningRate/,
  );
});

describe("a resumed run is the run that was cut off", () => {
  const options: ClassifierFitOptions<string, "good" | "bad"> = {
    epochs: 4,
    batchSize: 2,
    learningRate: 0.02,
    validation: EXAMPLES,
  };
  /** A checkpoint of the second epoch's end. */
  const cut = async (): Promise<Uint8Array> => {
    const saved: Uint8Array[] = [];
    const save = (bytes: Uint8Array) => void saved.push(bytes);
    await classifier().fit(EXAMPLES, { ...options, checkpoint: { save } });
    return saved[1]!;
  };
  const goOn = async (change: object, examples: readonly (typeof EXAMPLES)[number][] = EXAMPLES) =>
    classifier(9).fit(examples, {
      ...options,
      ...change,
      checkpoint: { save() {}, resume: await cut() },
    });

  test.each<[string, object]>([
    ["learningRate 0.02, as the checkpoint's run has it, got 0.01", { learningRate: 0.01 }],
    ['metric none, as the checkpoint\'s run has it, got "macroF1"', { metric: "macroF1" }],
    ["the validation data that the checkpoint's run has", { validation: EXAMPLES.slice(1) }],
  ])("and takes no other settings or validation: %s", async (message, change) => {
    await expect(goOn(change)).rejects.toThrow(OptionError);
    await expect(goOn(change)).rejects.toThrow(message);
  });

  test("nor other examples, be they as many and as long", async () => {
    const others = EXAMPLES.map((one, i) => (i === 0 ? { ...one, label: "bad" as const } : one));
    await expect(goOn({}, others)).rejects.toThrow("the training data that the checkpoint's run");
    expect((await goOn({})).steps).toBe(12);
  });

  test("nor a finished model as its checkpoint", async () => {
    const run = classifier().fit(EXAMPLES, {
      checkpoint: { save() {}, resume: classifier().save() },
    });
    await expect(run).rejects.toThrow(FormatError);
    await expect(run).rejects.toThrow("got a finished model: what save() gives. To train");
  });

  test("and says before its first step where it is", async () => {
    const done: number[] = [];
    await goOn({ onBegin: (plan: { done: number }) => done.push(plan.done) });
    await classifier().fit(EXAMPLES, { ...options, onBegin: (plan) => done.push(plan.done) });
    expect(done).toEqual([6, 0]);
  });
});

test("labels that a program counts on and a model lacks are named, both ways", () => {
  const bytes = classifier().save();
  expect(() => SequenceClassifier.load(bytes, { labels: ["good", "fine"] })).toThrow(
    "SequenceClassifier.load: expected a model of the labels good, fine, got none of fine, and bad too.",
  );
});

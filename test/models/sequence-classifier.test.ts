import { describe, expect, test } from "vitest";
import {
  FormatError,
  getRngState,
  IndexError,
  manualSeed,
  NumericError,
  OptionError,
  rand,
  scope,
  tensor,
} from "../../src/index.js";
import { readSafetensors, saveSafetensors } from "../../src/io/index.js";
import {
  readModelInfo,
  SequenceClassifier,
  series as seriesInput,
  SeriesInput,
  text,
  TextInput,
  type EncoderOptions,
  type Example,
  type Series,
} from "../../src/models/index.js";
import { CharTokenizer } from "../../src/text/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { testRandom } from "../helpers/random.js";

type Mood = "good" | "bad";

const TEXTS: readonly Example<string, Mood>[] = [
  { input: "a good film", label: "good" },
  { input: "not a good film at all", label: "bad" },
  { input: "a bad film", label: "bad" },
  { input: "not bad", label: "good" },
  { input: "good good good", label: "good" },
  { input: "bad , bad and very long", label: "bad" },
];

/** Rising or falling, from 2 to 6 steps of two features on scales of their own. */
const random = testRandom(4);
const SERIES: readonly Example<Series, "up" | "down">[] = Array.from({ length: 24 }, (_, i) => {
  const up = i % 2 === 0;
  const steps = Array.from({ length: 2 + (i % 5) }, (_, t) => [
    1000 + (up ? 1 + t : -1 - t) + 0.1 * random.uniform(0, 1),
    0.01 * random.uniform(0, 1),
  ]);
  return { input: steps, label: up ? "up" : "down" };
});

const ENCODERS: [string, EncoderOptions][] = [
  ["mean", { encoder: "mean", hiddenSize: 6 }],
  ["mean alone", { encoder: "mean", hiddenSize: 0 }],
  ["LSTM, max", { hiddenSize: 5 }],
  ["GRU, mean, two layers", { cell: "gru", hiddenSize: 4, numLayers: 2, pooling: "mean" }],
  ["RNN, last", { cell: "rnn", hiddenSize: 5, pooling: "last" }],
  ["LSTM, last, forwards", { hiddenSize: 5, pooling: "last", bidirectional: false }],
  ["LSTM, attention", { hiddenSize: 5, pooling: "attention" }],
  ["CNN", { encoder: "convolutional", filters: 4, kernelSizes: [2, 3] }],
  ["Transformer", { encoder: "transformer", hiddenSize: 8, numHeads: 2 }],
  [
    "Transformer, attention",
    { encoder: "transformer", hiddenSize: 8, numHeads: 2, numLayers: 1, pooling: "attention" },
  ],
  ["LSTM-FCN", { encoder: "lstm-fcn", hiddenSize: 4, channels: [6, 8], kernelSizes: [4, 3] }],
];

function texts(options: EncoderOptions = {}, seed = 1): SequenceClassifier<Mood> {
  manualSeed(seed);
  const input = text({ embeddingSize: 7 });
  return SequenceClassifier.build(TEXTS, { input, inputDropout: 0.1, ...options });
}

function series(options: EncoderOptions = {}, seed = 1): SequenceClassifier<"up" | "down", Series> {
  manualSeed(seed);
  return SequenceClassifier.build(SERIES, { input: seriesInput(), ...options });
}

test("an LSTM-FCN learns from batches whatever the lengths, so that its batch normalization keeps what it learns by", async () => {
  // Long series are high: in batches by length, each batch would be of one height, without any variance.
  const examples = Array.from({ length: 64 }, (_, i) => {
    const long = i % 2 === 1;
    return { input: Array.from({ length: long ? 6 : 3 }, () => [long ? 1 : 0]), label: `${long}` };
  });
  const encoder = { encoder: "lstm-fcn", hiddenSize: 2, channels: [3], kernelSizes: [1] } as const;
  manualSeed(1);
  const model = SequenceClassifier.build(examples, { input: seriesInput(), ...encoder });
  await model.fit(examples, { epochs: 16, batchSize: 16, learningRate: 1e-9 });
  const state = model.stateDict();
  const weight = state.get("encoder.blocks.0.convolution.weight")!.data();
  // The input has the variance 1.
  state
    .get("encoder.blocks.0.norm.running_var")!
    .data()
    .forEach((kept, channel) => expect(kept / weight[channel]! ** 2).toBeGreaterThan(0.8));
});

test("an LSTM-FCN learns of batches of one step, which have no variance", async () => {
  manualSeed(1);
  const examples = [1, 2, 3].map((step) => ({
    input: Float32Array.of(step),
    label: step > 1 ? "up" : "down",
  }));
  const input = seriesInput({ features: 1 });
  const encoder = { encoder: "lstm-fcn", hiddenSize: 4, channels: [4], kernelSizes: [3] } as const;
  const model = SequenceClassifier.build(examples, { input, ...encoder });
  // The last batch of an epoch is one series.
  await model.fit(examples, { epochs: 30, batchSize: 2, learningRate: 0.05 });
  expect(model.predict(Float32Array.of(3)).label).toBe("up");
  expect(model.predict(Float32Array.of(1)).label).toBe("down");
});

describe.each(ENCODERS)("%s", (_, options) => {
  test("what a text is batched with does not matter", () => {
    const model = texts(options);
    const inputs = [...TEXTS.map(({ input }) => input), "", "words never seen"];
    const together = model.predictBatch(inputs);
    inputs.forEach((input, i) => {
      const alone = model.predict(input);
      expect(alone.label).toBe(together[i]!.label);
      expectClose(
        Object.values(alone.probabilities),
        Object.values(together[i]!.probabilities),
        1e-5,
      );
    });
    expect(new Set(together.map(({ probability }) => probability)).size).toBeGreaterThan(6);
  });

  test("learns a small task, and comes back from its file", async () => {
    const model = series(options);
    const { best, evaluations } = await model.fit(SERIES, {
      validation: SERIES,
      epochs: 30,
      batchSize: 8,
      learningRate: 0.02,
    });
    expect(best.validation!.accuracy).toBe(1);
    expect(evaluations[0]!.validation!.loss).toBeGreaterThan(best.validation!.loss);
    const bytes = model.save();
    const loaded = SequenceClassifier.load(bytes);
    expect(loaded.options).toEqual(model.options);
    const inputs = SERIES.map(({ input }) => input);
    expect(loaded.predictBatch(inputs)).toEqual(model.predictBatch(inputs));
    expect(loaded.save()).toEqual(bytes);
  });
});

test("a prediction is the softmax of the logits, in the order of the inputs", () => {
  const model = texts({ dropout: 0.5 });
  const [first, second] = model.predictBatch([TEXTS[1]!.input, "good"]);
  model.eval();
  const encoded = [TEXTS[1]!.input, "good"].map((text) => model.input.encode("test", text));
  const logits = scope(() => model.forward(encoded).data());
  const ratio = (i: number) => Math.exp(logits[2 * i]! - logits[2 * i + 1]!);
  [first!, second!].forEach(({ label, probability, probabilities }, i) => {
    expect(Object.keys(probabilities)).toEqual(["bad", "good"]);
    expectClose([probabilities.bad / probabilities.good], [ratio(i)], 1e-5);
    expect(label).toBe(ratio(i) > 1 ? "bad" : "good");
    expect(probability).toBe(probabilities[label]);
  });
});

test("evaluation counts labels and their log-probabilities, without dropout", async () => {
  const model = texts({ dropout: 0.5 }).train();
  const state = getRngState();
  const { scores, details } = await model.evaluate(TEXTS);
  const { accuracy, macroF1, loss } = scores;
  const { confusion } = details;
  const predicted = model.predictBatch(TEXTS.map(({ input }) => input));
  expect(getRngState()).toEqual(state);
  expect(model.training && model.dropout.training).toBe(true);
  const right = predicted.filter(({ label }, i) => label === TEXTS[i]!.label);
  expect(accuracy).toBe(right.length / 6);
  expect(confusion.accuracy).toBe(accuracy);
  expect(confusion.labels).toEqual(["bad", "good"]);
  expect(macroF1).toBe(confusion.macroF1);
  const logs = predicted.map(({ probabilities }, i) => Math.log(probabilities[TEXTS[i]!.label]));
  expectClose([loss], [-logs.reduce((sum, log) => sum + log, 0) / 6], 1e-5);
});

test("inputs that cannot be told from their mean need an encoder that knows order", async () => {
  const data: Example<Series, "ab" | "ba">[] = [
    { input: [[1], [2]], label: "ab" },
    { input: [[2], [1]], label: "ba" },
  ];
  const accuracyOf = async (options: EncoderOptions) => {
    manualSeed(1);
    const model = SequenceClassifier.build(data, { input: seriesInput(), ...options, dropout: 0 });
    await model.fit(data, { epochs: 60, learningRate: 0.05 });
    return (await model.evaluate(data)).scores.accuracy;
  };
  expect(await accuracyOf({ encoder: "mean" })).toBe(0.5);
  expect(await accuracyOf({ encoder: "recurrent", hiddenSize: 4, pooling: "last" })).toBe(1);
});

describe("texts", () => {
  test("words are those of the examples, counted and folded as asked for", () => {
    const model = SequenceClassifier.build(TEXTS, {
      input: text({ minCount: 2, lowercase: true }),
    });
    const input = model.input as TextInput;
    expect(new Set(input.tokenizer.vocabulary.tokens)).toEqual(
      new Set(["<unk>", "<eos>", "a", "film", "good", "bad", "not"]),
    );
    expect(model.input.encode("test", "GOOD film")).toEqual(input.tokenizer.encode("good film"));
  });

  test("take any tokenizer", () => {
    const tokenizer = CharTokenizer.build("abcdefghijklmnopqrstuvwxyz ,");
    const model = SequenceClassifier.build(TEXTS, { input: text({ tokenizer }) });
    const loaded = SequenceClassifier.load(model.save());
    expect((loaded.input as TextInput).tokenizer).toEqual(tokenizer);
    expect(loaded.predict("film")).toEqual(model.predict("film"));
    const both = { tokenizer, minCount: 2 };
    expect(() => SequenceClassifier.build(TEXTS, { input: text(both) })).toThrow(
      "no minCount beside a tokenizer",
    );
  });

  test("word dropout reads the unknown token, in training only", () => {
    manualSeed(2);
    const model = SequenceClassifier.build(TEXTS, {
      input: text({ wordDropout: 0.5, embeddingSize: 3 }),
    });
    const input = model.input as TextInput;
    const ids = input.encode("test", "good ".repeat(400));
    const unknown = [...input.embedding.weight.data().subarray(0, 3)];
    const share = (training: boolean) =>
      scope(() => {
        const values = input.train(training).forward([ids]).x.data();
        let count = 0;
        for (let t = 0; t < 400; t++) if (values[3 * t] === unknown[0]) count++;
        return count / 400;
      });
    expect(share(false)).toBe(0);
    expect(Math.abs(share(true) - 0.5)).toBeLessThan(0.1);
    const known = CharTokenizer.build("abc");
    expect(() => new TextInput(known, { wordDropout: 0.1 })).toThrow("unknown token");
  });
});

describe("series", () => {
  test("are scaled by the spread of the examples", () => {
    const model = series();
    const encoded = SERIES.map(({ input }) => model.input.encode("test", input));
    const values = scope(() =>
      encoded.flatMap((each) => [...model.input.forward([each]).x.data()]),
    );
    for (const feature of [0, 1]) {
      const column = values.filter((_, i) => i % 2 === feature);
      const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
      const square = column.reduce((sum, value) => sum + value * value, 0) / column.length;
      expect(Math.abs(mean)).toBeLessThan(1e-3);
      expect(square).toBeCloseTo(1, 2);
    }
    expect(scope(() => new SeriesInput(2).forward([encoded[0]!]).x.data())).toEqual(encoded[0]);
  });

  test("are the same as lists of steps and as one array", () => {
    const model = series();
    const steps = [[1001, 0.5], Float32Array.of(1002, 0.25), [1003, 0]];
    expect(model.predict(Float32Array.of(1001, 0.5, 1002, 0.25, 1003, 0))).toEqual(
      model.predict(steps),
    );
  });

  test("augmented inputs are what is trained on; runs repeat", async () => {
    const run = async () => {
      const model = series({ hiddenSize: 4 });
      const lengths: number[] = [];
      await model.fit(SERIES, {
        epochs: 1,
        augment: (input) => {
          const noise = scope(() => rand([1]).item());
          const noisy = (input as number[][]).map(([a, b]) => [a! + noise, b!]);
          lengths.push(noisy.length);
          return noisy;
        },
      });
      expect(lengths).toHaveLength(SERIES.length);
      return model.save();
    };
    const plain = series({ hiddenSize: 4 });
    await plain.fit(SERIES, { epochs: 1 });
    expect(await run()).toEqual(await run());
    expect(await run()).not.toEqual(plain.save());
  });
});

test("a killed run goes on to the same bits, dropout of every kind included", async () => {
  const build = () => {
    manualSeed(7);
    return SequenceClassifier.build(TEXTS, {
      input: text({ embeddingSize: 6, wordDropout: 0.2 }),
      inputDropout: 0.2,
      hiddenSize: 5,
      numLayers: 2,
      dropout: 0.4,
      variationalDropout: true,
      recurrentDropout: 0.1,
    });
  };
  const options = { validation: TEXTS, epochs: 4, batchSize: 2, averageEpochs: 1 };
  const whole = build();
  const saved: Uint8Array[] = [];
  const expected = await whole.fit(TEXTS, {
    ...options,
    checkpoint: { every: 5, save: (bytes) => void saved.push(bytes) },
  });
  const resumed = build();
  manualSeed(99);
  const result = await resumed.fit(TEXTS, {
    ...options,
    checkpoint: { save: () => {}, resume: saved[0] },
  });
  expect(result).toEqual(expected);
  expect(resumed.save()).toEqual(whole.save());
});

describe("refused, with what to do", () => {
  test.each<[string, () => unknown]>([
    ["at least two labels, got good", () => SequenceClassifier.build([TEXTS[0]!])],
    ["at least one example, got none", () => SequenceClassifier.build([])],
    [
      'encoder to be one of recurrent, mean, convolutional, transformer, lstm-fcn, got "lstm"',
      () => texts({ encoder: "lstm" as never }),
    ],
    [
      "as many kernelSizes as channels",
      () => texts({ encoder: "lstm-fcn", channels: [4], kernelSizes: [2, 3] }),
    ],
    ["cell to be one of", () => texts({ cell: "LSTM" as never })],
    ["pooling to be one of", () => texts({ pooling: "sum" as never })],
    [
      'with encoder "mean": expected options among',
      () => texts({ encoder: "mean", pooling: "max" } as never),
    ],
    ["dropout to be a number of at least 0 and below 1, got 1", () => texts({ dropout: 1 })],
    [
      "kernelSizes to be at least one whole number",
      () => texts({ encoder: "convolutional", kernelSizes: [] }),
    ],
    [
      "numHeads that divide hiddenSize, 8, got 3",
      () => texts({ encoder: "transformer", hiddenSize: 8, numHeads: 3 }),
    ],
    ["SequenceClassifier.predict: expected a text, got", () => texts().predict([1, 2] as never)],
    ["This model reads series", () => series().predict("up" as never)],
    ["2 numbers at every step, got 1 at step 1", () => series().predict([[1, 2], [3]])],
    ["a multiple of 2 numbers", () => series().predict(Float32Array.of(1, 2, 3))],
    [
      "finite numbers, got NaN at step 1, feature 0",
      () =>
        series().predict([
          [1, 2],
          [NaN, 2],
        ]),
    ],
    [
      "the option features",
      () =>
        SequenceClassifier.build([{ input: Float32Array.of(1), label: "a" }], {
          input: seriesInput(),
        }),
    ],
    ...([[[null]], [[1, 2]], [[]]] as unknown as Series[][]).map(
      ([input]): [string, () => unknown] => [
        "each a list of numbers, got",
        () => SequenceClassifier.build([{ input: input!, label: "a" }], { input: seriesInput() }),
      ],
    ),
    ["got null at step 0, feature 1", () => series().predict([[1, null as never]])],
    ['got "" at step 0, feature 0', () => series().predict([["" as never, 1]])],
    [
      "got true at step 0, feature 0 in example 1",
      () => series().predictBatch([[[1, 2]], [[true as never, 1]]]),
    ],
    [
      "got NaN at step 0, feature 0 in example 1",
      () =>
        SequenceClassifier.build([...SERIES.slice(0, 1), { input: [[NaN, 1]], label: "up" }], {
          input: seriesInput(),
        }),
    ],
  ])("%s", (message, run) => {
    expect(run).toThrow(message);
    expect(run).toThrow(OptionError);
  });

  test("by evaluate", async () => {
    await expect(texts().evaluate([])).rejects.toThrow("at least one example, got none");
    const odd = [TEXTS[0]!, { input: "x", label: "" as Mood }];
    await expect(texts().evaluate(odd)).rejects.toThrow("got an empty one in example 1");
  });

  test("values that are no numbers, with the example", async () => {
    const odd = [null, "", true, new Date(0), NaN, undefined, Infinity] as unknown as number[];
    for (const value of odd) {
      const examples = [...SERIES.slice(0, 2), { input: [[1, value]], label: "up" as const }];
      const refused = /expected finite numbers, got .* at step 0, feature 1 in example 2/;
      const build = () => SequenceClassifier.build(examples, { input: seriesInput() });
      expect(build).toThrow(refused);
      await expect(series().fit(examples)).rejects.toThrow(refused);
      await expect(series().evaluate(examples)).rejects.toThrow(refused);
      expect(() => series().predictBatch(examples.map(({ input }) => input))).toThrow(refused);
    }
  });

  test("by fit", async () => {
    const wrong = [{ input: "x", label: "fine" as Mood }];
    await expect(async () => texts().fit(wrong)).rejects.toThrow('got "fine" in example 0');
    const empty = [{ input: "x", label: "" as Mood }];
    await expect(async () => texts().fit(TEXTS, { validation: empty })).rejects.toThrow(
      "(validation)",
    );
    await expect(async () => texts().fit(TEXTS, { epoch: 3 } as never)).rejects.toThrow('"epoch"');
  });

  test("characters that a vocabulary without an unknown token lacks", () => {
    const tokenizer = CharTokenizer.build(TEXTS.map(({ input }) => input).join());
    const model = SequenceClassifier.build(TEXTS, { input: text({ tokenizer }) });
    expect(() => model.predict("FILM")).toThrow(IndexError);
  });
});

describe("load", () => {
  test("knows its files", () => {
    const bytes = texts().save();
    const [kind, version] = ["sequence-classifier", 1];
    const chosen = { encoder: "convolutional", dropout: 0.5 };
    expect(readModelInfo(bytes)).toEqual({ kind, version, input: "text", chosen });
    expect(readSafetensors(bytes).tensors.has("encoder.convolutions.0.weight")).toBe(true);
    const recurrent = texts({ encoder: "recurrent", dropout: 0.1 }).save();
    expect(readModelInfo(recurrent)).toEqual({ kind, version, input: "text" });
    const name = "encoder.recurrent.weight_hh_l0_reverse";
    expect(readSafetensors(recurrent).tensors.has(name)).toBe(true);
    expect(() => SequenceClassifier.load(bytes.subarray(0, -3))).toThrow(FormatError);
  });

  test("checks the labels that a program counts on", () => {
    const bytes = texts().save();
    const loaded = SequenceClassifier.load(bytes, { labels: ["good", "bad"] });
    expect(loaded.labels.tokens).toEqual(["bad", "good"]);
    const other = () => SequenceClassifier.load(bytes, { labels: ["good", "so-so"] });
    expect(other).toThrow(
      "expected a model of the labels good, so-so, got none of so-so, and bad too",
    );
  });

  test("refuses descriptions that were tampered with", () => {
    const { tensors, metadata } = readSafetensors(texts().save());
    const changed = (key: string, value: string) => () =>
      SequenceClassifier.load(
        saveSafetensors(tensors, { metadata: new Map([...metadata, [key, value]]) }),
      );
    expect(changed("hiddenstate.input", '{"type":"images"}')).toThrow(FormatError);
    expect(changed("hiddenstate.input", "null")).toThrow(FormatError);
    expect(changed("hiddenstate.labels", '{"tokens":["one"]}')).toThrow(FormatError);
    expect(changed("hiddenstate.options", '{"encoder":"recurrent","hidden":3}')).toThrow(
      FormatError,
    );
    expect(changed("hiddenstate.options", '{"encoder":"mean"}')).toThrow("missing");
  });
});

test("a weight that is not a number is found in training, and in what is predicted", async () => {
  const model = texts();
  model.head.bias!.set(tensor(Float32Array.of(NaN, 0)));
  await expect(model.fit(TEXTS)).rejects.toThrow("a finite loss");
  expect(() => model.predict("a film")).toThrow(NumericError);
  expect(() => model.predict("a film")).toThrow("predict: expected finite logits");
  await expect(model.evaluate(TEXTS)).rejects.toThrow(NumericError);
});

describe("labels that were never learnt", () => {
  test("count as mistakes, in a row of their own; the loss is of the others", async () => {
    const model = texts();
    const known = await model.evaluate(TEXTS);
    const odd = { input: "a film", label: "fine" as Mood };
    const { scores, details } = await model.evaluate([...TEXTS, odd]);
    expect(scores.accuracy).toBeCloseTo((6 / 7) * known.scores.accuracy, 10);
    expect(scores.loss).toBe(known.scores.loss);
    expect(details.confusion.labels).toEqual(["bad", "good", "fine"]);
    expect(details.confusion.score("fine" as Mood)).toMatchObject({ recall: 0, support: 1 });
    const f1 = details.confusion.labels.map((label) => details.confusion.score(label).f1);
    expect(scores.macroF1).toBeCloseTo((f1[0]! + f1[1]!) / 3, 10);
  });

  test("a label that nobody has and nobody is given does not lower macroF1", async () => {
    const model = texts();
    model.head.weight.set(model.head.weight.mul(0));
    model.head.bias!.set(tensor(Float32Array.of(0, 5)));
    const good = TEXTS.filter(({ label }) => label === "good");
    expect((await model.evaluate(good)).scores).toMatchObject({ accuracy: 1, macroF1: 1 });
  });
});

test("the share of unknown words is told", async () => {
  const { details } = await texts().evaluate([{ input: "a zither film", label: "good" }]);
  expect(details.unknownWords).toBeCloseTo(1 / 3, 10);
  expect((await series().evaluate(SERIES)).details).not.toHaveProperty("unknownWords");
});

describe("rare labels", () => {
  /** 400 of one label and 2 of the other, which words tell that hardly come elsewhere. */
  const draws = testRandom(6);
  const pick = (list: readonly string[]) => list[draws.integer(0, list.length - 1)]!;
  const row = (label: "common" | "rare") => ({
    input: `a ${pick(["film", "play", "song"])} ${label === "rare" ? pick(["dull", "flat"]) : pick(["good", "fine", "dear"])}`,
    label,
  });
  const skewed = [
    ...Array.from({ length: 400 }, () => row("common")),
    ...["dull", "flat"].map((word) => ({ input: `a film ${word}`, label: "rare" as const })),
  ];
  const even = Array.from({ length: 40 }, (_, i) => row(i % 2 === 0 ? "common" : "rare"));
  const learn = async (options: object) => {
    manualSeed(3);
    const model = SequenceClassifier.build(skewed, { encoder: "convolutional", filters: 8 });
    await model.fit(skewed, { epochs: 8, batchSize: 16, learningRate: 0.005, ...options });
    return (await model.evaluate(even)).scores.macroF1;
  };

  test("of 400 to 2 are lost as they come, and learnt by balanced sampling or class weights", async () => {
    expect(await learn({})).toBeLessThan(0.7);
    expect(await learn({ sampling: "balanced" })).toBeGreaterThan(0.95);
    expect(await learn({ classWeights: "balanced" })).toBeGreaterThan(0.95);
  });

  test("the loss of a batch is its weighted sum over its size", async () => {
    const losses: number[] = [];
    const run = async (options: object) => {
      const model = texts({ dropout: 0, inputDropout: 0 });
      await model.fit(TEXTS.slice(0, 1), {
        epochs: 1,
        onStep: ({ loss }) => losses.push(loss),
        ...options,
      });
    };
    await run({ classWeights: { bad: 7 } });
    await run({ classWeights: { good: 3 } });
    expect(losses[1]).toBeCloseTo(3 * losses[0]!, 5);
  });

  test("weights of labels that there are not, and sampling of streams, are refused", async () => {
    await expect(
      texts().fit(TEXTS, { classWeights: { fine: 2 } as Record<string, number> }),
    ).rejects.toThrow('classWeights of labels among bad, good, got "fine"');
    await expect(texts().fit(TEXTS, { classWeights: { good: 0 } })).rejects.toThrow(OptionError);
    const open = async function* () {
      yield* TEXTS;
    };
    await expect(texts().fit(open, { sampling: "balanced" })).rejects.toThrow("got a stream");
  });

  test("choose by macroF1 unless another score is named", async () => {
    const model = texts();
    const seen: unknown[] = [];
    await model.fit(TEXTS, {
      validation: TEXTS,
      epochs: 1,
      sampling: "balanced",
      onBegin: ({ chosen }) => seen.push(chosen.metric),
    });
    expect(seen).toEqual(["macroF1"]);
  });
});

test("a training chooses by the F1 of one label where that is asked for", async () => {
  const { best } = await texts().fit(TEXTS, {
    validation: TEXTS,
    epochs: 2,
    metric: "f1:good",
  });
  expect(best.validation).toHaveProperty("f1:good");
});

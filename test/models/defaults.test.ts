// What the data decide of a training where the options say nothing.
import { describe, expect, test } from "vitest";
import {
  chooseFit as chooseClassifierFit,
  chooseModel as chooseClassifier,
} from "../../src/models/classifier/defaults.js";
import {
  chooseFit as chooseTextFit,
  chooseModel as chooseTextModel,
} from "../../src/models/language-model/defaults.js";
import { chooseRun } from "../../src/models/kit/run-length.js";
import type { EncoderOptions } from "../../src/models/parts/encoder-options.js";
import {
  chooseFit as choosePairsFit,
  chooseModel as choosePairsModel,
} from "../../src/models/seq2seq/defaults.js";
import { chooseFit, chooseModel } from "../../src/models/tagger/defaults.js";

const sized = (examples: number, length: number, validationLength = 0) => ({
  ...{ examples, length, validated: true, validationLength },
});

describe("a tagger's training", () => {
  test.each([
    // Few words: small batches and many epochs.
    [sized(448, 5216), { batchSize: 8, epochs: 100 }],
    [sized(1404, 19_596), { batchSize: 16, epochs: 71 }],
    [sized(14_041, 203_621), { batchSize: 16, epochs: 22 }],
    // Abstracts of 143 words.
    [sized(1000, 143_050), { batchSize: 4, epochs: 26 }],
    [sized(1e6, 20e6), { batchSize: 16, epochs: 4 }],
    [sized(3, 12), { batchSize: 32, epochs: 100 }],
  ])("%j: %j", (data, expected) => {
    expect(chooseFit(data)).toMatchObject({ ...expected, schedule: "constant" });
  });
});

test("a tagger learns the ends of spans where these are of few types, and never IOB1", () => {
  expect(chooseModel({ scheme: "IOB1", types: 4 })).toEqual({ trainingScheme: "BIOES" });
  expect(chooseModel({ scheme: "IOB1", types: 40 })).toEqual({ trainingScheme: "IOB2" });
  expect(chooseModel({ scheme: "none", types: 4 })).toEqual({});
});

describe("a model of pairs", () => {
  const architecture = "recurrent" as const;
  const WORDS = { architecture, characters: false };
  const LETTERS = { architecture, characters: true };

  test.each([
    [100, { batchSize: 16, epochs: 100 }],
    [29_000, { batchSize: 64, epochs: 29 }],
    [2_000_000, { batchSize: 64, epochs: 5 }],
  ])("%d of them: %j", (examples, expected) => {
    const data = sized(examples, 15 * examples, 15_000);
    expect(choosePairsFit(data, {}, WORDS)).toMatchObject({ ...expected, schedule: "constant" });
  });

  test("is chosen by BLEU, or by exact matches of characters; a rate falls to an end that is known", () => {
    const data = sized(1000, 15_000, 1000);
    expect(choosePairsFit(data, {}, WORDS)).toMatchObject({ metric: "bleu" });
    const letters = choosePairsFit(data, { steps: 50 }, LETTERS);
    expect(letters).toMatchObject({ metric: "exactMatch", labelSmoothing: 0, schedule: "linear" });
    expect(choosePairsFit({ ...data, validated: false }, {}, WORDS)).not.toHaveProperty("metric");
  });

  test("ties what can be tied, and has room for the longest target and more", () => {
    const known = { architecture, pairs: 1000, joint: true, ratio: 0.8 } as const;
    const pairs = { ...known, targetKind: "subwords" } as const;
    expect(choosePairsModel(pairs)).toEqual({ tieEmbeddings: "all", dropout: 0.3, lengthRatio: 1 });
    expect(choosePairsModel({ ...pairs, joint: false, targetKind: "characters" })).toMatchObject({
      ...{ tieEmbeddings: "target", dropout: 0.1 },
    });
    expect(choosePairsModel({ ...pairs, pairs: 500_000 }).dropout).toBe(0.1);
    const attends = { ...pairs, architecture: "transformer" } as const;
    expect(choosePairsModel(attends).dropout).toBe(0.2);
    expect(choosePairsModel({ ...attends, pairs: 500_000 }).dropout).toBe(0.1);
  });

  test("of a Transformer has a lower rate that rises longer, but where an optimizer is given", () => {
    const data = sized(29_000, 15 * 29_000, 15_000);
    const model = { ...WORDS, architecture: "transformer" } as const;
    const chosen = choosePairsFit(data, {}, model);
    expect(chosen).toMatchObject({ learningRate: 1.5e-3, warmup: 0.05, beta2: 0.98 });
    const given = choosePairsFit(data, { optimizer: () => ({}) as never }, model);
    expect(given).toMatchObject({ warmup: 0.05 });
    for (const name of ["learningRate", "beta2"]) expect(given).not.toHaveProperty(name);
  });
});

test.each([
  [100, { batchSize: 16, epochs: 60 }],
  [4952, { batchSize: 16, epochs: 14 }],
  [56_177, { batchSize: 64, epochs: 4 }],
])("a classifier's training on %d texts: %j", (examples, expected) => {
  expect(chooseClassifierFit(sized(examples, 10 * examples))).toMatchObject(expected);
});

test("a classifier of texts has convolutions, unless the texts are many or what is given is of another encoder", () => {
  const encoderOf = (given: EncoderOptions, examples = 5000) =>
    chooseClassifier({ input: "text", examples }, given).encoder;
  expect(encoderOf({})).toBe("convolutional");
  expect(encoderOf({}, 50_000)).toBe("recurrent");
  expect(encoderOf({ encoder: "convolutional", filters: 50 }, 50_000)).toBe("convolutional");
  expect(encoderOf({ dropout: 0.1 })).toBe("convolutional");
  expect(encoderOf({ pooling: "mean" })).toBe("recurrent");
  expect(encoderOf({ hiddenSize: 8 })).toBe("recurrent");
  expect(encoderOf({ encoder: "mean", hiddenSize: 8 })).toBe("mean");
  const ofSeries = (examples: number, given: EncoderOptions = {}) =>
    chooseClassifier({ input: "series", examples }, given);
  expect(ofSeries(5000)).toEqual({});
  expect(ofSeries(4999)).toEqual({ encoder: "lstm-fcn" });
  expect(ofSeries(50, { bidirectional: false })).toEqual({});
  const few = chooseClassifierFit({ ...sized(36, 3600), encoder: "lstm-fcn" });
  expect(few).toMatchObject({ schedule: "linear", epochs: 267 });
  expect(few).not.toHaveProperty("averageShare");
});

describe("a run", () => {
  const run = (data: ReturnType<typeof sized>, given = {}) =>
    chooseRun(data, given, { epochs: 20, batchSize: 10 });

  test("is scored some 40 times", () => {
    // 20 epochs of 1,000 steps.
    expect(run(sized(10_000, 1e5)).evaluateEvery).toBe(500);
    // 20 of 40: every epoch is often enough.
    expect(run(sized(400, 4000)).evaluateEvery).toBeUndefined();
    // 200 epochs of 40 steps: every fifth.
    expect(run(sized(400, 4000), { epochs: 200 }).evaluateEvery).toBe(200);
  });

  test("is scored less often where that takes long, but a few times", () => {
    expect(run(sized(10_000, 1e5, 4e4)).evaluateEvery).toBe(800);
    expect(run(sized(10_000, 1e5, 1e7)).evaluateEvery).toBe(1667);
  });

  test("is ended after fewer evaluations without a better score where these are few", () => {
    expect(run(sized(10_000, 1e5))).toMatchObject({ patience: 5, patienceShare: 0.25 });
    expect(run(sized(10_000, 1e5, 1e7)).patience).toBe(3);
    expect(run(sized(10_000, 1e5), { evaluateEvery: 1250 }).patience).toBe(4);
  });

  test("follows the length and the batch that are given", () => {
    expect(run(sized(10_000, 1e5), { batchSize: 5 }).evaluateEvery).toBe(1000);
    expect(run(sized(10_000, 1e5), { epochs: 2 }).evaluateEvery).toBe(100);
    expect(run(sized(10_000, 1e5), { steps: 8000 }).evaluateEvery).toBe(200);
  });

  test("whose rate falls, or whose length is given, is not ended early; an optimizer has its own rate", () => {
    const { patience, patienceShare } = run(sized(400, 4000), { schedule: "linear" });
    expect([patience, patienceShare]).toEqual([undefined, undefined]);
    expect(run(sized(400, 4000), { schedule: "constant" })).toMatchObject({ patience: 5 });
    expect(run(sized(400, 4000), { epochs: 100 })).not.toHaveProperty("patience");
    expect(run(sized(400, 4000), { steps: 400 })).not.toHaveProperty("patience");
    expect(run(sized(400, 4000), { optimizer: () => {} })).not.toHaveProperty("learningRate");
  });
});

describe("a language model", () => {
  const sizes = { hiddenSize: 128, numLayers: 1 };

  test.each([
    // A book by characters; a tenth, a fiftieth of it; the book by words.
    [
      "characters",
      1_130_000,
      80,
      { embeddingSize: 32, dropout: 0 },
      { batchSize: 16, epochs: 3, learningRate: 0.01 },
    ],
    [
      "characters",
      113_000,
      80,
      { embeddingSize: 32, dropout: 0.2 },
      { batchSize: 16, epochs: 15, learningRate: 0.01 },
    ],
    [
      "characters",
      22_600,
      80,
      { embeddingSize: 32, dropout: 0.3 },
      { batchSize: 8, epochs: 36, learningRate: 0.01 },
    ],
    [
      "words",
      250_000,
      9000,
      { embeddingSize: 128, dropout: 0.3 },
      { batchSize: 16, epochs: 7, learningRate: 0.005 },
    ],
  ] as const)("of %s, %d of them", (tokens, length, vocabularySize, model, fit) => {
    expect(
      chooseTextModel({ ...sizes, tieWeights: false, tokens, length, vocabularySize }),
    ).toEqual(model);
    const text = { examples: 1, length, vocabularySize, validated: true };
    expect(chooseTextFit(text)).toEqual(fit);
  });

  test("has epochs by the steps that are asked for", () => {
    const text = { examples: 1, length: 100_000, validated: true };
    expect(chooseTextFit(text, { batchSize: 4 }).epochs).toBe(4);
    expect(chooseTextFit(text, { sequenceLength: 80 }).epochs).toBe(40);
    expect(chooseTextFit(text, { optimizer: () => ({}) as never })).not.toHaveProperty(
      "learningRate",
    );
  });
});

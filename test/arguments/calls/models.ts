// Ready models.
import * as hs from "../../../src/models/index.js";
import { CharTokenizer } from "../../../src/text/index.js";
import { call, made, method, type Call, type Kind } from "../wrong-calls.js";

const TEXTS = [
  { input: "a good film", label: "good" },
  { input: "a dull film", label: "bad" },
];
const TOPICS = [
  { input: "a sad song", labels: ["music", "sad"] },
  { input: "a film", labels: [] },
];
const STEPS = [
  { input: [[0.1], [0.2]], label: "up" },
  { input: [[0.4], [0.3]], label: "down" },
];
const SENTENCES = [{ words: ["Ada", "won"], tags: ["B-PER", "O"] }];
const PAIRS = [
  { source: "ab", target: "ba" },
  { source: "b", target: "b" },
];
const SEARCH = {
  ...{ beams: 2, lengthPenalty: "wu", alpha: 0.5, maxLength: 5, minLength: 1 },
  ...{ noRepeatNgramSize: 3, repetitionPenalty: 1.5, replaceUnknown: true },
};
const TEXT = "to be or not to be ".repeat(4);
const SMALL = { hiddenSize: 2 };

const NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8];
const forecaster = () => hs.SeriesForecaster.build([NUMBERS], { hiddenSize: 2 });
const MADE = {
  ...{ shape: { targets: 1, covariates: 0 }, gaps: false },
  scaling: {
    ...{ mean: [0], deviation: [1], change: [1], seasonal: [1], spread: [1] },
    ...{ covariateMean: [], covariateDeviation: [] },
  },
};
const classifier = () => hs.SequenceClassifier.build(TEXTS, SMALL);
const topics = () => hs.MultiLabelClassifier.build(TOPICS, SMALL);
const tagger = () => hs.SequenceTagger.build(SENTENCES, { ...SMALL, embeddingSize: 2 });
const writer = () => hs.LanguageModel.build(TEXT, { ...SMALL, embeddingSize: 2 });
const translator = () => hs.Seq2Seq.build(PAIRS, { ...SMALL, embeddingSize: 2 });
const ofSeries = () =>
  hs.SequenceClassifier.build(STEPS, {
    input: hs.series(),
    bidirectional: false,
    pooling: "last",
    ...SMALL,
  });

const STREAMS: readonly Kind[] = ["function", "instance"];
const FIT = { epochs: 1, learningRate: 0.1, onStep: () => {} };

/** What all models over examples have. */
function taskModel(
  name: string,
  Class: { build: unknown; load: unknown },
  make: () => hs.TaskModel<never> | object,
  examples: readonly object[],
  input: unknown,
  labels: readonly string[],
  reads: readonly Kind[] = [],
): Record<string, Call> {
  const model = make as () => Record<string, (...given: never[]) => unknown>;
  const { build, load } = Class as Record<string, (...given: never[]) => unknown>;
  return {
    [`${name}.build`]: call(build!.bind(Class), () => [examples, { hiddenSize: 2 }], {
      also: { "0": STREAMS },
    }),
    [`${name}.load`]: call(load!.bind(Class), () => [saved(make), { labels }]),
    [`${name}.predict`]: method(model, "predict", () => [input], { also: { "0": reads } }),
    [`${name}.predictBatch`]: method(model, "predictBatch", () => [[input]], {
      also: { "0": "instance" },
    }),
    [`${name}.evaluate`]: method(model, "evaluate", () => [examples], { also: { "0": STREAMS } }),
    [`${name}.check`]: method(model, "check", () => [examples, { training: true }], {
      also: { "0": STREAMS },
    }),
    [`${name}.unknownShare`]: method(model, "unknownShare", () => [examples], {
      also: { "0": STREAMS },
    }),
    [`${name}.fit`]: method(model, "fit", () => [examples, { ...FIT, validation: examples }], {
      also: { "0": STREAMS, "1.validation": STREAMS },
    }),
  };
}

/** A model whose answers are texts. */
function pairModel(): Record<string, Call> {
  const also = { also: { "0": STREAMS } };
  const predict = { ...SEARCH, alternatives: 2, attention: true };
  return {
    "new Seq2Seq": made(
      hs.Seq2Seq,
      () => [
        { source: CharTokenizer.build("ab"), target: CharTokenizer.build("ab") },
        { hiddenSize: 2, embeddingSize: 2 },
      ],
      { named: [0] },
    ),
    "Seq2Seq.build": call(hs.Seq2Seq.build, () => [PAIRS, { hiddenSize: 2 }], also),
    "Seq2Seq.load": call(hs.Seq2Seq.load, () => [saved(translator)]),
    "Seq2Seq.predict": method(translator, "predict", () => ["ab", predict]),
    "Seq2Seq.predictBatch": method(translator, "predictBatch", () => [["ab"], predict], {
      also: { "0": "instance" },
    }),
    "Seq2Seq.evaluate": method(translator, "evaluate", () => [PAIRS, SEARCH], also),
    "Seq2Seq.check": method(translator, "check", () => [PAIRS, { training: true }], also),
    "Seq2Seq.unknownShare": method(translator, "unknownShare", () => [PAIRS], also),
    "Seq2Seq.fit": method(translator, "fit", () => [PAIRS, { ...FIT, validation: PAIRS }], {
      also: { "0": STREAMS, "1.validation": STREAMS },
    }),
    "Seq2Seq.score": method(translator, "score", () => ["ab", "ba"]),
    "Seq2Seq.decoder": method(translator, "decoder", () => [["ab"], { rows: 1, capacity: 2 }]),
  };
}

const saved = (make: () => object): Uint8Array => (make() as hs.LanguageModel).save();

export const MODEL_CALLS: Readonly<Record<string, Call>> = {
  ...taskModel("SequenceClassifier", hs.SequenceClassifier, classifier, TEXTS, "a film", [
    "good",
    "bad",
  ]),
  ...taskModel("MultiLabelClassifier", hs.MultiLabelClassifier, topics, TOPICS, "a song", [
    "music",
    "sad",
  ]),
  ...taskModel(
    "SequenceTagger",
    hs.SequenceTagger,
    tagger,
    SENTENCES,
    "Ada won",
    ["B-PER", "O"],
    ["array"],
  ),
  ...pairModel(),
  "new SequenceClassifier": made(hs.SequenceClassifier, () => [
    ["a", "b"],
    new hs.SeriesInput(1),
    { hiddenSize: 2 },
  ]),
  "new MultiLabelClassifier": made(hs.MultiLabelClassifier, () => [
    ["a", "b"],
    new hs.SeriesInput(1),
    { hiddenSize: 2 },
  ]),
  "new SequenceTagger": made(
    hs.SequenceTagger,
    () => [tagger().vocabularies, { hiddenSize: 2, scheme: "IOB2" }],
    { named: [0] },
  ),
  "SequenceTagger.wordsOf": method(tagger, "wordsOf", () => ["Ada won"]),
  "SequenceClassifier.stream": method(ofSeries, "stream", () => []),
  "new SeriesForecaster": made(hs.SeriesForecaster, () => [MADE, { hiddenSize: 2 }], {
    named: [0],
  }),
  "SeriesForecaster.build": call(hs.SeriesForecaster.build, () => [[NUMBERS], { hiddenSize: 2 }], {
    also: { "0": "instance" },
  }),
  "SeriesForecaster.load": call(hs.SeriesForecaster.load, () => [saved(forecaster)]),
  "SeriesForecaster.fit": method(forecaster, "fit", () => [[NUMBERS], { steps: 1, heldOut: 0 }], {
    also: { "0": "instance" },
  }),
  "SeriesForecaster.evaluate": method(forecaster, "evaluate", () => [[NUMBERS]], {
    also: { "0": "instance" },
  }),
  "SeriesForecaster.backtest": method(
    forecaster,
    "backtest",
    () => [[NUMBERS], { from: 0.5, stride: 1, onForecast: () => undefined }],
    { also: { "0": "instance" } },
  ),
  "SeriesForecaster.predict": method(forecaster, "predict", () => [NUMBERS], {
    also: { "0": ["object", "typed array"] },
  }),
  "SeriesForecaster.predictBatch": method(forecaster, "predictBatch", () => [[NUMBERS]], {
    also: { "0": "instance" },
  }),
  "SeriesForecaster.stream": method(forecaster, "stream", () => [{ history: NUMBERS }], {
    also: { "0.history": ["object", "typed array"] },
  }),
  "ForecasterStream.push": method(
    () => forecaster().stream(),
    "push",
    () => [1],
    { also: { "0": ["null", "array", "typed array"] } },
  ),
  "ForecasterStream.fromBytes": method(
    () => forecaster().stream(),
    "fromBytes",
    () => [forecaster().stream().toBytes()],
  ),
  "ClassifierStream.push": method(
    () => ofSeries().stream(),
    "push",
    () => [[0.1]],
    {
      also: { "0": "typed array" },
    },
  ),
  "ClassifierStream.fromBytes": method(
    () => ofSeries().stream(),
    "fromBytes",
    () => [ofSeries().stream().toBytes()],
  ),
  "new LanguageModel": made(hs.LanguageModel, () => [
    CharTokenizer.build("ab"),
    { hiddenSize: 2, embeddingSize: 2 },
  ]),
  "LanguageModel.build": call(hs.LanguageModel.build, () => [TEXT, { hiddenSize: 2 }]),
  "LanguageModel.load": call(hs.LanguageModel.load, () => [writer().save()]),
  "LanguageModel.fit": method(
    writer,
    "fit",
    () => [TEXT, { ...FIT, batchSize: 2, sequenceLength: 8, validation: TEXT }],
    { also: { "0": "typed array", "1.validation": "typed array" } },
  ),
  "LanguageModel.evaluate": method(writer, "evaluate", () => [TEXT], {
    also: { "0": "typed array" },
  }),
  "LanguageModel.unknownShare": method(writer, "unknownShare", () => [TEXT], {
    also: { "0": "typed array" },
  }),
  "LanguageModel.generate": method(
    writer,
    "generate",
    () => [
      "to",
      {
        ...{ length: 2, stop: () => false, temperature: 1, topK: 3, topP: 0.9, minP: 0.1, seed: 1 },
        ...{ endToken: 0, excluded: [1], minLength: 1, noRepeatNgramSize: 3 },
      },
    ],
    { also: { "1.endToken": ["array", "typed array"] } },
  ),
  "LanguageModel.generate by beams": method(writer, "generate", () => [
    "to",
    { length: 2, beams: 2, lengthPenalty: "wu", alpha: 0.6, earlyStopping: true },
  ]),
  "LanguageModel.decoder": method(writer, "decoder", () => [{ rows: 1, capacity: 2 }]),
  "LanguageModel.carry": method(writer, "carry", () => [1]),
  text: call(hs.text, () => [{ embeddingSize: 2, wordDropout: 0.1 }]),
  series: call(hs.series, () => [{ features: 2, normalize: true }]),
  "new TextInput": made(hs.TextInput, () => [
    CharTokenizer.build("ab"),
    { embeddingSize: 2, wordDropout: 0 },
  ]),
  "new SeriesInput": made(hs.SeriesInput, () => [
    1,
    { mean: Float32Array.of(0), std: Float32Array.of(1) },
  ]),
  readModelInfo: call(hs.readModelInfo, () => [writer().save()]),
};

// Ready models.
import { manualSeed } from "../../../src/index.js";
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
/** The same weights each time: a stream takes the state of a stream of the same model alone. */
const forecaster = () => {
  manualSeed(1);
  return hs.SeriesForecaster.build([NUMBERS], { hiddenSize: 2 });
};
const MADE = {
  ...{ shape: { targets: 1, covariates: 0 }, gaps: false },
  scaling: {
    ...{ mean: [0], deviation: [1], change: [1], seasonal: [1], spread: [1] },
    ...{ covariateMean: [], covariateDeviation: [] },
  },
};
const SOUND = Float32Array.from({ length: 800 }, (_, i) => Math.sin(i / 3));
const RECORDINGS = [{ samples: SOUND, sampleRate: 8000, text: "a" }];
const FEATURES = { sampleRate: 8000, nFft: 256, hopLength: 80, nMels: 8, padMode: "constant" };
const recognizer = () =>
  hs.SpeechRecognizer.build(RECORDINGS, { ...SMALL, channels: 1, nMels: 8, streaming: true });
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

const PICTURES = [
  { image: { data: new Uint8Array(16), width: 4, height: 4 }, text: "a b" },
  { image: { data: new Uint8Array(16).fill(9), width: 4, height: 4 }, text: ["a b", "b"] },
];
const TINY = { channels: [2], hiddenSize: 2, embeddingSize: 2 };
const captioner = () => hs.Captioner.build(PICTURES, TINY);

/** A model whose answers are captions. */
function captions(): Record<string, Call> {
  const also = { also: { "0": STREAMS } };
  const { replaceUnknown: _, ...search } = SEARCH;
  const predict = { ...search, alternatives: 2, attention: true };
  const [{ image }] = PICTURES as [(typeof PICTURES)[0]];
  return {
    "new Captioner": made(
      hs.Captioner,
      () => [CharTokenizer.build("ab"), captioner().reading, TINY],
      { named: [1] },
    ),
    "Captioner.build": call(hs.Captioner.build, () => [PICTURES, TINY], also),
    "Captioner.load": call(hs.Captioner.load, () => [saved(captioner)]),
    "Captioner.predict": method(captioner, "predict", () => [image, predict], { named: [0] }),
    "Captioner.predictBatch": method(captioner, "predictBatch", () => [[image], predict], {
      also: { "0": "instance" },
    }),
    "Captioner.evaluate": method(captioner, "evaluate", () => [PICTURES, search], also),
    "Captioner.check": method(captioner, "check", () => [PICTURES, { training: true }], also),
    "Captioner.fit": method(captioner, "fit", () => [PICTURES, { ...FIT, validation: PICTURES }], {
      also: { "0": STREAMS, "1.validation": STREAMS },
    }),
    "Captioner.decoder": method(captioner, "decoder", () => [[image], { rows: 1, capacity: 2 }]),
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
  ...captions(),
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
  sound: call(hs.sound, () => [{ nMels: 8 }]),
  "new SoundInput": made(hs.SoundInput, () => [FEATURES, { speed: 0 }]),
  "new SpeechRecognizer": made(hs.SpeechRecognizer, () => [
    { units: "words", tokens: ["a"] },
    new hs.SoundInput(FEATURES as never),
    SMALL,
  ]),
  "SpeechRecognizer.build": call(hs.SpeechRecognizer.build, () => [RECORDINGS, SMALL], {
    also: { "0": "instance" },
  }),
  "SpeechRecognizer.load": call(hs.SpeechRecognizer.load, () => [saved(recognizer)]),
  "SpeechRecognizer.fit": method(recognizer, "fit", () => [RECORDINGS, { steps: 1 }], {
    also: { "0": "instance" },
  }),
  "SpeechRecognizer.evaluate": method(recognizer, "evaluate", () => [RECORDINGS, { beams: 2 }], {
    also: { "0": "instance" },
  }),
  "SpeechRecognizer.predict": method(recognizer, "predict", () => [SOUND, { alternatives: 2 }], {
    also: { "0": ["array", "typed array"] },
  }),
  "SpeechRecognizer.predictBatch": method(recognizer, "predictBatch", () => [[SOUND]], {
    also: { "0": "instance" },
  }),
  "SpeechRecognizer.stream": method(recognizer, "stream", () => [{ sampleRate: 16000 }]),
  "SpeechRecognizer.languageModel": method(
    recognizer,
    "languageModel",
    () => [["a"], { order: 2 }],
    {
      also: { "0": "instance" },
    },
  ),
  "SpeechStream.push": method(
    () => recognizer().stream(),
    "push",
    () => [SOUND],
    { also: { "0": ["array", "typed array"] } },
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

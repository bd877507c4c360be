// Text, scores, decoding, files, training.
import * as hs from "../../../src/index.js";
import * as decode from "../../../src/decode/index.js";
import * as io from "../../../src/io/index.js";
import * as metrics from "../../../src/metrics/index.js";
import * as text from "../../../src/text/index.js";
import * as models from "../../../src/models/index.js";
import * as parallel from "../../../src/workers/index.js";
import { InProcessWorker } from "../../parallel/in-process-worker.js";
import * as train from "../../../src/train/index.js";
import { ScriptedDecoder } from "../../decode/scripted-decoder.js";
import { floats } from "../values.js";
import { call, made, method, type Call, type Kind } from "../wrong-calls.js";

const vocabulary = () => new text.Vocabulary(["<unk>", "a", "b"], { unknown: "<unk>" });
const characters = () => text.CharTokenizer.build("ab");
const words = () => text.WordTokenizer.build("ab cd");
const BUILD_SUBWORDS = {
  ...{ split: "words", lowercase: true, minCount: 1, maxSize: 300, padding: "-", specials: ["!"] },
};
const subwords = () => text.SubwordTokenizer.build("ab", { minCount: 1 });
const subwordCounter = () => new text.SubwordCounter();
const HUGGING_FACE = { model: { type: "BPE", vocab: { a: 0, b: 1 }, merges: [] } };
const huggingFace = () => text.HuggingFaceTokenizer.fromJSON(HUGGING_FACE);
const logits = () => new Float32Array([0.5, 1, 0.1]);
const ngrams = () =>
  metrics.NgramModel.build(new Int32Array([0, 1, 0, 1]), { vocabularySize: 2, order: 2 });
const scriptedDecoder = () =>
  new ScriptedDecoder(() => [0.1, 0.6, 0.3], { classes: 3, rows: 1, capacity: 4 });
const model = () => new hs.Linear(2, 2);
const ITERABLE = ["array", "instance"] as const;
const IDS = ["array", "typed array"] as const;
const SEARCH = {
  ...{ prompt: 0, prefix: [[1]], maxLength: 3, minLength: 1, endToken: 2, excluded: [0] },
  noRepeatNgramSize: 3,
};
const SEARCH_KINDS: Readonly<Record<string, Kind | readonly Kind[]>> = {
  ...{ "1.prompt": "array", "1.prefix": "typed array", "1.maxLength": IDS, "1.endToken": IDS },
  "1.excluded": "typed array",
};
const SAMPLE = { ...SEARCH, samples: 1, temperature: 1, topK: 2, topP: 0.9, minP: 0.1, seed: 1 };

const search = (run: (...given: never[]) => unknown, options: object): Call =>
  call(run, () => [scriptedDecoder(), options], { also: SEARCH_KINDS, named: [0] });

export const REST_CALLS: Readonly<Record<string, Call>> = {
  "new Vocabulary": made(text.Vocabulary, () => [["a", "b"], { unknown: "a", padding: "b" }]),
  "Vocabulary.build": call(
    text.Vocabulary.build,
    () => [["a", "b"], { unknown: "?", padding: "-", minCount: 1, maxSize: 9, specials: ["!"] }],
    { also: { "0": ["string", ...ITERABLE] } },
  ),
  "Vocabulary.fromCounts": call(text.Vocabulary.fromCounts, () => [
    new Map([["a", 1]]),
    { unknown: "?", padding: "-", minCount: 1, maxSize: 9, specials: ["!"] },
  ]),
  "Vocabulary.fromJSON": call(text.Vocabulary.fromJSON, () => [vocabulary().toJSON()], {
    named: [0],
  }),
  "Vocabulary.has": method(vocabulary, "has", () => ["a"]),
  "Vocabulary.id": method(vocabulary, "id", () => ["a"]),
  "Vocabulary.token": method(vocabulary, "token", () => [1]),
  "Vocabulary.encode": method(vocabulary, "encode", () => [["a"]]),
  "Vocabulary.decode": method(vocabulary, "decode", () => [[1]], { also: { "0": "typed array" } }),
  "Vocabulary.toJSON": method(vocabulary, "toJSON", () => []),
  "new CharTokenizer": made(text.CharTokenizer, () => [vocabulary()]),
  "CharTokenizer.build": call(text.CharTokenizer.build, () => [
    "ab",
    { unknown: "?", padding: "-", minCount: 1, maxSize: 9, specials: ["!"] },
  ]),
  "CharTokenizer.encode": method(characters, "encode", () => ["ab"]),
  "CharTokenizer.decode": method(characters, "decode", () => [[1]], {
    also: { "0": "typed array" },
  }),
  "CharTokenizer.decoder": method(characters, "decoder", () => []),
  "CharTokenizer.toJSON": method(characters, "toJSON", () => []),
  "new WordTokenizer": made(text.WordTokenizer, () => [
    words().vocabulary,
    { split: "words", lowercase: true },
  ]),
  "WordTokenizer.build": call(text.WordTokenizer.build, () => [
    "ab cd",
    { split: "words", lowercase: true, minCount: 1, maxSize: 9 },
  ]),
  "WordTokenizer.encode": method(words, "encode", () => ["ab"]),
  "WordTokenizer.decode": method(words, "decode", () => [[1]], { also: { "0": "typed array" } }),
  "WordTokenizer.decoder": method(words, "decoder", () => ["a"]),
  "WordTokenizer.toJSON": method(words, "toJSON", () => []),
  "new SubwordTokenizer": made(
    text.SubwordTokenizer,
    () => [
      subwords().vocabulary,
      [["a", "b"]],
      { split: "words", lowercase: true, specials: ["a"], rare: ["ab"] },
    ],
    { also: { "2.specials": "typed array", "2.rare": "typed array" } },
  ),
  "SubwordTokenizer.build": call(text.SubwordTokenizer.build, () => ["ab", BUILD_SUBWORDS], {
    also: { "0": ITERABLE, "1.specials": "typed array" },
  }),
  "SubwordTokenizer.encode": method(subwords, "encode", () => ["ab", { dropout: 0.1 }]),
  "SubwordTokenizer.decode": method(subwords, "decode", () => [[1]], {
    also: { "0": "typed array" },
  }),
  "SubwordTokenizer.decoder": method(subwords, "decoder", () => ["a"]),
  "SubwordTokenizer.restrictedTo": method(subwords, "restrictedTo", () => [
    new Map([["ab", 1]]),
    1,
  ]),
  "SubwordTokenizer.toJSON": method(subwords, "toJSON", () => []),
  "new SubwordCounter": made(text.SubwordCounter, () => [BUILD_SUBWORDS], {
    also: { "0.specials": "typed array" },
  }),
  "SubwordCounter.add": method(subwordCounter, "add", () => ["ab"]),
  "SubwordCounter.addCounts": method(subwordCounter, "addCounts", () => [subwordCounter()]),
  "SubwordCounter.subwords": method(subwordCounter, "subwords", () => [subwords()]),
  "SubwordCounter.tokenizer": method(subwordCounter, "tokenizer", () => []),
  tokenizerFromSubwordNmt: call(
    text.tokenizerFromSubwordNmt,
    () => [
      "#version: 0.2\na b",
      { specials: ["!"], padding: "-", counts: new Map([["c", 1]]), name: "codes" },
    ],
    { also: { "1.specials": "typed array" } },
  ),
  subwordNmtCounts: call(text.subwordNmtCounts, () => ["a@@ 3", { name: "counts" }]),
  "HuggingFaceTokenizer.fromJSON": call(text.HuggingFaceTokenizer.fromJSON, () => [HUGGING_FACE], {
    also: { "0": "string" },
    named: [0],
  }),
  "HuggingFaceTokenizer.encode": method(huggingFace, "encode", () => ["ab", { dropout: 0.1 }]),
  "HuggingFaceTokenizer.decode": method(huggingFace, "decode", () => [[1]], {
    also: { "0": "typed array" },
  }),
  "HuggingFaceTokenizer.decoder": method(huggingFace, "decoder", () => ["a"]),
  "HuggingFaceTokenizer.toJSON": method(huggingFace, "toJSON", () => []),
  tokenizerFromJSON: call(text.tokenizerFromJSON, () => [characters().toJSON()], {
    named: [0],
  }),
  wordTokenize: call(text.wordTokenize, () => ["a b", { lowercase: true }]),
  wordJoiner: call(text.wordJoiner, () => ["a"]),
  oneHotTokens: call(text.oneHotTokens, () => [["a"], vocabulary()]),
  tokenCounts: call(text.tokenCounts, () => [["a"], vocabulary()]),
  letterNgrams: call(text.letterNgrams, () => ["word", { n: 3, mark: "#" }]),
  wordNgrams: call(text.wordNgrams, () => [["a", "b"], 2]),
  fnv1a: call(text.fnv1a, () => ["a"]),
  hashedCounts: call(text.hashedCounts, () => [["a"], 8], { also: { "0": "instance" } }),
  accuracy: call(
    metrics.accuracy,
    () => [
      [1, 2],
      [1, 2],
    ],
    { also: { "0": IDS, "1": IDS } },
  ),
  tokenAccuracy: call(metrics.tokenAccuracy, () => [[1, 2], [1, 2], { ignoreIndex: 1 }], {
    also: { "0": IDS, "1": IDS },
  }),
  majorityClass: call(metrics.majorityClass, () => [["a"]], { also: { "0": "instance" } }),
  "new NaiveBayes": made(metrics.NaiveBayes, () => [
    [{ features: ["a"], label: "x" }],
    { smoothing: 1 },
  ]),
  "NaiveBayes.predict": method(
    () => new metrics.NaiveBayes([{ features: ["a"], label: "x" }]),
    "predict",
    () => [["a"]],
  ),
  "new MostFrequentTags": made(metrics.MostFrequentTags, () => [[{ words: ["a"], tags: ["O"] }]]),
  "MostFrequentTags.predict": method(
    () => new metrics.MostFrequentTags([{ words: ["a"], tags: ["O"] }]),
    "predict",
    () => [["a"]],
  ),
  "new ConfusionMatrix": made(metrics.ConfusionMatrix, () => [["a"], [[1]]]),
  "ConfusionMatrix.score": method(
    () => new metrics.ConfusionMatrix(["a"], [[1]]),
    "score",
    () => ["a"],
  ),
  "ConfusionMatrix.toString": method(
    () => new metrics.ConfusionMatrix(["a"], [[1]]),
    "toString",
    () => [],
  ),
  confusionMatrix: call(metrics.confusionMatrix, () => [["a"], ["a"], { labels: ["a"] }]),
  macroF1: call(metrics.macroF1, () => [["a"], ["a"]]),
  entityScores: call(metrics.entityScores, () => [[["B-X"]], [["B-X"]], { strict: "IOB2" }]),
  labelSetScores: call(metrics.labelSetScores, () => [[["a"]], [["a"]]]),
  "LabelSetCounter.add": method(
    () => new metrics.LabelSetCounter(),
    "add",
    () => [["a"], ["a"]],
    { also: { "0": "instance", "1": "instance" } },
  ),
  strictSpansOf: call(metrics.strictSpansOf, () => [["B-X"], "IOB2"]),
  "new EntityCounter": made(metrics.EntityCounter, () => [{ strict: "IOB2" }]),
  "EntityCounter.add": method(
    () => new metrics.EntityCounter(),
    "add",
    () => [["B-X"], ["B-X"]],
  ),
  "EntityCounter.scores": method(
    () => new metrics.EntityCounter(),
    "scores",
    () => [],
  ),
  entityReport: call(metrics.entityReport, () => [metrics.entityScores([["B-X"]], [["B-X"]])], {
    named: [0],
  }),
  perplexity: call(metrics.perplexity, () => [1, 2]),
  unigramPerplexity: call(metrics.unigramPerplexity, () => [
    new Int32Array([0, 1]),
    new Int32Array([0]),
    2,
  ]),
  spansOf: call(metrics.spansOf, () => [["B-X"]]),
  tagsOf: call(metrics.tagsOf, () => [[{ type: "X", start: 0, end: 1 }], 2, "IOB2"]),
  convertTags: call(metrics.convertTags, () => [["B-X"], "BIOES"]),
  allowedTransitions: call(metrics.allowedTransitions, () => [["B-X", "O"], "IOB2"]),
  "NgramModel.build": call(
    metrics.NgramModel.build,
    () => [
      new Int32Array([0, 1, 0, 1]),
      { vocabularySize: 2, order: 2, maxNgrams: 100, signal: new AbortController().signal },
    ],
    { also: { "0": ["array"] } },
  ),
  "NgramModel.logProbability": method(ngrams, "logProbability", () => [[0], 1], {
    also: { "0": "typed array" },
  }),
  "NgramModel.perplexity": method(ngrams, "perplexity", () => [new Int32Array([0, 1])]),
  greedy: search(decode.greedy, SEARCH),
  sample: search(decode.sample, SAMPLE),
  sampleTokens: search(decode.sampleTokens, SAMPLE),
  beamSearch: search(decode.beamSearch, {
    ...SEARCH,
    ...{ beams: 2, nBest: 1, lengthPenalty: "wu", alpha: 1, earlyStopping: true },
  }),
  onlyTrees: call(
    decode.onlyTrees,
    () => [scriptedDecoder(), { tokens: ["(S", ")S", "XX"], end: 0, words: [1] }],
    { named: [0] },
  ),
  penalizeRepeats: call(decode.penalizeRepeats, () => [scriptedDecoder(), 2], { named: [0] }),
  readDecoderOptions: call(decode.readDecoderOptions, () => ["d", { rows: 1, capacity: 2 }, 1]),
  checkStep: call(
    decode.checkStep,
    () => ["d", scriptedDecoder(), new Int32Array(1), new Float32Array(3)],
    { named: [1] },
  ),
  checkSelect: call(decode.checkSelect, () => ["d", scriptedDecoder(), new Int32Array(1)], {
    named: [1],
  }),
  "new Generator": made(decode.Generator, () => [1]),
  "Generator.uniform": method(
    () => new decode.Generator(),
    "uniform",
    () => [],
  ),
  "new Sampler": made(decode.Sampler, () => [
    { temperature: 1, topK: 2, topP: 0.9, minP: 0.1, seed: 1 },
  ]),
  "Sampler.sample": method(
    () => new decode.Sampler(),
    "sample",
    () => [logits()],
  ),
  draw: call(decode.draw, () => [logits(), 0.5]),
  keepMinP: call(decode.keepMinP, () => [logits(), 0.5]),
  keepTopK: call(decode.keepTopK, () => [logits(), 1]),
  keepTopP: call(decode.keepTopP, () => [logits(), 0.5]),
  mostProbable: call(decode.mostProbable, () => [logits()]),
  scaleByTemperature: call(decode.scaleByTemperature, () => [logits(), 0.5]),
  stopAfter: call(decode.stopAfter, () => [3]),
  stopAtAny: call(decode.stopAtAny, () => [decode.stopAfter(2)], { variadic: true }),
  stopAtSequence: call(decode.stopAtSequence, () => [[1, 2]], { also: { "0": "typed array" } }),
  stopAtToken: call(decode.stopAtToken, () => [1], { variadic: true }),
  saveSafetensors: call(hs.saveSafetensors, () => [{ a: floats(2) }, { metadata: { a: "b" } }], {
    named: [0],
    also: { "0": "instance", "1.metadata": "instance" },
  }),
  readSafetensors: call(hs.readSafetensors, () => [
    hs.saveSafetensors({ a: floats(2) }),
    { maxHeaderBytes: 1000, maxTensors: 3 },
  ]),
  loadSafetensors: call(hs.loadSafetensors, () => [
    hs.saveSafetensors({ a: floats(2) }),
    { maxHeaderBytes: 1000, maxTensors: 3 },
  ]),
  parseSafetensors: call(io.parseSafetensors, () => [
    hs.saveSafetensors({ a: floats(2) }),
    { maxHeaderBytes: 1000, maxTensors: 3 },
  ]),
  saveCheckpoint: call(
    io.saveCheckpoint,
    () => [
      { model: model(), optimizer: new hs.SGD(model().parameters()) },
      { step: 1 },
      { metadata: { a: "b" } },
    ],
    {
      named: [1],
      also: {
        "1": ["null", "number", "string", "boolean", "array", "float tensor", "int tensor"],
        "2.metadata": "instance",
      },
    },
  ),
  loadCheckpoint: call(io.loadCheckpoint, () => [
    { model: model() },
    io.saveCheckpoint({ model: model() }, 1),
    { maxHeaderBytes: 5000, maxTensors: 30 },
  ]),
  fit: call(
    train.fit,
    () => {
      const trained = model();
      return [
        {
          ...{ model: trained, optimizer: new hs.SGD(trained.parameters()) },
          ...{ batches: [floats(1, 2)], step: (x: hs.Tensor) => trained.forward(x).sum() },
          ...{ epochs: 1, steps: 1, maxNorm: 5, scheduleEvery: "step" },
          ...{ onStep: () => {}, onEpoch: () => {}, signal: new AbortController().signal },
        },
      ];
    },
    { also: { "0.batches": ["function", "instance", "typed array"] } },
  ),
  parallelSupport: call(parallel.parallelSupport, () => []),
  "new DataParallel": made(
    parallel.DataParallel,
    () => [
      {
        ...{ model: model(), createWorker: () => new InProcessWorker(), workers: 2, shards: 2 },
        ...{ split: (batch: unknown) => [batch, batch], merge: () => {}, timeout: 5 },
      },
    ],
    {},
  ),
  "new PredictionPool": made(
    parallel.PredictionPool,
    () => [
      models.LanguageModel.build("to be or not", { hiddenSize: 2, embeddingSize: 2 }),
      { workers: 1, createWorker: () => new InProcessWorker(), timeout: 5 },
    ],
    { named: [0] },
  ),
  "new EarlyStopping": made(train.EarlyStopping, () => [{ patience: 2, minDelta: 0.1 }]),
  "EarlyStopping.update": method(
    () => new train.EarlyStopping({ patience: 2 }),
    "update",
    () => [1],
  ),
  "new BestWeights": made(train.BestWeights, () => [model()]),
  "BestWeights.keep": method(
    () => new train.BestWeights(model()),
    "keep",
    () => [],
  ),
  "BestWeights.dispose": method(
    () => new train.BestWeights(model()),
    "dispose",
    () => [],
  ),
  "new AveragedWeights": made(train.AveragedWeights, () => [model(), { decay: 0.9 }]),
  "AveragedWeights.update": method(
    () => new train.AveragedWeights(model()),
    "update",
    () => [],
  ),
  "AveragedWeights.dispose": method(
    () => new train.AveragedWeights(model()),
    "dispose",
    () => [],
  ),
  "AveragedWeights.use": method(
    () => {
      const averaged = new train.AveragedWeights(model());
      averaged.update();
      return averaged;
    },
    "use",
    () => [() => 1],
  ),
};

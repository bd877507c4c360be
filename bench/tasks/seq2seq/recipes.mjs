// For each task: how to read it, the model, and its training. What a source prescribes is as it has it. Those for which
// RESULTS.md has no figures yet are first guesses: nothing was chosen by their validation parts.
import { Seq2Seq } from "hiddenstate/models";
import { addition, captions, dates, dialogue, multi30k, treebank } from "./data.mjs";

const FIXED_WIDTH = { source: "characters", target: "characters" };

/** The networks of Saito: Deep Learning from Scratch 2, chapter 7, and their training. */
const BOOK = {
  ...FIXED_WIDTH,
  embeddingSize: 16,
  bidirectional: false,
  attention: "none",
  bridge: "copy",
  tieEmbeddings: "none",
  dropout: 0,
};
const BOOK_FIT = {
  batchSize: 128,
  learningRate: 1e-3,
  maxNorm: 5,
  schedule: "constant",
  warmup: 0,
  weightDecay: 0,
  averageEpochs: 0,
  metric: "exactMatch",
};
const adding = (model) => ({
  read: addition,
  model: { ...BOOK, hiddenSize: 128, ...model },
  fit: { ...BOOK_FIT, epochs: 25 },
});
const dating = (model, epochs) => ({
  read: dates,
  model: { ...FIXED_WIDTH, ...model },
  fit: { epochs, batchSize: 64, metric: "exactMatch" },
});

const parsing = (model) => ({
  read: treebank,
  model: {
    source: "words",
    target: "words",
    split: "whitespace",
    vocabulary: "separate",
    ...model,
  },
  fit: { epochs: 40, batchSize: 32, metric: "exactMatch" },
});

const recipes = {
  "addition-plain": adding({}),
  "addition-reversed": adding({ reverseSource: true }),
  "addition-peeky": adding({ peeky: true }),
  "addition-both": adding({ reverseSource: true, peeky: true }),
  "dates-plain": dating({ attention: "none" }, 10),
  "dates-peeky": dating({ attention: "none", peeky: true }, 10),
  "dates-attention": dating({}, 2),
  "de-en": {
    read: multi30k("de", "en"),
    model: {},
    fit: { epochs: 18, batchSize: 64, metric: "bleu" },
  },
  "de-en-without": {
    read: multi30k("de", "en"),
    model: { attention: "none" },
    fit: { epochs: 18, batchSize: 64, metric: "bleu" },
  },
  "en-de": {
    read: multi30k("en", "de"),
    model: { placement: "gnmt", numLayers: 4, residual: true },
    fit: { epochs: 14, batchSize: 64, metric: "bleu" },
  },
  parsing: parsing({}),
  "parsing-without": parsing({ attention: "none" }),
  dialogue: {
    read: dialogue(3),
    model: {},
    fit: { epochs: 15, batchSize: 64, metric: "perplexity" },
  },
  captions: {
    read: captions("en"),
    model: { attention: "none", peeky: true },
    fit: { epochs: 20, batchSize: 64, metric: "exactMatch" },
  },
};

export const RECIPES = Object.fromEntries(
  Object.entries(recipes).map(([name, { model, ...recipe }]) => [
    name,
    { ...recipe, build: (train, changes = {}) => Seq2Seq.build(train, { ...model, ...changes }) },
  ]),
);

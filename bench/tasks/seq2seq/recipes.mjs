// For each task: how to read it, the model, and its training. What a source prescribes is as it has it. Those for which
// RESULTS.md has no figures yet are first guesses: nothing was chosen by their validation parts.
import { Seq2Seq } from "hiddenstate/models";
import { initializers } from "hiddenstate/nn";
import { addition, dates, dialogue, multi30k, recreations, replies, treebank } from "./data.mjs";
import { reportParses, reportRecreations, reportReplies, reportTranslations } from "./report.mjs";

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

const translating = (from, to, model, epochs) => ({
  read: multi30k(from, to),
  model,
  fit: { epochs, batchSize: 64, metric: "bleu" },
  report: reportTranslations,
});

const parsing = (model) => ({
  read: treebank,
  model: {
    source: "words",
    target: "words",
    split: "whitespace",
    vocabulary: "separate",
    tieEmbeddings: "none",
    dropout: 0.4,
    ...model,
  },
  fit: { epochs: 15, batchSize: 32, metric: "perplexity" },
  report: reportParses,
});

/** Turns before a reply. */
const HISTORY = 3;
const REPLYING = {
  fit: { epochs: 10, batchSize: 64, metric: "perplexity" },
  report: reportReplies,
};

const recipes = {
  "addition-plain": adding({}),
  "addition-reversed": adding({ reverseSource: true }),
  "addition-peeky": adding({ peeky: true }),
  "addition-both": adding({ reverseSource: true, peeky: true }),
  "dates-plain": dating({ attention: "none" }, 5),
  "dates-peeky": dating({ attention: "none", peeky: true }, 5),
  "dates-attention": dating({}, 2),
  "de-en": translating("de", "en", {}, 12),
  "de-en-transformer": translating("de", "en", { architecture: "transformer" }, 16),
  "de-en-without": translating("de", "en", { attention: "none" }, 12),
  "en-de": translating("en", "de", { placement: "gnmt", numLayers: 4, residual: true }, 8),
  parsing: parsing({}),
  "parsing-without": parsing({ attention: "none" }),
  dialogue: { read: dialogue(HISTORY), model: {}, ...REPLYING },
  // A language model of the replies: the same decoder over the same tokens, with nothing to look at.
  "dialogue-without": { read: replies(HISTORY), model: {}, build: buildReplies, ...REPLYING },
  autoencoder: {
    read: recreations,
    model: {
      ...{ source: "subwords", target: "subwords", maxSize: 4000 },
      ...{ embeddingSize: 128, hiddenSize: 384, attention: "none", dropout: 0 },
      // The encoder's last state, of both directions: read at the beginning, and again at each step.
      ...{ bridge: "copy", peeky: true },
    },
    build: buildRemembering,
    fit: { epochs: 12, batchSize: 64, labelSmoothing: 0, metric: "exactMatch" },
    report: reportRecreations,
  },
};

/** Its LSTMs forget little from the start (Jozefowicz et al. 2015). */
function buildRemembering(train, model) {
  const made = Seq2Seq.build(train, model);
  for (const { recurrent } of [made.encoder, made.writer]) initializers.forgetBias(recurrent);
  return made;
}

/** Its tokens are those of the model that reads what was said. */
function buildReplies(train, model) {
  const { source, target } = Seq2Seq.build(
    train.map(({ said, target }) => ({ source: said, target })),
  );
  const tokenizers = { source: source.tokenizer, target: target.tokenizer };
  return new Seq2Seq(tokenizers, { attention: "none", tieEmbeddings: "all", ...model });
}

export const RECIPES = Object.fromEntries(
  Object.entries(recipes).map(([name, { model, build = Seq2Seq.build, ...recipe }]) => [
    name,
    {
      ...recipe,
      build: (train, changes = {}) => build.call(Seq2Seq, train, { ...model, ...changes }),
    },
  ]),
);

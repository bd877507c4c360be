// A label for a text.
import { accuracy } from "../../metrics/accuracy.js";
import { NaiveBayes } from "../../metrics/baselines.js";
import { lineChunks } from "../../data/source.js";
import type { Example } from "../../models/classifier/example.js";
import { TEXT_DEFAULTS } from "../../models/classifier/defaults.js";
import { CLASSIFIER_FIT_OPTIONS } from "../../models/classifier/options.js";
import type { ClassifierDetails } from "../../models/classifier/scorer.js";
import { SequenceClassifier } from "../../models/classifier/sequence-classifier.js";
import { passOver, type Examples } from "../../data/examples.js";
import { scoresText } from "../../metrics/metric.js";
import { flag, pickOptions, withDefaults, type OptionTable } from "../../core/options.js";
import {
  ALL_ENCODER_OPTIONS,
  encoderSettings,
  type EncoderOptions,
} from "../../models/parts/encoder-options.js";
import { text, TEXT_OPTIONS, type TextOptions } from "../../models/parts/text-input.js";
import { TOKENS_BY_THE_TEXT, TokenCounter } from "../../text/tokens.js";
import { wordNgrams } from "../../text/ngrams.js";
import { wordTokenize } from "../../text/words.js";
import { counted } from "../counted.js";
import { DATA_HELP, exampleFiles, withPlaces } from "../data/example-files.js";
import { flagOf } from "../flags.js";
import { defineTask, type Given } from "../task.js";

/** A table of more labels would not fit a screen. */
const MOST_LABELS = 12;

const files = exampleFiles<Example, SequenceClassifier>({
  columns: [
    { name: "text", kind: "text" },
    { name: "label", kind: "text", label: true },
  ],
  format: "tsv",
  example: ({ text, label }) => ({ input: text as string, label: label as string }),
  labelOf: ({ label }) => label,
  survey() {
    const labels = new Set<string>();
    let texts = 0;
    return {
      see({ label }) {
        texts++;
        labels.add(label);
      },
      describe: () => `${counted(texts, "text")} to learn from; ${counted(labels.size, "label")}`,
    };
  },
});

function optionsOf(given: Given): { input: TextOptions; encoder: EncoderOptions } {
  const encoder = pickOptions(ALL_ENCODER_OPTIONS as unknown as OptionTable, given);
  return { input: pickOptions(TEXT_OPTIONS, given), encoder };
}

export const classifier = defineTask<Examples<Example>, SequenceClassifier>({
  ...files,
  name: "classifier",
  kind: "sequence-classifier",
  summary: "labels for texts: sentiment, topic",
  description: "Learn to label texts: sentiment, topic, kind of question.",
  help: `Examples:
  hiddenstate train --task classifier --train train.tsv --valid dev.tsv --columns text=sentence,label=label
  hiddenstate train --task classifier --train reviews.csv --encoder convolutional --epochs 20
  hiddenstate train --task classifier --train texts.txt,labels.txt --valid dev.txt,dev-labels.txt
  echo "what a film !" | hiddenstate predict --model classifier.safetensors

Columns: text, label.
Scores for --metric: accuracy, macroF1, loss; by default accuracy.
Options that are not given are chosen by the data, and printed.

${DATA_HELP}`,
  model: { ...TEXT_OPTIONS, ...withDefaults(ALL_ENCODER_OPTIONS as OptionTable, TEXT_DEFAULTS) },
  training: CLASSIFIER_FIT_OPTIONS,

  check(given) {
    const { input, encoder } = optionsOf(given);
    const tokens = pickOptions(TOKENS_BY_THE_TEXT, input);
    new TokenCounter("train", tokens, TOKENS_BY_THE_TEXT, flagOf);
    encoderSettings("train", encoder, flagOf);
  },

  build({ train }, given) {
    const { input, encoder } = optionsOf(given);
    const options = { ...encoder, input: text(input) };
    return withPlaces(train, () =>
      typeof train.source === "function"
        ? SequenceClassifier.build(train.source, options)
        : SequenceClassifier.build(train.source, options),
    );
  },

  load: (bytes) => SequenceClassifier.load<string, string>(bytes),

  async examine(model, part) {
    const notes = await files.examine(model, part);
    const labels = new Set<string>();
    let count = 0;
    for await (const { label } of passOver(part.source)) {
      count++;
      labels.add(label);
    }
    return labels.size > MOST_LABELS && labels.size > 0.9 * count
      ? [...notes, `nearly every text of ${part.name} has a label of its own: are --columns right?`]
      : notes;
  },

  progress: ({ batchSize }) => ({ items: batchSize, unit: "text" }),

  report({ scores, details }, model) {
    const { confusion } = details as ClassifierDetails;
    const table =
      confusion.labels.length <= MOST_LABELS
        ? String(confusion)
        : confusion.labels
            .map((label) => {
              const { f1, support } = confusion.score(label);
              return `${label}: f1 ${(100 * f1).toFixed(2)} % of ${support}`;
            })
            .join("\n");
    return `${table}\n${scoresText(model.metrics, scores)}`;
  },

  details({ details }) {
    const { confusion } = details as ClassifierDetails;
    const scores = confusion.labels.map((label) => [label, confusion.score(label)]);
    return { byLabel: Object.fromEntries(scores) as object };
  },

  baseline({ train: { source: train } }, { source: heldOut }) {
    // What it counts would grow with a stream.
    if (typeof train === "function" || typeof heldOut === "function") return undefined;
    const features = (text: string) => wordNgrams(wordTokenize(text, { lowercase: true }), 2);
    const counted = new NaiveBayes(
      Array.from(train, ({ input, label }) => ({ features: features(input), label })),
    );
    const examples = [...heldOut];
    const predicted = examples.map(({ input }) => counted.predict(features(input)));
    const labels = examples.map(({ label }) => label);
    const scores = { accuracy: accuracy(predicted, labels) };
    return { name: "Naive Bayes over words and pairs of them", scores };
  },

  predict: {
    options: { json: flag(false, "JSON lines, with everything that the model finds") },
    help: `  classifier   the label; an empty line is a text, too, and has one`,
    async *lines(model, source, { json }) {
      for await (const lines of lineChunks(source))
        for (const prediction of model.predictBatch(lines))
          yield json ? JSON.stringify(prediction) : prediction.label;
    },
  },
});

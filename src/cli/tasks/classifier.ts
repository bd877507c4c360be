// A label for a text, on the command line.
import { Option, type Command } from "commander";
import { FormatError } from "../../core/errors.js";
import { accuracy } from "../../metrics/accuracy.js";
import { NaiveBayes } from "../../metrics/baselines.js";
import type { Example } from "../../models/classifier/example.js";
import { SequenceClassifier } from "../../models/sequence-classifier.js";
import { wordNgrams } from "../../text/ngrams.js";
import { wordTokenize } from "../../text/words.js";
import { numberWithin, wholeNumber } from "../values.js";
import { someOf } from "./checks.js";
import { eachExample } from "./open-examples.js";
import { given, percent, scoresText, type Task } from "./task.js";

const OPTIONS = {
  cut: "cut",
  minCount: "minCount",
  lowercase: "lowercase",
  embedding: "embeddingSize",
  wordDropout: "wordDropout",
  encoder: "encoder",
  cell: "cell",
  hidden: "hiddenSize",
  layers: "numLayers",
  pooling: "pooling",
  filters: "filters",
  dropout: "dropout",
  inputDropout: "inputDropout",
};

/** A table of more labels would not fit a screen. */
const MOST_LABELS = 12;

export const classifier: Task<Example, SequenceClassifier> = {
  name: "classifier",
  kind: "sequence-classifier",
  data: {
    roles: [
      { name: "text", list: false },
      { name: "label", list: false },
    ],
    format: "tsv",
  },

  options(command: Command): Command {
    const share = numberWithin({ least: 0, below: 1 });
    return command
      .addOption(
        new Option(
          "--cut <kind>",
          "words and marks, or what stands between blanks (default: words)",
        ).choices(["words", "blanks"]),
      )
      .option("--min-count <n>", "rarer words are unknown (default: 1)", wholeNumber(1))
      .option("--lowercase", "fold letters to lower case")
      .option("--embedding <n>", "size of a word's vector (default: 128)", wholeNumber(1))
      .addOption(
        new Option("--encoder <kind>", "what reads the words (default: rnn)").choices([
          ...["rnn", "mean", "cnn"],
        ]),
      )
      .option(
        "--hidden <n>",
        "size of the state, or of the mean's layer (default: 128)",
        wholeNumber(0),
      )
      .option("--layers <n>", "recurrent layers (default: 1)", wholeNumber(1))
      .addOption(
        new Option("--cell <kind>", "of the rnn (default: lstm)").choices(["lstm", "gru", "rnn"]),
      )
      .addOption(
        new Option("--pooling <kind>", "what becomes of the rnn's outputs (default: max)").choices([
          ...["last", "mean", "max", "attention"],
        ]),
      )
      .option("--filters <n>", "of each width, of the cnn (default: 100)", wholeNumber(1))
      .option("--dropout <p>", "share of values dropped in training (default: 0.3)", share)
      .option(
        "--input-dropout <p>",
        "of the words' vectors, at every word alike (default: 0)",
        share,
      )
      .option(
        "--word-dropout <p>",
        "share of words read as unknown in training (default: 0)",
        share,
      )
      .option(
        "--label-smoothing <s>",
        "share of the target spread over all labels (default: 0)",
        share,
      );
  },

  example: ({ text, label }) => ({ input: text as string, label: label as string }),

  survey() {
    const labels = new Set<string>();
    let texts = 0;
    return {
      see({ label }) {
        texts++;
        labels.add(label);
      },
      describe: () => `${texts} texts to learn from; ${labels.size} labels`,
      decide: (settings) => settings,
    };
  },

  build: (examples, settings) => SequenceClassifier.forText(examples, given(settings, OPTIONS)),

  fit: (model, examples, validation, options, settings) =>
    model.fit(examples, {
      ...(options as object),
      ...given(settings, { labelSmoothing: "labelSmoothing" }),
      ...(validation && { validation }),
    }),

  load: (bytes) => SequenceClassifier.load<string, string>(bytes),

  async check({ labels }, examples, file) {
    const kinds = new Set<string>();
    let count = 0;
    await eachExample(examples, ({ label }) => {
      count++;
      kinds.add(label);
      if (!labels.has(label))
        throw new FormatError({
          op: "read",
          expected: `a label that the training data have: ${someOf(labels.tokens)}`,
          got: `${JSON.stringify(label)} (${file}, example ${count})`,
          cure: "Give examples of it to --train, leave it out, or name other --columns.",
        });
    });
    return kinds.size > MOST_LABELS && kinds.size > 0.9 * count
      ? `nearly every text of ${file} has a label of its own: are --columns right?`
      : undefined;
  },

  async evaluate(model, examples) {
    const { confusion, ...scores } = await model.evaluate(examples);
    const byLabel = Object.fromEntries(
      confusion.labels.map((label) => [label, confusion.score(label)]),
    );
    const table =
      confusion.labels.length <= MOST_LABELS
        ? String(confusion)
        : Object.entries(byLabel)
            .map(([label, { f1, support }]) => `${label}: f1 ${percent(f1)} of ${support}`)
            .join("\n");
    return { scores, details: { byLabel }, report: `${table}\n${scoresText(scores)}` };
  },

  baseline(train, heldOut) {
    const features = (text: string) => wordNgrams(wordTokenize(text, { lowercase: true }), 2);
    const counted = new NaiveBayes(
      train.map(({ input, label }) => ({ features: features(input), label })),
    );
    const said = heldOut.map(({ input }) => counted.predict(features(input)));
    const right = accuracy(
      said,
      heldOut.map(({ label }) => label),
    );
    return `Naive Bayes over words and pairs of them: accuracy ${percent(right)}.`;
  },
};

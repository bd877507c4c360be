// A label for a text.
import { answersOf } from "../answers.js";
import { NaiveBayes } from "../../metrics/baselines.js";
import { confusionMatrix } from "../../metrics/confusion-matrix.js";
import { scoresText, scoreText, SHARE, withLabelScore } from "../../metrics/metric.js";
import { lineChunks } from "../../data/source.js";
import { passOver, type Examples } from "../../data/examples.js";
import { flag } from "../../core/options.js";
import type { Example } from "../../models/classifier/example.js";
import { CLASSIFIER_FIT_OPTIONS } from "../../models/classifier/options.js";
import type { ClassifierDetails } from "../../models/classifier/scorer.js";
import { SequenceClassifier } from "../../models/classifier/sequence-classifier.js";
import { counted } from "../counted.js";
import { DATA_HELP, exampleFiles } from "../data/example-files.js";
import { defineTask } from "../task.js";
import { features, labelling, strangersIn, unknownText } from "./text-labels.js";

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

/** Whether labels hardly repeat: they may be texts. */
async function looksUnlike(examples: Examples<Example>): Promise<boolean> {
  const labels = new Set<string>();
  let count = 0;
  for await (const { label } of passOver(examples)) {
    count++;
    labels.add(label);
  }
  return labels.size > MOST_LABELS && labels.size > 0.9 * count;
}

const labelsOf = ({ label }: Example) => [label];

export const classifier = defineTask<Examples<Example>, SequenceClassifier>({
  ...files,
  ...labelling<Example, SequenceClassifier>(labelsOf, (source, options) =>
    typeof source === "function"
      ? SequenceClassifier.build(source, options)
      : SequenceClassifier.build(source, options),
  ),
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
Scores for --metric: accuracy, macroF1, loss, and f1:LABEL for that of one label; by default accuracy.
Texts with several labels each: --task multi-label-classifier.
Options that are not given are chosen by the data, and printed.

${DATA_HELP}`,
  training: CLASSIFIER_FIT_OPTIONS,

  load: (bytes) => SequenceClassifier.load<string, string>(bytes),

  async examine(model, part, training) {
    const notes = [...(await files.examine(model, part, training))];
    notes.push(...(await strangersIn(model.labels, part, labelsOf)));
    if (training && (await looksUnlike(part.source)))
      notes.push(`nearly every text of ${part.name} has a label of its own: are --columns right?`);
    return notes;
  },

  report({ scores, details }, model) {
    const { confusion, unknownWords } = details as ClassifierDetails;
    const table =
      confusion.labels.length <= MOST_LABELS
        ? String(confusion)
        : confusion.labels
            .map((label) => {
              const { f1, support } = confusion.score(label);
              return `${label}: f1 ${scoreText(SHARE, f1)} of ${support}`;
            })
            .join("\n");
    return `${table}\n${scoresText(model.metrics, scores)}${unknownText(unknownWords)}`;
  },

  details({ details }) {
    const { confusion, unknownWords } = details as ClassifierDetails;
    const scores = confusion.labels.map((label) => [label, confusion.score(label)]);
    return { unknownWords, byLabel: Object.fromEntries(scores) as object };
  },

  baseline({ train: { source: train } }, { source: heldOut }, _, metric) {
    // What it counts would grow with a stream.
    if (typeof train === "function" || typeof heldOut === "function") return undefined;
    const counted = new NaiveBayes(
      Array.from(train, ({ input, label }) => ({ features: features(input), label })),
    );
    const examples = [...heldOut];
    const confusion = confusionMatrix(
      examples.map(({ input }) => counted.predict(features(input))),
      examples.map(({ label }) => label),
    );
    const { accuracy, macroF1, labels } = confusion;
    const scores = withLabelScore({ accuracy, macroF1 }, metric, (label) =>
      labels.includes(label) ? confusion.score(label).f1 : 0,
    );
    return { name: "Naive Bayes over words and pairs of them", scores };
  },

  predict: {
    byWorkers: true,
    options: { json: flag(false, "JSON lines, with everything that the model finds") },
    help: `  classifier   the label; an empty line is a text, too, and has one`,
    async *lines(model, source, { json }) {
      for await (const lines of lineChunks(source))
        for (const prediction of await answersOf(model, lines))
          yield json ? JSON.stringify(prediction) : prediction.label;
    },
  },
});

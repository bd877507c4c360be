// Any number of labels for a text.
import { answersOf } from "../answers.js";
import { NaiveBayes } from "../../metrics/baselines.js";
import { LabelSetCounter } from "../../metrics/label-sets.js";
import { scoresText, scoreText, SHARE, withLabelScore } from "../../metrics/metric.js";
import { lineChunks } from "../../data/source.js";
import type { Examples } from "../../data/examples.js";
import { flag } from "../../core/options.js";
import type { MultiLabelExample } from "../../models/classifier/example.js";
import { MultiLabelClassifier } from "../../models/classifier/multi-label-classifier.js";
import type { MultiLabelDetails } from "../../models/classifier/multi-label-scorer.js";
import { MULTI_LABEL_FIT_OPTIONS } from "../../models/classifier/options.js";
import { counted } from "../counted.js";
import { DATA_HELP, exampleFiles } from "../data/example-files.js";
import { defineTask, type Given } from "../task.js";
import { strangersIn } from "./label-notes.js";
import { features, labelling, unknownText } from "./text-labels.js";

const files = exampleFiles<MultiLabelExample, MultiLabelClassifier>({
  columns: [
    { name: "text", kind: "text" },
    { name: "labels", kind: "text", label: true, several: true },
  ],
  format: "tsv",
  // A text that nothing separates is one label.
  example: ({ text, labels }) => ({
    input: text as string,
    labels: typeof labels === "string" ? [labels] : (labels as readonly string[]),
  }),
  survey() {
    const known = new Set<string>();
    let [texts, labels] = [0, 0];
    return {
      see(example) {
        texts++;
        labels += example.labels.length;
        for (const label of example.labels) known.add(label);
      },
      describe: () =>
        `${counted(texts, "text")} to learn from; ${counted(known.size, "label")}, ` +
        `${(labels / texts).toFixed(2)} a text`,
    };
  },
});

const share = (value: number) => scoreText(SHARE, value);
const labelsOf = ({ labels }: MultiLabelExample) => labels;

export const multiLabel = defineTask<Examples<MultiLabelExample>, MultiLabelClassifier>({
  ...files,
  ...labelling<MultiLabelExample, MultiLabelClassifier>(labelsOf, (source, options) =>
    typeof source === "function"
      ? MultiLabelClassifier.build(source, options)
      : MultiLabelClassifier.build(source, options),
  ),
  name: "multi-label-classifier",
  kind: "multi-label-classifier",
  summary: "several labels for a text: topics, genres",
  description: "Learn to label texts with any number of labels each: topics, genres, symptoms.",
  help: `Examples:
  hiddenstate train --task multi-label-classifier --train films.tsv --columns text=plot,labels=genres --label-separator "|"
  hiddenstate train --task multi-label-classifier --train articles.jsonl --metric macroF1
  echo "a sad song" | hiddenstate predict --model multi-label-classifier.safetensors --json

Columns: text, labels. In a table or a text file the labels of a text stand between --label-separator; none is an
empty value. In JSON they are a list: {"text": "…", "labels": ["sad", "music"]}.
A label is given where its probability reaches a threshold; the validation data choose it, by microF1.
Scores for --metric: microF1, macroF1, sampleAccuracy (all labels of a text are right), loss, and f1:LABEL for that
of one label; by default microF1.
Options that are not given are chosen by the data, and printed.

${DATA_HELP}`,
  training: MULTI_LABEL_FIT_OPTIONS,

  load: (bytes) => MultiLabelClassifier.load<string, string>(bytes),

  async examine(model, part, training) {
    const notes = await files.examine(model, part, training);
    return [...notes, ...(await strangersIn(model.labels, part, labelsOf, "text"))];
  },

  report({ scores, details }, model) {
    const { byLabel, threshold, unknownWords } = details as MultiLabelDetails;
    const rows = Object.entries(byLabel).map(
      ([label, { f1, precision, recall, support }]) =>
        `${label}: f1 ${share(f1)}, precision ${share(precision)}, recall ${share(recall)} of ${support}`,
    );
    return (
      `${rows.join("\n")}\n${scoresText(model.metrics, scores)}; ` +
      `labels from a probability of ${threshold} on${unknownText(unknownWords)}`
    );
  },

  details({ details }) {
    const { byLabel, threshold, unknownWords } = details as MultiLabelDetails;
    return { threshold, unknownWords, byLabel };
  },

  baseline: naiveBayes,

  predict: {
    byWorkers: true,
    options: { json: flag(false, "JSON lines, with everything that the model finds") },
    help: `  multi-label-classifier
               the labels, the most probable first, between the --label-separator of the training, or commas`,
    async *lines(model, source, { json }: Given) {
      const separator = (model.notes.data?.labelSeparator as string | undefined) ?? ",";
      for await (const lines of lineChunks(source))
        for (const prediction of await answersOf(model, lines))
          yield json ? JSON.stringify(prediction) : prediction.labels.join(separator);
    },
  },
});

/** Of more labels and texts together, counting would take longer than the training. */
const MOST_COUNTED = 500_000;

/** Each label by itself: there or not. */
function naiveBayes(
  { train: { source: train } }: { train: { source: Examples<MultiLabelExample> } },
  { source: heldOut }: { source: Examples<MultiLabelExample> },
  { labels }: MultiLabelClassifier,
  metric: string | undefined,
) {
  // What it counts would grow with a stream.
  if (typeof train === "function" || typeof heldOut === "function") return undefined;
  const learnt = Array.from(train, (one) => ({ ...one, features: features(one.input) }));
  if (learnt.length * labels.size > MOST_COUNTED) return undefined;
  const tested = Array.from(heldOut, (one) => ({ ...one, features: features(one.input) }));
  const given = tested.map(() => [] as string[]);
  for (const label of labels.tokens) {
    const counts = new NaiveBayes<"yes" | "no">(
      learnt.map((one) => ({
        features: one.features,
        label: one.labels.includes(label) ? "yes" : "no",
      })),
    );
    tested.forEach((one, i) => counts.predict(one.features) === "yes" && given[i]!.push(label));
  }
  const counter = new LabelSetCounter();
  tested.forEach((one, i) => counter.add(given[i]!, one.labels));
  const { microF1, macroF1, sampleAccuracy, byLabel } = counter.scores();
  const scores = withLabelScore(
    { microF1, macroF1, sampleAccuracy },
    metric,
    (label) => byLabel[label]?.f1 ?? 0,
  );
  return { name: "Naive Bayes for each label", scores };
}

// A label for a text.
import { answersOf } from "../answers.js";
import { NaiveBayes } from "../../metrics/baselines.js";
import { confusionMatrix } from "../../metrics/confusion-matrix.js";
import { withLabelScore } from "../../metrics/metric.js";
import { lineChunks } from "../../data/source.js";
import type { Examples } from "../../data/examples.js";
import { flag } from "../../core/options.js";
import type { Example } from "../../models/classifier/example.js";
import { CLASSIFIER_FIT_OPTIONS } from "../../models/classifier/options.js";
import type { ClassifierDetails } from "../../models/classifier/scorer.js";
import { SequenceClassifier } from "../../models/classifier/sequence-classifier.js";
import { DATA_HELP, exampleFiles } from "../data/example-files.js";
import { defineTask } from "../task.js";
import {
  byLabel,
  countSurvey,
  labelNotes,
  labelReport,
  labelsOf,
  labelSurvey,
} from "./one-label.js";
import { features, labelling, unknownText } from "./text-labels.js";

const files = exampleFiles<Example, SequenceClassifier>({
  columns: [
    { name: "text", kind: "text" },
    { name: "label", kind: "text", label: true },
  ],
  format: "tsv",
  example: ({ text, label }) => ({ input: text as string, label: label as string }),
  labelOf: ({ label }) => label,
  survey: () => labelSurvey(countSurvey("text")),
});

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

  examine: async (model, part, training) => [
    ...(await files.examine(model, part, training)),
    ...(await labelNotes(model, part, training, "text")),
  ],

  report: (evaluation, model) =>
    labelReport(evaluation, model) +
    unknownText((evaluation.details as ClassifierDetails).unknownWords),
  details: (evaluation) => ({
    unknownWords: (evaluation.details as ClassifierDetails).unknownWords,
    ...byLabel(evaluation),
  }),

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

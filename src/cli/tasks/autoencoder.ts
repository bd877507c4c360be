// Series to vectors and back: what is unlike the series that it learnt.
import { UsageError } from "../usage.js";
import { answersOf } from "../answers.js";
import { FormatError } from "../../core/errors.js";
import { flag, pickOptions, type OptionTable } from "../../core/options.js";
import { passOver, type Examples } from "../../data/examples.js";
import { lineChunks } from "../../data/source.js";
import { scoresText, scoreText, SHARE } from "../../metrics/metric.js";
import type { AutoencoderExample } from "../../models/autoencoder/example.js";
import { AUTOENCODER_FIT_OPTIONS, AUTOENCODER_OPTIONS } from "../../models/autoencoder/options.js";
import type { AutoencoderDetails } from "../../models/autoencoder/scorer.js";
import { SequenceAutoencoder } from "../../models/autoencoder/sequence-autoencoder.js";
import { series, SERIES_OPTIONS, type Series } from "../../models/parts/series-input.js";
import { DATA_HELP, exampleFiles, withPlaces } from "../data/example-files.js";
import { numbersIn, type Value } from "../data/fields.js";
import { defineTask, type Given } from "../task.js";
import { pcaBaseline } from "./pca-baseline.js";
import { fewToLearnFrom } from "./unlearnt.js";

/** What says that a series is an anomaly, and what that it is normal. */
const SAYS = new Map([
  ...["1", "true", "yes", "anomaly"].map((text) => [text, true] as const),
  ...["0", "false", "no", "normal"].map((text) => [text, false] as const),
]);

function anomalyIn(label: string, place: string): boolean {
  const anomaly = SAYS.get(label.toLowerCase());
  if (anomaly !== undefined) return anomaly;
  throw new FormatError({
    op: "read",
    expected: "1 or 0, true or false, yes or no, anomaly or normal as label",
    got: `${JSON.stringify(label)} (${place})`,
  });
}

/** Numbers one after another are steps, or, where a step has several, cut by the model. */
const seriesOf = (value: Value): Series => {
  const lists = value as readonly number[] | readonly (readonly number[])[];
  return typeof lists[0] === "number"
    ? Float32Array.from(lists as readonly number[])
    : (lists as readonly (readonly number[])[]);
};

const files = exampleFiles<AutoencoderExample, SequenceAutoencoder>({
  columns: [
    { name: "series", kind: "numbers" },
    { name: "label", kind: "text", label: true, optional: true },
  ],
  format: "csv",
  example: ({ series, label }, place) => ({
    input: seriesOf(series!),
    ...(label !== undefined && { anomaly: anomalyIn(label as string, place) }),
  }),
  survey() {
    let count = 0;
    return {
      see: () => void count++,
      describe: () => `${count} series to learn from`,
      notes: () => fewToLearnFrom(count, "series"),
    };
  },
});

/** As they are given to `build`: a number a step, where nothing else is said. */
async function optionsOf(source: Examples<AutoencoderExample>, given: Given) {
  let first: Series | undefined;
  for await (const { input } of passOver(source)) {
    first = input;
    break;
  }
  const own = pickOptions(SERIES_OPTIONS, given);
  const features = first instanceof Float32Array ? { features: 1 } : {};
  return { ...pickOptions(AUTOENCODER_OPTIONS, given), input: series({ ...features, ...own }) };
}

/** A series in a line: JSON, or numbers with blanks, commas or semicolons between. */
function seriesIn(line: string, number: number): Series {
  const value = numbersIn(line.trim().startsWith("[") ? parsed(line) : line);
  if (value) return seriesOf(value);
  throw new FormatError({
    op: "predict",
    expected: "a series: numbers with blanks or commas between, or a list in JSON",
    got: `${JSON.stringify(line.slice(0, 60))} (standard input, line ${number})`,
  });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

export const autoencoder = defineTask<Examples<AutoencoderExample>, SequenceAutoencoder>({
  ...files,
  name: "autoencoder",
  noun: "sequence autoencoder",
  kind: "sequence-autoencoder",
  summary: "vectors of series, and what is unlike the others: anomalies",
  description: "Learn series without labels: a vector for each, and how unlike the others one is.",
  help: `Examples:
  hiddenstate train --task autoencoder --train normal.jsonl --valid dev.jsonl --test test.jsonl
  hiddenstate train --task autoencoder --train motors.csv --columns series=vibration --features 3
  hiddenstate predict --model autoencoder.safetensors < new.txt > scores.tsv
  hiddenstate predict --model autoencoder.safetensors --encode < new.txt > vectors.tsv

Columns: series, label.
  series   numbers with blanks between; in JSON a list of numbers, or of steps: [[0.1, 20], [0.2, 21]]
  label    in --valid, --test and --data: 1 or 0, true or false, yes or no, anomaly or normal; without it all are normal
What is learnt must be normal. The validation data choose the weights, and from the errors of their normal series the threshold.
Scores for --metric: error (1 is what the mean reaches), and where there are anomalies auc; by default error.
Options that are not given are chosen by the data, and printed.

${DATA_HELP}`,
  model: {
    ...(AUTOENCODER_OPTIONS as OptionTable),
    ...(SERIES_OPTIONS as OptionTable),
  },
  training: AUTOENCODER_FIT_OPTIONS,

  build: ({ train }, given) =>
    withPlaces(train, async () => {
      const options = await optionsOf(train.source, given);
      return typeof train.source === "function"
        ? SequenceAutoencoder.build(train.source, options)
        : SequenceAutoencoder.build(train.source, options);
    }),
  load: (bytes) => SequenceAutoencoder.load(bytes),
  lengthUnit: () => "step",
  progress: ({ batchSize }) => ({ items: batchSize, unit: "series" }),

  report({ scores, details }, { metrics }) {
    const { normal, anomalies, threshold, falseAlarms, decisions } = details as AutoencoderDetails;
    const share = (value: number) => scoreText(SHARE, value);
    const alarms = `above ${threshold.toPrecision(4)}: ${falseAlarms} of ${normal} normal series`;
    if (!decisions) return `${scoresText(metrics, scores)}; ${alarms}`;
    return (
      `${scoresText(metrics, scores)}; ${alarms}, precision ${share(decisions.precision)}, ` +
      `recall ${share(decisions.recall)} of ${anomalies} anomalies`
    );
  },
  details: ({ details }) => details as object,
  baseline: ({ train }, { source }, model) => pcaBaseline(train.source, source, model),

  predict: {
    byWorkers: true,
    options: {
      json: flag(false, "JSON lines, with everything that the model finds"),
      encode: flag(false, "autoencoder: the vector of each series instead"),
    },
    help: `  autoencoder  for a series, numbers with blanks between or a list in JSON: its error, a tab, normal or anomaly;
               with --encode the numbers of its vector, with tabs between`,
    check({ encode, workers = 1 }) {
      if (encode && workers !== 1)
        throw new UsageError({ op: "predict", expected: "--encode or --workers", got: "both" });
    },
    async *lines(model, source, { json, encode }) {
      let line = 0;
      for await (const lines of lineChunks(source)) {
        const read = lines.map((text) => seriesIn(text, ++line));
        if (encode) {
          for (const vector of model.encodeBatch(read))
            yield json ? JSON.stringify(Array.from(vector)) : vector.join("\t");
          continue;
        }
        for (const { score, anomaly, stepErrors, reconstruction } of await answersOf(model, read))
          yield json
            ? JSON.stringify({
                ...{ score, anomaly },
                stepErrors: Array.from(stepErrors),
                reconstruction: Array.from(reconstruction),
              })
            : `${score.toPrecision(6)}\t${anomaly ? "anomaly" : "normal"}`;
      }
    },
  },
});

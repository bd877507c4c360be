// A label for a recording.
import { flag, pickOptions, type OptionTable } from "../../core/options.js";
import type { Sound } from "../../audio/wav.js";
import type { Examples } from "../../data/examples.js";
import { lineChunks } from "../../data/source.js";
import { majorityClass } from "../../metrics/baselines.js";
import { confusionMatrix } from "../../metrics/confusion-matrix.js";
import { withLabelScore } from "../../metrics/metric.js";
import type { Example } from "../../models/classifier/example.js";
import { CLASSIFIER_FIT_OPTIONS } from "../../models/classifier/options.js";
import { SequenceClassifier } from "../../models/classifier/sequence-classifier.js";
import {
  ALL_ENCODER_OPTIONS,
  encoderSettings,
  type EncoderOptions,
} from "../../models/parts/encoder-options.js";
import type { Recording } from "../../models/parts/recording.js";
import { sound, SOUND_OPTIONS, type SoundOptions } from "../../models/parts/sound-input.js";
import { DATA_HELP, exampleFiles, withPlaces } from "../data/example-files.js";
import { MOST_HELD, SoundSurvey } from "../data/sound-files.js";
import { readWavFile } from "../data/wav-file.js";
import { flagOf } from "../flags.js";
import { defineTask, type Given } from "../task.js";
import { adviceOn } from "./label-notes.js";
import { byLabel, labelNotes, labelReport, labelsOf, labelSurvey } from "./one-label.js";
import { checkWeights } from "./text-labels.js";

/** A recording as its file has it. */
interface LabelledSound extends Example<Recording> {
  readonly input: Sound;
  /** Its file. */
  readonly name: string;
}
type SoundClassifier = SequenceClassifier<string, Recording>;

const THING = "recording";

const files = exampleFiles<LabelledSound, SoundClassifier>({
  columns: [
    { name: "path", kind: "file" },
    { name: "label", kind: "text", label: true },
  ],
  format: "tsv",
  example({ path, label }, place) {
    const { sampleRate, channels } = readWavFile(path as string, place);
    return {
      input: { sampleRate, channels },
      label: label as string,
      name: path as string,
    };
  },
  labelOf: ({ label }) => label,
  printOf: ({ name, label }) => [name, label],
  mostHeld: MOST_HELD,
  survey() {
    const recordings = new SoundSurvey();
    return labelSurvey({
      see: ({ input }) => recordings.see(input),
      describe: () => recordings.describe(),
    });
  },
});

const ENCODER: OptionTable = {
  ...(ALL_ENCODER_OPTIONS as OptionTable),
  encoder: {
    ...(ALL_ENCODER_OPTIONS as OptionTable).encoder!,
    help: "what reads the recording (default: recurrent, or what other options are of)",
  },
};

function optionsOf(given: Given): { encoder: EncoderOptions; input: SoundOptions } {
  const encoder = pickOptions(ENCODER, given) as EncoderOptions;
  return { encoder, input: pickOptions(SOUND_OPTIONS, given) };
}

export const soundClassifier = defineTask<Examples<LabelledSound>, SoundClassifier>({
  ...files,
  name: "sound-classifier",
  noun: "classifier of recordings",
  kind: "sequence-classifier",
  input: "sound",
  summary: "labels for recordings: key words, speakers, noises",
  description: "Learn to label recordings, from WAV files: key words, speakers, noises.",
  help: `Examples:
  hiddenstate train --task sound-classifier --train train.tsv --valid dev.tsv --test test.tsv
  hiddenstate train --task sound-classifier --train commands.csv --columns path=file,label=word --n-mels 64
  hiddenstate evaluate --model sound-classifier.safetensors --data test.tsv
  hiddenstate predict --model sound-classifier.safetensors a.wav b.wav

Columns: path, label. A path is meant from the folder of the data file.
Scores for --metric: accuracy, macroF1, loss, and f1:LABEL for that of one label; by default accuracy.
Options that are not given are chosen by the data, and printed.

${DATA_HELP}`,
  model: { ...ENCODER, ...(SOUND_OPTIONS as OptionTable) },
  training: CLASSIFIER_FIT_OPTIONS,

  check: (given) => void encoderSettings("train", optionsOf(given).encoder, flagOf),
  checkRun: ({ labels }, given) => checkWeights(labels, given),
  build({ train }, given) {
    const { encoder, input } = optionsOf(given);
    const options = { ...encoder, input: sound(input) };
    const { source } = train;
    return withPlaces(train, () =>
      typeof source === "function"
        ? SequenceClassifier.build<string, Recording>(source, options)
        : SequenceClassifier.build<string, Recording>(source, options),
    );
  },
  load: (bytes) => SequenceClassifier.load<string, Recording>(bytes),

  examine: async (model, part, training) => [
    ...(await files.examine(model, part, training)),
    ...(await labelNotes(model, part, training, THING)),
  ],
  advise: (parts) => adviceOn(parts, labelsOf, THING),
  lengthUnit: () => "frame",
  progress: ({ batchSize }) => ({ items: batchSize, unit: THING }),

  report: labelReport,
  details: byLabel,
  /** The label that most recordings have, for all. */
  baseline({ train: { source: train } }, { source: heldOut }, _, metric) {
    if (typeof train === "function" || typeof heldOut === "function") return undefined;
    const frequent = majorityClass(Array.from(train, ({ label }) => label));
    const labels = Array.from(heldOut, ({ label }) => label);
    const confusion = confusionMatrix(
      labels.map(() => frequent),
      labels,
    );
    const { accuracy, macroF1 } = confusion;
    const scores = withLabelScore({ accuracy, macroF1 }, metric, (label) =>
      confusion.labels.includes(label) ? confusion.score(label).f1 : 0,
    );
    return { name: `The most frequent label, ${JSON.stringify(frequent)}`, scores };
  },

  predict: {
    options: { json: flag(false, "JSON lines, with everything that the model finds") },
    help: `  sound-classifier
               the label of each WAV file`,
    operands: "WAV files",
    async *lines(model, source, { json }) {
      for await (const paths of lineChunks(source))
        for (const path of paths) {
          const prediction = model.predict(readWavFile(path));
          yield json ? JSON.stringify({ path, ...prediction }) : prediction.label;
        }
    },
  },
});

// What is said in recordings.
import { pickOptions } from "../../core/options.js";
import type { Examples } from "../../data/examples.js";
import { scoresText } from "../../metrics/metric.js";
import type { SpeechExample } from "../../models/speech/example.js";
import { BUILD_SPEECH_OPTIONS, SPEECH_FIT_OPTIONS } from "../../models/speech/options.js";
import type { SpeechDetails } from "../../models/speech/scorer.js";
import { SpeechRecognizer } from "../../models/speech/speech-recognizer.js";
import { counted } from "../counted.js";
import { DATA_HELP, exampleFiles, withPlaces } from "../data/example-files.js";
import { MOST_HELD, SoundSurvey } from "../data/sound-files.js";
import { readWavFile } from "../data/wav-file.js";
import { defineTask } from "../task.js";
import { predictSpeech, SEARCH, searchOf } from "./predict-speech.js";
import { fewToLearnFrom } from "./unlearnt.js";

const files = exampleFiles<SpeechExample, SpeechRecognizer>({
  columns: [
    { name: "path", kind: "file" },
    { name: "text", kind: "text" },
  ],
  format: "tsv",
  example({ path, text }, place) {
    const { sampleRate, channels } = readWavFile(path as string, place);
    return { sampleRate, channels, text: text as string, name: path as string };
  },
  printOf: ({ name, text }) => [name, text],
  mostHeld: MOST_HELD,
  survey: () => new SoundSurvey(),
});

const SILENT =
  "Nothing was heard: a recognizer says nothing until it has learnt enough. More --steps help, and where recordings are few or short, fewer changes of them: --time-masks 0 --frequency-masks 0 --noise 0.";

export const speech = defineTask<Examples<SpeechExample>, SpeechRecognizer>({
  ...files,
  name: "speech",
  noun: "recognizer of speech",
  kind: "speech-recognizer",
  summary: "what is said in recordings: digits, commands, sentences",
  description: "Learn what is said in recordings, from WAV files with their texts.",
  help: `Examples:
  hiddenstate train --task speech --train train.tsv --valid dev.tsv --test test.tsv
  hiddenstate train --task speech --train train.tsv --streaming --out live.safetensors
  hiddenstate evaluate --model speech.safetensors --data test.tsv
  hiddenstate predict --model speech.safetensors a.wav b.wav
  arecord -t raw -f S16_LE -r 16000 | hiddenstate predict --model live.safetensors --stream --sample-rate 16000

Columns: path, text. A path is meant from the folder of the data file. Texts are learnt as they stand: case and punctuation count.
A label is a character, or a word where there are few: --units. --streaming reads forwards only, for predict --stream.
Scores for --metric: wer, cer, loss; by default wer, the word error rate.
Options that are not given are chosen by the data, and printed.

${DATA_HELP}`,
  model: BUILD_SPEECH_OPTIONS,
  training: SPEECH_FIT_OPTIONS,
  other: SEARCH,

  build: ({ train }, given) => {
    const options = pickOptions(BUILD_SPEECH_OPTIONS, given);
    const { source } = train;
    return withPlaces(train, () =>
      typeof source === "function"
        ? SpeechRecognizer.build(source, options)
        : SpeechRecognizer.build(source, options),
    );
  },
  load: (bytes) => SpeechRecognizer.load(bytes),

  advise: ({ train: { source } }) =>
    Promise.resolve(
      typeof source === "function" ? [] : fewToLearnFrom([...source].length, "recording"),
    ),
  lengthUnit: () => "frame",
  progress: ({ batchSize }) => ({ items: batchSize, unit: "recording" }),

  report({ scores, details }, { metrics }) {
    const { words, right, recordings } = details as SpeechDetails;
    const { substitutions, insertions, deletions, length } = words;
    return [
      scoresText(metrics, scores),
      `of ${counted(length, "word")} ${substitutions} substituted, ${insertions} inserted, ${deletions} deleted; ${right} of ${counted(recordings, "recording")} right`,
      // CTC learns to be silent first, and some runs end there.
      ...(length > 0 && deletions === length ? [SILENT] : []),
    ].join("\n");
  },
  details: ({ details }) => details as object,
  evaluation: {
    options: SEARCH,
    run: async (model, source, given) => model.evaluate(source, await searchOf(model, given)),
    endsWithJson: true,
  },
  // A training scores the best label of each step, without a search.
  scoresValidation: true,
  // Nothing that counts hears.
  baseline: () => undefined,

  predict: predictSpeech,
});

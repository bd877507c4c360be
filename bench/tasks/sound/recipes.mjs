// What was chosen by the validation parts.
import { SequenceClassifier, sound, SpeechRecognizer } from "hiddenstate/models";
import { dateDigits, RATE, readRecordings, SPEAKERS, strings } from "./data.mjs";
import { reportDates, reportDigits, reportStrings } from "./report.mjs";

const [TRAINING, VALIDATION, TEST] = [2400, 200, 1000];
/** Of each script of strings. */
const SEEDS = { train: 1, valid: 2, test: 3 };

const alone = ({ samples, digit }) => ({ samples, sampleRate: RATE, text: digit });

/** Digits alone and in strings to learn from, strings for validation and test. */
function readStrings(folder) {
  const { train, valid, test } = readRecordings(folder);
  return {
    train: [...train.map(alone), ...strings(train, TRAINING, { seed: SEEDS.train, snr: [8, 20] })],
    valid: strings(valid, VALIDATION, { seed: SEEDS.valid }),
    test: strings(test, TEST, { seed: SEEDS.test }),
  };
}

/** The same without a speaker, whose strings are the test. */
function readWithout(folder, speaker) {
  const { train, valid, test } = readRecordings(folder);
  const others = (list) => list.filter((one) => one.speaker !== speaker);
  return {
    train: [
      ...others(train).map(alone),
      ...strings(others(train), TRAINING, { seed: SEEDS.train, snr: [8, 20] }),
    ],
    valid: strings(others(valid), VALIDATION, { seed: SEEDS.valid }),
    test: strings(test, TEST, { seed: SEEDS.test, speakers: [speaker] }),
  };
}

function readDates(folder) {
  const { train, valid, test } = readRecordings(folder);
  const dates = (list, count, seed) => strings(list, count, { seed, digitsOf: dateDigits });
  return {
    train: dates(train, TRAINING, SEEDS.train),
    valid: dates(valid, VALIDATION, SEEDS.valid),
    test: dates(test, TEST, SEEDS.test),
  };
}

function readDigits(folder) {
  const examples = (list) =>
    list.map(({ samples, digit }) => ({ input: { samples, sampleRate: RATE }, label: digit }));
  const parts = Object.entries(readRecordings(folder));
  return Object.fromEntries(parts.map(([name, list]) => [name, examples(list)]));
}

const recognizer = (changes) => ({
  read: readStrings,
  build: (train, options) =>
    SpeechRecognizer.build(train, { units: "words", ...changes, ...options }),
  fit: { epochs: 18, batchSize: 16, learningRate: 2e-3, schedule: "cosine", warmup: 0.05 },
  report: reportStrings,
});

const withoutSpeaker = (speaker) => ({
  ...recognizer({}),
  read: (folder) => readWithout(folder, speaker),
});

export const RECIPES = {
  digits: {
    read: readDigits,
    build: (train, options) => SequenceClassifier.build(train, { input: sound(), ...options }),
    fit: { epochs: 40, batchSize: 16, learningRate: 2e-3, schedule: "cosine", warmup: 0.05 },
    report: reportDigits,
  },
  strings: recognizer({}),
  streaming: recognizer({ streaming: true, numLayers: 3 }),
  ...Object.fromEntries(SPEAKERS.map((name) => [`without-${name}`, withoutSpeaker(name)])),
  /** Scores a model of strings on dates; it learns as that does. */
  dates: { ...recognizer({}), read: readDates, report: reportDates },
};

// What was chosen by the validation parts.
import { SequenceClassifier, sound, SpeechRecognizer } from "hiddenstate/models";
import { dateDigits, RATE, readRecordings, SPEAKERS, strings, stringsAnew } from "./data.mjs";
import { reportDates, reportDigits, reportStrings } from "./report.mjs";

const [TRAINING, VALIDATION, TEST] = [2400, 200, 1000];
/** Of each script of strings. */
const SEEDS = { valid: 2, test: 3 };

/** What is learnt from: noise about that of the test, 10 decibels below, and few recordings made more. */
const HARDER = { snr: [6, 16], vary: true };

/** Digits alone and in strings, joined anew in each epoch, to learn from; strings for validation and test. */
function readStrings(folder) {
  const { train, valid, test } = readRecordings(folder);
  return {
    train: stringsAnew(train, TRAINING, HARDER),
    valid: strings(valid, VALIDATION, { seed: SEEDS.valid }),
    test: strings(test, TEST, { seed: SEEDS.test }),
  };
}

/** The same without a speaker, whose strings are the test. */
function readWithout(folder, speaker) {
  const { train, valid, test } = readRecordings(folder);
  const others = (list) => list.filter((one) => one.speaker !== speaker);
  return {
    train: stringsAnew(others(train), TRAINING, HARDER),
    valid: strings(others(valid), VALIDATION, { seed: SEEDS.valid }),
    test: strings(test, TEST, { seed: SEEDS.test, speakers: [speaker] }),
  };
}

function readDates(folder) {
  const { valid, test } = readRecordings(folder);
  const dates = (list, count, seed) => strings(list, count, { seed, digitsOf: dateDigits });
  return {
    train: [],
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

const recognizer = (changes, epochs) => ({
  read: readStrings,
  build: (train, options) =>
    SpeechRecognizer.build(train, { units: "words", ...changes, ...options }),
  fit: {
    ...{ epochs, batchSize: 16, bufferSize: 800 },
    ...{ learningRate: 3e-3, beta2: 0.98, schedule: "cosine", warmup: 0.05 },
  },
  report: reportStrings,
});

const withoutSpeaker = (speaker) => ({
  ...recognizer({}, 24),
  read: (folder) => readWithout(folder, speaker),
});

export const RECIPES = {
  digits: {
    read: readDigits,
    build: (train, options) => SequenceClassifier.build(train, { input: sound(), ...options }),
    fit: { epochs: 40, batchSize: 16, learningRate: 2e-3, schedule: "cosine", warmup: 0.05 },
    report: reportDigits,
  },
  strings: recognizer({}, 48),
  streaming: recognizer({ streaming: true, numLayers: 3 }, 48),
  ...Object.fromEntries(SPEAKERS.map((name) => [`without-${name}`, withoutSpeaker(name)])),
  /** Scores a model of strings on dates; it learns as that does. */
  dates: { ...recognizer({}, 0), read: readDates, report: reportDates },
};

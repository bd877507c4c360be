// The data sets: { train, valid, test } of { input, label }.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { getRngState, manualSeed, setRngState } from "hiddenstate";
import { shuffle } from "hiddenstate/data";

/**
 * SST-2 (Socher et al. 2013) in Kim's form: 6,920 / 872 / 1,821 sentences. To the sentences come the labelled
 * phrases of their trees (GLUE's SST-2), as in Kim 2014: those of at least so many words, each text once, and
 * none that could tell of the other parts: a phrase of five or more words that stands in one of their sentences
 * (about 30 do, such as "the power of this movie") is left out, and every sentence that is in both parts.
 */
export function readSst2(folder, { phrases }) {
  const sentences = (part) =>
    read(folder, "sst", `stsa.binary.${part}`).map((line) => ({
      label: line[0] === "1" ? "positive" : "negative",
      input: line.slice(2).trim(),
    }));
  const [valid, test] = [sentences("dev"), sentences("test")];
  const heldOut = `|${[...valid, ...test].map(({ input }) => ` ${input} `).join("|")}|`;
  const tells = (text) =>
    heldOut.includes(`| ${text} |`) || (wordsOf(text) >= 5 && heldOut.includes(` ${text} `));
  const parts = read(folder, "sst", "glue-sst2.phrases.train.tsv")
    .slice(1)
    .map((line) => line.split("\t"))
    .map(([text, label]) => ({
      label: label === "1" ? "positive" : "negative",
      input: text.trim(),
    }))
    .filter(({ input }) => wordsOf(input) >= phrases);
  const texts = new Set();
  const train = [...sentences("train"), ...parts].filter(({ input }) => {
    if (texts.has(input) || tells(input)) return false;
    texts.add(input);
    return true;
  });
  return { train, valid, test };
}

/** TREC questions, six types: 5,452 / 500. The last 500 of a seeded shuffle of the first are for validation. */
export function readTrec(folder) {
  const names = ["description", "entity", "abbreviation", "human", "location", "numeric"];
  const questions = (part) =>
    read(folder, "sst", `TREC.${part}.all`).map((line) => ({
      label: names[Number(line[0])],
      input: line.slice(2).trim(),
    }));
  return { ...withValidation(questions("train"), 500), test: questions("test") };
}

/**
 * Nine speakers saying a vowel pair: 270 / 370 series of 12 coefficients (Kudo et al. 1999). For validation the last
 * six of each speaker's 30: they were said one after another, and neighbours are alike.
 */
export function readJapaneseVowels(folder) {
  const series = (part) =>
    read(folder, "timeseries", `JapaneseVowels_${part}.ts`)
      .filter((line) => /^[-\d]/.test(line))
      .map((line) => {
        const columns = line.trim().split(":");
        const label = columns.pop();
        const channels = columns.map((column) => column.split(",").map(Number));
        return { label, input: channels[0].map((_, t) => channels.map((values) => values[t])) };
      });
  const [known, test] = [series("TRAIN"), series("TEST")];
  const isLast = (_, i) => i % 30 >= 24;
  return {
    train: known.filter((each, i) => !isLast(each, i)),
    valid: known.filter(isLast),
    test,
  };
}

/** Handwritten digits as series of 28 rows: 60,000 / 10,000; the last 5,000 of the first for validation. */
export function readMnist(folder) {
  const bytes = (name) => gunzipSync(readFileSync(join(folder, "mnist", `${name}-ubyte.gz`)));
  const digits = (part) => {
    const [images, labels] = [bytes(`${part}-images-idx3`), bytes(`${part}-labels-idx1`)];
    return Array.from(labels.subarray(8), (label, i) => ({
      label: String(label),
      input: Float32Array.from(images.subarray(16 + 784 * i, 16 + 784 * (i + 1)), (x) => x / 255),
    }));
  };
  const train = digits("train");
  return { train: train.slice(0, 55_000), valid: train.slice(55_000), test: digits("t10k") };
}

function read(folder, ...path) {
  const file = join(folder, ...path);
  const bytes = existsSync(file) ? readFileSync(file) : gunzipSync(readFileSync(`${file}.gz`));
  return new TextDecoder("latin1").decode(bytes).trimEnd().split("\n");
}

function wordsOf(text) {
  return text.split(" ").length;
}

/** A split that is the same for every seed of a run. */
function withValidation(examples, count) {
  const state = getRngState();
  manualSeed(1234);
  const shuffled = shuffle(examples);
  setRngState(state);
  return { train: shuffled.slice(0, -count), valid: shuffled.slice(-count) };
}

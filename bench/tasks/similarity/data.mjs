// The data sets: { train, valid, test } of { input, label } or { a, b, same }. Labels of the parts are different ones.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { getRngState, manualSeed, randn, scope, setRngState } from "hiddenstate";
import { readJapaneseVowels, readMnist } from "../classification/data.mjs";

const among = (examples, labels) => examples.filter(({ label }) => labels.includes(label));

/**
 * Speakers of a vowel pair (Kudo et al. 1999): 1-3 to learn from, 4-6 for validation, 7-9 for the test, all series of
 * each. With --all it learns from six. To learn from, a speaker is in `rooms`, in the others than the first with the
 * coefficients moved by normal deviates of `spread` standard deviations, the same for all series.
 */
export function readSpeakers(folder, { rooms, spread }) {
  const { train, valid, test } = readJapaneseVowels(folder);
  const all = [...train, ...valid, ...test];
  const spoken = (labels) => {
    const examples = among(all, labels);
    const moved = moves(examples, rooms, spread);
    return moved.flatMap((move, room) =>
      examples.map(({ label, input }) => ({
        label: `${label} ${room}`,
        input: input.map((step) => step.map((value, i) => value + move[i])),
      })),
    );
  };
  return {
    train: spoken(["1", "2", "3"]),
    valid: spoken(["4", "5", "6"]),
    test: among(all, ["7", "8", "9"]),
  };
}

/** How far the coefficients are moved in each room, not at all in the first. */
function moves(examples, rooms, spread) {
  const steps = examples.flatMap(({ input }) => input);
  const deviations = steps[0].map((_, i) => {
    const mean = steps.reduce((sum, step) => sum + step[i], 0) / steps.length;
    return Math.sqrt(steps.reduce((sum, step) => sum + (step[i] - mean) ** 2, 0) / steps.length);
  });
  const state = getRngState();
  manualSeed(99);
  const drawn = Array.from({ length: rooms }, (_, room) =>
    scope(() => Array.from(randn([deviations.length]).data())).map((value, i) =>
      room === 0 ? 0 : spread * value * deviations[i],
    ),
  );
  setRngState(state);
  return drawn;
}

/** What a digit is turned and mirrored into: a symbol of its own. */
const VIEWS = Array.from({ length: 8 }, (_, view) => ({
  name: `${90 * (view % 4)}${view > 3 ? " mirrored" : ""}`,
  /** Where a pixel of the view stands in the image. */
  places: Int32Array.from({ length: 784 }, (_, i) => {
    let [row, column] = [Math.floor(i / 28), i % 28];
    if (view > 3) column = 27 - column;
    for (let turn = 0; turn < view % 4; turn++) [row, column] = [column, 27 - row];
    return 28 * row + column;
  }),
}));

/**
 * Handwritten digits as series of 28 rows: 0-3 to learn from, 4-6 for validation, 7-9 for the test, the last from the
 * 10,000 test images. To learn from, a digit is eight symbols, turned and mirrored; of each the first `each` images.
 */
export function readDigits(folder, { each }) {
  const { train, test } = readMnist(folder);
  const viewed = (label) =>
    among(train, [label])
      .slice(0, each)
      .flatMap(({ input }) =>
        VIEWS.map(({ name, places }) => ({
          label: `${label} ${name}`,
          input: Float32Array.from(places, (place) => input[place]),
        })),
      );
  return {
    train: ["0", "1", "2", "3"].flatMap(viewed),
    valid: ["4", "5", "6"].flatMap(viewed),
    test: among(test, ["7", "8", "9"]),
  };
}

/** Those that are as they were written or said. */
export function unchanged(examples) {
  return examples.filter(({ label }) => !/ /.test(label) || label.endsWith(" 0"));
}

/** Quora question pairs: of the first file's 10,000 the last 1,000 for validation; the second file for the test. */
export function readQuora(folder) {
  const pairs = (part) =>
    new TextDecoder()
      .decode(gunzipSync(readFileSync(join(folder, "quora", `qqp.${part}.tsv.gz`))))
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"))
      .map(([label, a, b]) => ({ a, b, same: label === "1" }));
  const all = pairs("dev");
  return {
    train: all.slice(0, 9000),
    valid: all.slice(9000),
    test: pairs("test"),
  };
}

// Sets of the UEA/UCR archive by the defaults of SequenceClassifier over series, one recipe for all. With --folds the training part alone is
// read: learnt on all of its folds but one, scored on that one; else the test part is scored, once a seed.
//   node bench/tasks/timeseries/classify.mjs --data DIR --seeds 1,2
//   node bench/tasks/timeseries/classify.mjs --data DIR --folds 4 --model '{"hiddenSize":64}' --fit '{"labelSmoothing":0.1}'
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { program } from "commander";
import { initSync, manualSeed } from "hiddenstate";
import { SequenceClassifier, series } from "hiddenstate/models";
import { cpuSeconds } from "../../measure.mjs";

const SETS = ["ItalyPowerDemand", "JapaneseVowels", "BasicMotions", "GunPoint", "ArrowHead"];
const list = (text) => text.split(",");

const options = program
  .requiredOption("--data <folder>", "holds timeseries/*.ts.gz")
  .option("--sets <list>", "which", list, SETS)
  .option("--seeds <list>", "a run each", (text) => list(text).map(Number), [1, 2])
  .option("--folds <n>", "cross-validate in the training part", Number)
  .option("--model <json>", "changes to the model, to try them", JSON.parse, {})
  .option("--fit <json>", "changes to its training", JSON.parse, {})
  .parse()
  .opts();
initSync({ build: "plain" });

for (const name of options.sets) {
  const train = read(name, "TRAIN");
  const runs = options.folds
    ? foldsOf(train, options.folds)
    : [{ train, scored: read(name, "TEST") }];
  for (const seed of options.seeds) {
    const began = cpuSeconds();
    let [right, all, loss] = [0, 0, 0];
    let steps;
    for (const { train, scored } of runs) {
      manualSeed(seed);
      const model = SequenceClassifier.build(train, { input: series(), ...options.model });
      ({ steps } = await model.fit(train, options.fit));
      const { scores } = await model.evaluate(scored);
      right += scores.accuracy * scored.length;
      loss += scores.loss * scored.length;
      all += scored.length;
    }
    console.log(
      `${name}, seed ${seed}: ${((100 * right) / all).toFixed(2)} % of ${all} ${options.folds ? "left out" : "of the test part"}, ` +
        `loss ${(loss / all).toFixed(4)}, ${steps} steps, ${(cpuSeconds() - began).toFixed(0)} s of the processor`,
    );
  }
}

/** The series of a part: dimensions with colons between, the label last. */
function read(name, part) {
  const file = join(options.data, "timeseries", `${name}_${part}.ts.gz`);
  return gunzipSync(readFileSync(file))
    .toString("latin1")
    .trimEnd()
    .split("\n")
    .filter((line) => !/^\s*($|[#@])/.test(line))
    .map((line) => {
      const columns = line.trim().split(":");
      const label = columns.pop();
      const channels = columns.map((column) => column.split(",").map(Number));
      return { label, input: channels[0].map((_, t) => channels.map((values) => values[t])) };
    });
}

/** Each label's examples in turn to one fold after another. */
function foldsOf(examples, count) {
  const seen = new Map();
  const fold = examples.map(({ label }) => {
    const before = seen.get(label) ?? 0;
    seen.set(label, before + 1);
    return before % count;
  });
  return Array.from({ length: count }, (_, out) => ({
    train: examples.filter((_, i) => fold[i] !== out),
    scored: examples.filter((_, i) => fold[i] === out),
  }));
}

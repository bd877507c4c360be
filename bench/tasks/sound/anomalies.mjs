// Anomalies by what comes back: each class of a data set as the normal one in turn, beside PCA's reconstruction.
//   node bench/tasks/sound/anomalies.mjs --data DIR --task GunPoint --seed 1
// By default on the training part alone, in three folds: what was chosen was chosen by it. --part test scores the test part.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Option, program } from "commander";
import { backend, initSync, manualSeed } from "hiddenstate";
import { rocAuc } from "hiddenstate/metrics";
import { SequenceAutoencoder, series } from "hiddenstate/models";
import { pca } from "hiddenstate/vectors";

/** What was chosen by the folds: so many numbers of a series are a step. */
const RECIPES = {
  ItalyPowerDemand: {
    width: 8,
    model: { hiddenSize: 128, outputSize: 6 },
    fit: { steps: 300, noise: 0.5, learningRate: 0.005, schedule: "linear" },
  },
  GunPoint: {
    width: 10,
    model: { hiddenSize: 32, outputSize: 8 },
    fit: { steps: 1000, learningRate: 0.01, schedule: "linear" },
  },
};

const { data, task, seed, part, width, model, fit, build } = program
  .requiredOption("--data <folder>", "holds the folder timeseries")
  .addOption(new Option("--task <name>").choices(Object.keys(RECIPES)).makeOptionMandatory())
  .option("--seed <n>", "of the first weights and the order", Number, 1)
  .addOption(new Option("--part <name>").choices(["folds", "test"]).default("folds"))
  .option("--width <n>", "numbers of a step, to try it", Number)
  .option("--model <json>", "changes to the model's options", JSON.parse, {})
  .option("--fit <json>", "changes to its training", JSON.parse, {})
  .option("--build <kernels>", "plain, relaxed or auto", "auto")
  .parse()
  .opts();
initSync({ build });
const recipe = RECIPES[task];

/** `{ label, input }`s of a file of the UCR archive. */
function read(name) {
  const lines = gunzipSync(readFileSync(join(data, "timeseries", `${task}_${name}.ts.gz`)))
    .toString()
    .split("\n")
    .filter((line) => /^[-\d]/.test(line));
  return lines.map((line) => {
    const [values, label] = line.trim().split(":");
    return { label, input: Float32Array.from(values.split(","), Number) };
  });
}

/** Squared distance from the plane of the components that hold 90 % of the variance. */
async function pcaScores(normal, scored) {
  const flat = ({ input }) => Array.from(input);
  const rows = normal.map(flat);
  const components = Math.min(rows.length - 1, rows[0].length);
  const found = await pca(rows, { components });
  let [count, share] = [0, 0];
  while (share < 0.9) share += found.explainedVarianceRatio[count++];
  const size = rows[0].length;
  return scored.map((one) => {
    const away = flat(one).map((value, i) => value - found.mean[i]);
    let left = away.reduce((sum, value) => sum + value * value, 0);
    for (let c = 0; c < count; c++) {
      const along = away.reduce((sum, value, i) => sum + value * found.components[c * size + i], 0);
      left -= along * along;
    }
    return left;
  });
}

async function autoencoderScores(normal, scored) {
  manualSeed(seed);
  const autoencoder = SequenceAutoencoder.build(normal, {
    input: series({ features: width ?? recipe.width }),
    ...recipe.model,
    ...model,
  });
  await autoencoder.fit(normal, { ...recipe.fit, ...fit });
  return autoencoder.anomalyScores(scored.map(({ input }) => input));
}

const FOLDS = 3;
const train = read("TRAIN");
const labels = [...new Set(train.map(({ label }) => label))].sort();
/** What is learnt and what is scored, for a class. */
function roundsOf(label) {
  const normal = train.filter((one) => one.label === label);
  if (part === "test") return [{ normal, scored: read("TEST") }];
  const others = train.filter((one) => one.label !== label);
  return Array.from({ length: FOLDS }, (_, fold) => ({
    normal: normal.filter((_, i) => i % FOLDS !== fold),
    scored: [...normal.filter((_, i) => i % FOLDS === fold), ...others],
  }));
}

console.log(JSON.stringify({ task, seed, part, width, model, fit, ...backend() }));
const means = { PCA: 0, autoencoder: 0 };
for (const label of labels) {
  const told = { PCA: 0, autoencoder: 0 };
  const rounds = roundsOf(label);
  for (const { normal, scored } of rounds) {
    const isAnomaly = scored.map((one) => one.label !== label);
    told.PCA += rocAuc(await pcaScores(normal, scored), isAnomaly) / rounds.length;
    const own = await autoencoderScores(normal, scored);
    told.autoencoder += rocAuc(own, isAnomaly) / rounds.length;
  }
  const text = Object.entries(told).map(([name, auc]) => `${name} ${auc.toFixed(4)}`);
  console.log(`class ${label} normal: ${text.join("  ")}`);
  for (const name of Object.keys(means)) means[name] += told[name] / labels.length;
}
const used = (process.cpuUsage().user / 6e7).toFixed(1);
console.log(
  `mean AUC: PCA ${means.PCA.toFixed(4)}  autoencoder ${means.autoencoder.toFixed(4)}; ${used} CPU minutes`,
);

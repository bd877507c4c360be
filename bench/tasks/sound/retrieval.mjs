// Utterance vectors: for each spoken digit of a part all others by their likeness, those of the same word first.
//   node bench/tasks/sound/retrieval.mjs --data DIR --by dtw
//   node bench/tasks/sound/retrieval.mjs --data DIR --by autoencoder --seed 1
//   node bench/tasks/sound/retrieval.mjs --data DIR --by pairs --seed 1
// By default on the validation part; --part test takes the official test.
import { Option, program } from "commander";
import { backend, concat, initSync, manualSeed, scope } from "hiddenstate";
import { deltas, meanVarianceNormalize, mfcc } from "hiddenstate/audio";
import { averagePrecision } from "hiddenstate/metrics";
import { SequenceAutoencoder, series, SiameseNetwork } from "hiddenstate/models";
import { RATE, readRecordings } from "./data.mjs";

const options = program
  .requiredOption("--data <folder>", "holds the folder fsdd")
  .addOption(
    new Option("--by <what>").choices(["dtw", "autoencoder", "pairs"]).makeOptionMandatory(),
  )
  .option("--numbers <n>", "of a frame: 13 without slopes, 26, 39", Number)
  .option("--seed <n>", "of the first weights and the order", Number, 1)
  .addOption(new Option("--part <name>").choices(["valid", "test"]).default("valid"))
  .option("--model <json>", "changes to the model's options", JSON.parse, {})
  .option("--fit <json>", "changes to its training", JSON.parse, {})
  .option("--build <kernels>", "plain, relaxed or auto", "auto")
  .parse()
  .opts();
initSync({ build: options.build });

/** 13 MFCC every 10 ms, their slopes and those of the slopes, over an utterance of mean 0 and deviation 1: 39 numbers. */
function featuresOf(samples) {
  const frames = {
    sampleRate: RATE,
    nFft: 256,
    winLength: 200,
    hopLength: 80,
    nMels: 40,
    nMfcc: 13,
  };
  const all = scope(() => {
    const own = mfcc(samples, frames);
    const slopes = deltas(own);
    return meanVarianceNormalize(concat([own, slopes, deltas(slopes)], -1));
  });
  return all.data();
}

const ALL = 39;
/** What was chosen by the validation part: numbers of a frame (the pairs say themselves which count), and how a network learns. */
const RECIPES = {
  dtw: { numbers: 13 },
  autoencoder: {
    numbers: 13,
    model: { outputSize: 32 },
    fit: {
      ...{ steps: 500, batchSize: 32, learningRate: 0.005, schedule: "linear" },
      evaluateEvery: 100,
    },
  },
  pairs: { numbers: 39, model: {}, fit: { epochs: 12 } },
};
const recipe = RECIPES[options.by];
const SIZE = options.numbers ?? recipe.numbers;
const chosen = (values) => values.filter((_, i) => i % ALL < SIZE);
/** Every second frame: what a network reads. */
const everySecond = (values) => values.filter((_, i) => Math.floor(i / SIZE) % 2 === 0);

const parts = readRecordings(options.data);
const read = (part) =>
  parts[part].map(({ digit, samples }) => {
    const frames = chosen(featuresOf(samples));
    return { label: digit, frames, input: everySecond(frames) };
  });

/** Distance by dynamic time warping of the frames' cosines, by the length of both (Sakoe & Chiba 1978). */
function dtw(a, b) {
  const [rows, columns] = [a.length / SIZE, b.length / SIZE];
  let before = new Float64Array(columns + 1).fill(Infinity);
  before[0] = 0;
  for (let i = 0; i < rows; i++) {
    const now = new Float64Array(columns + 1).fill(Infinity);
    for (let j = 0; j < columns; j++) {
      let dot = 0;
      for (let k = 0; k < SIZE; k++) dot += a[i * SIZE + k] * b[j * SIZE + k];
      now[j + 1] = 1 - dot + Math.min(before[j], before[j + 1], now[j]);
    }
    before = now;
  }
  return before[columns] / (rows + columns);
}

/** Frames of length 1: their products are cosines. */
function unitFrames(frames) {
  const units = Float64Array.from(frames);
  for (let at = 0; at < units.length; at += SIZE) {
    const frame = units.subarray(at, at + SIZE);
    const length = Math.sqrt(frame.reduce((sum, x) => sum + x * x, 0));
    frame.forEach((x, k) => (frame[k] = x / length));
  }
  return units;
}

function cosine(a, b) {
  let [dot, aa, bb] = [0, 0, 0];
  a.forEach((x, i) => ((dot += x * b[i]), (aa += x * x), (bb += b[i] * b[i])));
  return dot / Math.sqrt(aa * bb);
}

/** Mean over all examples of the average precision of the others by their likeness to it. */
function meanAveragePrecision(examples, things, likeness) {
  const matrix = things.map(() => new Float64Array(things.length));
  for (let i = 0; i < things.length; i++)
    for (let j = 0; j < i; j++) matrix[i][j] = matrix[j][i] = likeness(things[i], things[j]);
  const each = examples.map(({ label }, i) => {
    const others = examples.map((_, j) => j).filter((j) => j !== i);
    return averagePrecision(
      others.map((j) => matrix[i][j]),
      others.map((j) => examples[j].label === label),
    );
  });
  return each.reduce((sum, one) => sum + one, 0) / each.length;
}

console.log(JSON.stringify({ ...options, data: undefined, ...backend() }));
const scored = read(options.part);
const learnt = (part) => read(part).map(({ input, label }) => ({ input, label }));
const fit = {
  onEvaluation: ({ epoch, trainLoss, validation: scores, improved }) =>
    console.log(epoch + 1, trainLoss.toFixed(4), JSON.stringify(scores), improved ? "*" : ""),
  ...recipe.fit,
  ...options.fit,
};
const input = series({ features: SIZE });

async function vectorsBy(kind) {
  manualSeed(options.seed);
  const train = learnt("train");
  const model = kind.build(train, { input, ...recipe.model, ...options.model });
  await model.fit(train, { validation: learnt("valid"), ...fit });
  return model.encodeBatch(scored.map(({ input }) => input));
}

const WAYS = {
  dtw: async () => [scored.map(({ frames }) => unitFrames(frames)), (a, b) => -dtw(a, b)],
  autoencoder: async () => [await vectorsBy(SequenceAutoencoder), cosine],
  pairs: async () => [await vectorsBy(SiameseNetwork), cosine],
};
const [things, likeness] = await WAYS[options.by]();
const score = meanAveragePrecision(scored, things, likeness);
const used = (process.cpuUsage().user / 6e7).toFixed(1);
console.log(
  `${options.by}: mean average precision ${score.toFixed(4)} of ${scored.length} ${options.part}; ${used} CPU minutes`,
);

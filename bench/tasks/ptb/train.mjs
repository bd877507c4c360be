// A word language model on the Penn Treebank, by a published recipe.
//   node bench/tasks/ptb/train.mjs --model emb100 --data DIR --out DIR
// Kill it when you like: the same command with --resume goes on to the same bits.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Option, program } from "commander";
import cliProgress from "cli-progress";
import { backend, initSync, loadSafetensors, manualSeed, saveSafetensors } from "hiddenstate";
import { StreamWindows } from "hiddenstate/data";
import { perplexity } from "hiddenstate/metrics";
import { progressLines, writeBytes } from "hiddenstate/node";
import { DataParallel } from "hiddenstate/parallel";
import { AveragedWeights, fit } from "hiddenstate/train";
import { Worker } from "node:worker_threads";
import { cpuSeconds } from "../../measure.mjs";
import { readTreebank } from "./data.mjs";
import { WordModel } from "./model.mjs";
import { rowShards } from "./row-shards.mjs";
import { RECIPES } from "./recipes.mjs";

const options = program
  .addOption(
    new Option("--model <name>", "the recipe").choices(Object.keys(RECIPES)).makeOptionMandatory(),
  )
  .requiredOption("--data <folder>", "holds ptb.train.txt, ptb.valid.txt, ptb.test.txt (or .gz)")
  .requiredOption("--out <folder>", "for the log, the checkpoint and the best weights")
  .option("--epochs <n>", "instead of the recipe's", Number)
  .option("--steps <n>", "end after so many, with the speed instead of a test", Number)
  .option("--minutes <n>", "end after so long, resumed runs included", Number)
  .option("--cpu-minutes <n>", "end after so much work, that of resumed runs included", Number)
  .option("--checkpoint-every <n>", "steps between two checkpoints", Number, 250)
  .option("--workers <n>", "threads that compute gradients", Number, 1)
  .option(
    "--shards <n>",
    "parts of a batch, which decide the bits (default: as many as workers)",
    Number,
  )
  .option("--sampled <n>", "learn by a softmax over so many sampled words", Number)
  .option("--resume", "go on from the checkpoint in --out, if there is one", false)
  .option("--seed <n>", "of the first weights and of dropout", Number, 1)
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed", "auto"]).default("auto"))
  .option("--first-weights <file>", "save the weights before the first step there")
  .parse()
  .opts();

/** Steps over which a line of the log takes the mean loss. */
const LOSS_EVERY = 100;
/** Steps from one of the weights that are averaged to the next: neighbours hardly differ. */
const AVERAGE_EVERY = 10;

initSync({ build: options.build });
manualSeed(options.seed);
const recipe = RECIPES[options.model];
const { sizes, window, clip } = recipe;
const { vocabulary, train, valid, test } = readTreebank(options.data);
const model = new WordModel(vocabulary.size, sizes).initialize(recipe.initial);
if (options.sampled) model.sample(train, options.sampled);
const windows = new StreamWindows(train, { ...window, dropLast: true });
const average = new AveragedWeights(model, {
  decay: 1 - AVERAGE_EVERY / Math.round(recipe.averageEpochs * windows.length),
});
const optimizer = recipe.optimizer(model.parameters());
const carry = model.lstm.carry(window.batch);
const { workers, shards = workers } = options;
const parallel =
  shards > 1
    ? new DataParallel({
        ...{ model, workers, shards, ...rowShards(carry) },
        createWorker: () => new Worker(new URL("worker.mjs", import.meta.url)),
        setup: {
          ...{ words: vocabulary.size, sizes, samples: options.sampled },
          counts: options.sampled && countsOf(train, vocabulary.size),
        },
      })
    : undefined;
const steps = options.steps ?? (options.epochs ?? recipe.epochs) * windows.length;

mkdirSync(options.out, { recursive: true });
const file = (name) => join(options.out, name);
const checkpointFile = file("checkpoint.safetensors");
const bestFile = file("best.safetensors");
const resume =
  options.resume && existsSync(checkpointFile) ? readFileSync(checkpointFile) : undefined;
if (options.firstWeights)
  writeFileSync(options.firstWeights, saveSafetensors(model.stateDict(), {}));

/** What the run knows of itself; part of the checkpoint, so that a resumed log is one log. */
const record = {
  state: { seconds: 0, cpuSeconds: 0, losses: 0, best: null, lines: [] },
};

function log(line) {
  record.state.lines.push(line);
  writeWhole(
    file("log.jsonl"),
    record.state.lines.map((each) => JSON.stringify(each) + "\n").join(""),
  );
  display?.log(JSON.stringify(line));
}

/** Scores the weights and their average; keeps the better of all so far. */
function score({ step, meanLoss }) {
  const { state } = record;
  const losses = {};
  const scoreOf = (name) => {
    losses[name] = model.meanLoss(valid, 20);
    if (state.best && losses[name] >= state.best.loss) return;
    state.best = { loss: losses[name], of: name, step };
    writeWhole(bestFile, saveSafetensors(model.stateDict(), {}));
  };
  scoreOf("weights");
  average.use(() => scoreOf("average"));
  const rates = speed.take();
  log({
    epoch: round(step / windows.length, 3),
    step,
    learningRate: optimizer.groups[0].lr,
    trainPerplexity: round(perplexity(meanLoss)),
    validPerplexity: round(perplexity(losses.weights)),
    validPerplexityOfAverage: round(perplexity(losses.average)),
    ...rates,
    minutes: round(state.seconds / 60),
    cpuMinutes: round(state.cpuSeconds / 60),
  });
  speed.start();
}

/** Time spent in steps since the last score; evaluation counts for the run's minutes only. */
class Speed {
  start() {
    this.began = this.last = now();
    this.steps = 0;
    this.best = Infinity;
  }

  step() {
    this.steps++;
    this.best = Math.min(this.best, this.#tick());
  }

  take() {
    const tokens = this.steps * window.batch * window.time;
    const { seconds, cpuSeconds } = this.last;
    this.#tick();
    return {
      tokensPerSecond: Math.round(tokens / (seconds - this.began.seconds)),
      tokensPerCpuSecond: Math.round(tokens / (cpuSeconds - this.began.cpuSeconds)),
      tokensPerSecondOfBestStep: Math.round(tokens / this.steps / this.best),
      kernels: backend().build,
    };
  }

  /** Books the time since the last call, and gives its seconds of the processor. */
  #tick() {
    const at = now();
    const used = at.cpuSeconds - this.last.cpuSeconds;
    record.state.seconds += at.seconds - this.last.seconds;
    record.state.cpuSeconds += used;
    this.last = at;
    return used;
  }
}
const speed = new Speed();

function now() {
  return { seconds: performance.now() / 1000, cpuSeconds: cpuSeconds() };
}

function round(number, digits = 2) {
  return Number(number.toFixed(digits));
}

function writeWhole(path, contents) {
  writeFileSync(`${path}.part`, contents);
  renameSync(`${path}.part`, path);
}

let display;
function makeDisplay(first) {
  if (!process.stdout.isTTY)
    return progressLines({ total: steps, first, every: 250, write: (line) => console.log(line) });
  const bars = new cliProgress.MultiBar({ format: "{bar} {percentage} % {note}", fps: 4 });
  const bar = bars.create(steps, first, { note: "" });
  return {
    update: (done, note) => bar.update(done, { note }),
    log: (line) => bars.log(`${line}\n`),
    stop: () => bars.stop(),
  };
}

function countsOf(ids, words) {
  const counts = new Float64Array(words);
  for (const id of ids) counts[id]++;
  return counts;
}

class OutOfTime extends Error {}
const deadline = new AbortController();
let last;
try {
  await fit({
    model,
    optimizer,
    batches(epoch) {
      for (const group of optimizer.groups) group.lr = recipe.learningRate(epoch);
      speed.start();
      return windows;
    },
    steps,
    maxNorm: clip,
    signal: deadline.signal,
    ...(parallel
      ? { parallel }
      : {
          step(each) {
            if (each.index === 0) carry.reset();
            return model.loss(each, carry);
          },
        }),
    onStep(report) {
      const { step, loss, gradNorm } = report;
      last = report;
      display ??= makeDisplay(step - 1);
      if (step % AVERAGE_EVERY === 0) average.update();
      record.state.losses += loss;
      speed.step();
      display.update(step, `loss ${loss.toFixed(3)}, gradient ${gradNorm.toFixed(3)}`);
      if (step % LOSS_EVERY === 0) {
        log({ step, loss: round(record.state.losses / LOSS_EVERY, 4) });
        record.state.losses = 0;
      }
      if (isScored(step)) score(report);
      const { seconds, cpuSeconds } = record.state;
      if (cpuSeconds / 60 >= options.cpuMinutes || seconds / 60 >= options.minutes)
        deadline.abort(new OutOfTime());
    },
    checkpoint: {
      every: options.checkpointEvery,
      save: (bytes) => writeBytes(checkpointFile, bytes),
      resume,
      tensors: { h: carry.h, c: carry.c, ...average.tensors },
      parts: { record, average },
    },
  });
} catch (error) {
  if (!(error instanceof OutOfTime)) throw error;
} finally {
  await parallel?.close();
}

/** Twice an epoch: in its middle and at its end. */
function isScored(step) {
  const place = step % windows.length;
  return place === 0 || place === Math.floor(windows.length / 2);
}

if (options.steps !== undefined) log({ step: last.step, ...speed.take() });
else {
  if (last && !isScored(last.step)) score(last);
  const lastTest = round(perplexity(model.meanLoss(test, 1)), 3);
  model.loadStateDict(loadSafetensors(readFileSync(bestFile)));
  const { best, seconds, cpuSeconds } = record.state;
  log({
    testPerplexityOfLastWeights: lastTest,
    best: { ...best, epoch: round(best.step / windows.length, 3) },
    validPerplexity: round(perplexity(model.meanLoss(valid, 1)), 3),
    testPerplexity: round(perplexity(model.meanLoss(test, 1)), 3),
    minutes: round(seconds / 60),
    cpuMinutes: round(cpuSeconds / 60),
  });
}
display?.stop();

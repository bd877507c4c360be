// A character language model on Tiny Shakespeare, by a recipe.
//   node bench/tasks/transformer/train.mjs --recipe nanogpt --data DIR [--seed 1] [--steps 2000]
import { Option, program } from "commander";
import {
  backend,
  clipGradNorm,
  crossEntropy,
  initSync,
  manualSeed,
  noGrad,
  scope,
  tensor,
} from "hiddenstate";
import { cpuSeconds } from "../../measure.mjs";
import { RandomWindows, readShakespeare } from "./data.mjs";
import { RECIPES } from "./recipes.mjs";

const options = program
  .addOption(new Option("--recipe <name>").choices(Object.keys(RECIPES)).makeOptionMandatory())
  .requiredOption("--data <folder>", "holds input.txt.gz")
  .option("--steps <n>", "end after so many; the schedule stays", Number)
  .option("--seed <n>", "of the first weights, of the places in the text, of dropout", Number, 1)
  .option("--every <n>", "steps from one line to the next", Number, 250)
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed", "auto"]).default("auto"))
  .parse()
  .opts();

initSync({ build: options.build });
manualSeed(options.seed);
const { size, train, valid } = readShakespeare(options.data);
const recipe = RECIPES[options.recipe];
const model = recipe.model(size);
const optimizer = recipe.optimizer(model);
const windows = new RandomWindows(train, options.seed);
const steps = options.steps ?? recipe.steps;
const parameters = model.parameters().reduce((sum, each) => sum + each.size, 0);
const log = (line) => console.log(JSON.stringify(line));
log({ recipe: options.recipe, seed: options.seed, parameters, kernels: backend().build });

const began = cpuSeconds();
let [sum, bestStep] = [0, Infinity];
for (let step = 0; step < steps; step++) {
  const start = cpuSeconds();
  for (const group of optimizer.groups) group.lr = recipe.learningRate(step);
  sum += scope(() => {
    const loss = lossOf(windows.take(recipe.batch, recipe.time));
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), recipe.clip);
    optimizer.step();
    return loss.item();
  });
  bestStep = Math.min(bestStep, cpuSeconds() - start);
  if ((step + 1) % options.every !== 0) continue;
  log({ step: step + 1, loss: round(sum / options.every), cpuMinutes: minutes() });
  sum = 0;
}
const trained = minutes();
model.eval();
log({
  validLoss: round(validLoss(recipe.time)),
  validLossInWindowsOf64: round(validLoss(64)),
  cpuMinutes: trained,
  bestStepMilliseconds: round(bestStep * 1000),
});

function lossOf({ input, target, shape }) {
  return crossEntropy(model.forward(tensor(input, { shape })), tensor(target, { shape }));
}

/** Mean over all characters of the last tenth but its first, in windows one behind the other. */
function validLoss(time) {
  let total = 0;
  const last = valid.length - 1;
  for (let start = 0; start < last;) {
    const rows = Math.max(1, Math.min(32, Math.floor((last - start) / time)));
    const width = Math.min(time, last - start);
    const shape = [rows, width];
    const count = rows * width;
    const input = valid.subarray(start, start + count);
    const target = valid.subarray(start + 1, start + 1 + count);
    total += count * scope(() => noGrad(() => lossOf({ input, target, shape }).item()));
    start += count;
  }
  return total / last;
}

function minutes() {
  return round((cpuSeconds() - began) / 60);
}

function round(number) {
  return Number(number.toFixed(4));
}

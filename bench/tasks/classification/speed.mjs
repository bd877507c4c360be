// How fast a recipe's classifier trains, on batches of its usual shape; peer.py does the same in PyTorch.
//   node bench/tasks/classification/speed.mjs --task trec
import { Option, program } from "commander";
import {
  AdamW,
  backend,
  clipGradNorm,
  crossEntropy,
  initSync,
  manualSeed,
  scope,
  tensor,
} from "hiddenstate";
import { cpuSeconds } from "../../measure.mjs";
import { RECIPES } from "./recipes.mjs";

/** Distinct words, labels, batch and time of each; peer.py has the same. */
const SHAPES = {
  sst2: { words: 14_890, labels: 2, batch: 64, time: 10 },
  trec: { words: 9_300, labels: 6, batch: 50, time: 11 },
  mnist: { features: 28, labels: 10, batch: 64, time: 28 },
};

const options = program
  .addOption(
    new Option("--task <name>", "the recipe").choices(Object.keys(SHAPES)).makeOptionMandatory(),
  )
  .option("--steps <n>", "steps to take the best of", Number, 60)
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed", "auto"]).default("auto"))
  .parse()
  .opts();

initSync({ build: options.build });
manualSeed(1);
const { words, features, labels, batch, time } = SHAPES[options.task];
const vocabulary = Array.from({ length: words ?? 0 }, (_, i) => `w${i}`).join(" ");
const examples = Array.from({ length: labels }, (_, i) => ({
  label: String(i),
  input: words ? (i === 0 ? vocabulary : "w1") : new Float32Array(features),
}));
const model = RECIPES[options.task].build(examples, {});
const parameters = model.parameters();
const optimizer = new AdamW(parameters, { lr: 1e-3, weightDecay: 0 });
const rows = Array.from({ length: batch }, (_, row) =>
  words
    ? Int32Array.from({ length: time }, (_, t) => (row * 7919 + t * 104_729) % words)
    : Float32Array.from({ length: time * features }, (_, i) => ((row * 31 + i * 17) % 97) / 97),
);
const target = Int32Array.from({ length: batch }, (_, row) => row % labels);
let best = Infinity;
for (let step = 0; step < options.steps; step++) {
  const began = cpuSeconds();
  scope(() => {
    const loss = crossEntropy(model.forward(rows), tensor(target));
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(parameters, 5);
    optimizer.step();
  });
  best = Math.min(best, cpuSeconds() - began);
}
const tokensPerSecondOfBestStep = Math.round((batch * time) / best);
console.log(JSON.stringify({ task: options.task, ...backend(), tokensPerSecondOfBestStep }));

// Training steps a second of the recipes' models, on batches of their usual shape: beside peer.py.
//   node bench/tasks/classification/speed.mjs --build relaxed && python3 bench/tasks/classification/peer.py
import { Option, program } from "commander";
import {
  AdamW,
  clipGradNorm,
  crossEntropy,
  initSync,
  manualSeed,
  scope,
  tensor,
} from "hiddenstate";
import { RECIPES } from "./recipes.mjs";

const { build } = program
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed", "auto"]).default("auto"))
  .parse()
  .opts();
initSync({ build });

/** Distinct words, labels, batch and time of each; peer.py has the same. */
const SHAPES = {
  sst2: { words: 14_890, labels: 2, batch: 64, time: 10 },
  trec: { words: 9_300, labels: 6, batch: 50, time: 11 },
  mnist: { features: 28, labels: 10, batch: 64, time: 28 },
};

/** Of the processor, so that other programs on the machine count less. */
function cpuMilliseconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

for (const [task, { words, features, labels, batch, time }] of Object.entries(SHAPES)) {
  manualSeed(1);
  const names = Array.from({ length: labels }, (_, i) => String(i));
  const vocabulary = Array.from({ length: words ?? 0 }, (_, i) => `w${i}`).join(" ");
  const examples = names.map((label, i) => ({
    label,
    input: words ? (i === 0 ? vocabulary : "w1") : new Float32Array(features),
  }));
  const model = RECIPES[task].build(examples, {});
  const optimizer = new AdamW(model.parameters(), { lr: 1e-3, weightDecay: 0 });
  const rows = Array.from({ length: batch }, (_, row) =>
    words
      ? Int32Array.from({ length: time }, (_, t) => (row * 7919 + t * 104_729) % words)
      : Float32Array.from({ length: time * features }, (_, i) => ((row * 31 + i * 17) % 97) / 97),
  );
  const target = Int32Array.from({ length: batch }, (_, row) => row % labels);
  const step = () =>
    scope(() => {
      const loss = crossEntropy(model.forward(rows), tensor(target));
      optimizer.zeroGrad();
      loss.backward();
      clipGradNorm(model.parameters(), 5);
      optimizer.step();
    });
  for (let i = 0; i < 10; i++) step();
  let best = Infinity;
  for (let i = 0; i < 60; i++) {
    const before = cpuMilliseconds();
    step();
    best = Math.min(best, cpuMilliseconds() - before);
  }
  const rate = Math.round((1000 * batch * time) / best);
  console.log(`${task}: ${best.toFixed(2)} ms a step, ${rate} time steps a second`);
}

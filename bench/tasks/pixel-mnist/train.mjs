// Handwritten digits read pixel by pixel, 784 steps (Le, Jaitly & Hinton 2015), by one of four recurrent layers.
//   node bench/tasks/pixel-mnist/train.mjs --network irnn --data DIR --out DIR
// The weights of the best epoch on the validation part are scored on the test part, once, at the end.
// Kill it when you like: the same command with --resume goes on to the same bits.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Option, program } from "commander";
import {
  backend,
  crossEntropy,
  initSync,
  manualSeed,
  noGrad,
  saveSafetensors,
  scope,
} from "hiddenstate";
import { batches } from "hiddenstate/data";
import { gradientFlow } from "hiddenstate/inspect";
import { progressLines, writeBytes } from "hiddenstate/node";
import { argmax } from "hiddenstate/ops";
import { CosineAnnealingLR } from "hiddenstate/optim";
import { BestWeights, fit } from "hiddenstate/train";
import { cpuSeconds } from "../../measure.mjs";
import { mnist } from "./data.mjs";
import { NETWORKS, PixelClassifier } from "./networks.mjs";

const options = program
  .addOption(
    new Option("--network <name>", "which").choices(Object.keys(NETWORKS)).makeOptionMandatory(),
  )
  .requiredOption("--data <folder>", "holds mnist/ with its four files, gzipped")
  .requiredOption("--out <folder>", "for the log, the checkpoint and the weights")
  .option("--epochs <n>", "instead of the network's", Number)
  .option("--batch-size <n>", "images in a step, instead of the network's", Number)
  .option("--learning-rate <n>", "instead of the network's", Number)
  .option("--first <n>", "learn from so many images only, to try things", Number)
  .option("--resume", "go on from the checkpoint in --out, if there is one", false)
  .option("--seed <n>", "of the first weights and the order", Number, 1)
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed", "auto"]).default("auto"))
  .parse()
  .opts();

initSync({ build: options.build });
manualSeed(options.seed);
const network = NETWORKS[options.network];
const { epochs, learningRate, batchSize } = { ...network, ...options };
const { train, valid, test } = mnist(options.data);
const images = [...Array(options.first ?? train.length).keys()];
const model = new PixelClassifier(network.layer());
const optimizer = network.optimizer(model, learningRate);
const epochSteps = Math.ceil(images.length / batchSize);
const schedule = new CosineAnnealingLR(optimizer, { tMax: epochs * epochSteps });
const best = new BestWeights(model);

mkdirSync(options.out, { recursive: true });
const file = (end) => join(options.out, `${options.network}.${end}`);
const checkpoint = file("checkpoint");
const resume = options.resume && existsSync(checkpoint) ? readFileSync(checkpoint) : undefined;

/** What the run knows of itself; part of the checkpoint, so that a resumed log is one log. */
const record = {
  state: {
    settings: { epochs, learningRate, batchSize, seed: options.seed },
    kernels: backend().build,
    cpuSeconds: 0,
    best: { accuracy: 0, epoch: 0 },
    losses: [],
    valid: [],
    flowBefore: flow(),
  },
};

/** ‖∂loss/∂h‖ at each pixel, of a batch of the validation part. */
function flow() {
  return scope(() => {
    const { x, labels } = valid.batch(images.slice(0, 50));
    const [{ h }] = gradientFlow(model.recurrent, x, (output) =>
      crossEntropy(model.classify(output.slice(1, -1)), labels),
    );
    return Array.from(h);
  });
}

function accuracy(part) {
  let right = 0;
  for (const rows of batches([...Array(part.length).keys()], { batchSize: 250 }))
    right += scope(() => {
      const { x, labels } = part.batch(rows);
      const found = noGrad(() => argmax(model.forward(x), 1).data());
      return labels.data().filter((label, i) => label === found[i]).length;
    });
  return right / part.length;
}

const writeJson = (end, value) =>
  writeBytes(file(end), new TextEncoder().encode(JSON.stringify(value)));
const percent = (share) => `${(100 * share).toFixed(2)} %`;

console.log(JSON.stringify({ network: options.network, ...record.state.settings, ...backend() }));
let display;
let last = cpuSeconds();
await fit({
  model,
  optimizer,
  schedule,
  epochs,
  maxNorm: 1,
  batches: () => batches(images, { batchSize, shuffle: true }),
  step(rows) {
    const { x, labels } = train.batch(rows);
    return crossEntropy(model.forward(x), labels);
  },
  onStep({ step, loss, meanLoss, gradNorm }) {
    display ??= progressLines({
      total: epochs * epochSteps,
      first: step - 1,
      every: 100,
      write: (line) => console.log(line),
    });
    const figures = [`loss ${loss.toFixed(3)}`, `mean ${meanLoss.toFixed(3)}`];
    display.update(step, [...figures, `gradient ${gradNorm.toFixed(2)}`].join(", "));
  },
  async onEpoch({ epoch, meanLoss }) {
    const { state } = record;
    const score = accuracy(valid);
    if (score > state.best.accuracy) {
      state.best = { accuracy: score, epoch: epoch + 1 };
      best.keep();
    }
    state.cpuSeconds += cpuSeconds() - last;
    last = cpuSeconds();
    state.losses.push(meanLoss);
    state.valid.push(score);
    const minutes = (state.cpuSeconds / 60).toFixed(1);
    console.log(
      `epoch ${epoch + 1}  loss ${meanLoss.toFixed(4)}  valid ${percent(score)}  ${minutes} CPU minutes`,
    );
  },
  checkpoint: {
    every: 100,
    save: (bytes) => writeBytes(checkpoint, bytes),
    ...(resume && { resume }),
    tensors: best.tensors,
    parts: { record, best },
  },
});

best.restore();
const result = { ...record.state, flowAfter: flow(), test: accuracy(test) };
await writeJson("json", result);
await writeBytes(file("weights"), saveSafetensors(model.stateDict()));
const { accuracy: bestAccuracy, epoch } = result.best;
console.log(`best epoch ${epoch}: valid ${percent(bestAccuracy)}, test ${percent(result.test)}`);

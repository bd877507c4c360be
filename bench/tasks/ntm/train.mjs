// A Neural Turing Machine, or an LSTM, learns one of the paper's tasks from single sequences.
//   node bench/tasks/ntm/train.mjs --task copy --network ntm --seed 1 --out DIR
// The weights that are kept are those with the smallest loss over a thousand sequences, each read for the first time.
// Kill it when you like: the same command with --resume goes on to the same bits.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Option, program } from "commander";
import {
  backend,
  binaryCrossEntropyWithLogits,
  initSync,
  manualSeed,
  saveSafetensors,
  scope,
  tensor,
} from "hiddenstate";
import { loadCheckpoint, saveCheckpoint } from "hiddenstate/io";
import { writeBytes } from "hiddenstate/node";
import { clipGradValue } from "hiddenstate/optim";
import { cpuSeconds } from "../../measure.mjs";
import { example, TASKS } from "./data.mjs";
import { NETWORKS, optimizerOf } from "./networks.mjs";

const options = program
  .addOption(new Option("--task <name>", "which").choices(Object.keys(TASKS)).default("copy"))
  .addOption(
    new Option("--network <name>", "what learns").choices(Object.keys(NETWORKS)).default("ntm"),
  )
  .requiredOption("--out <folder>", "for the log, the checkpoint and the weights")
  .option("--sequences <n>", "how many to learn from", Number, 30_000)
  .option("--learning-rate <n>", "instead of the network's", Number)
  .option("--seed <n>", "of the first weights and of the sequences", Number, 1)
  .option("--resume", "go on from the checkpoint in --out, if there is one", false)
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed", "auto"]).default("auto"))
  .parse()
  .opts();

/** Sequences between two lines of the log, and two checkpoints. */
const LINE = 500;
const SAVE = 5000;

initSync({ build: options.build });
manualSeed(options.seed);
const task = TASKS[options.task];
const network = NETWORKS[options.network];
const model = network.make(task.inputSize, task.outputSize);
const lr = options.learningRate ?? network.learningRate;
const optimizer = optimizerOf(model, lr);

mkdirSync(options.out, { recursive: true });
const named = `${options.task}-${options.network}-${options.seed}`;
const file = (end) => join(options.out, `${named}.${end}`);
/** Wrong bits and loss of each line's sequences; part of the checkpoint. */
const record = { state: { lr, cpuSeconds: 0, wrong: [], loss: [], best: null } };
const run = { model, optimizer, parts: { record } };
let first = 0;
if (options.resume && existsSync(file("checkpoint")))
  first = loadCheckpoint(run, readFileSync(file("checkpoint"))).sequence;
console.log(
  JSON.stringify({ ...options, lr, parameters: count(), kernels: backend().build, first }),
);

function count() {
  return model.parameters().reduce((sum, { size }) => sum + size, 0);
}

/** Keeps the weights, if the last two lines are the best two so far. */
async function keepBest(sequence) {
  const { state } = record;
  const lastTwo = (values) => (values.at(-1) + values.at(-2)) / 2;
  if (state.loss.length < 2 || (state.best && lastTwo(state.loss) >= state.best.loss)) return;
  state.best = { sequence, loss: lastTwo(state.loss), wrong: lastTwo(state.wrong) };
  await writeBytes(file("weights"), saveSafetensors(model.stateDict()));
}

let [last, wrong, losses] = [cpuSeconds(), 0, 0];
for (let number = first; number < options.sequences; number++) {
  scope(() => {
    const { input, target } = example(task, options.seed, number);
    const { output } = model.forward(tensor([input]));
    const answer = output.slice(1, -target.length);
    const wanted = tensor([target]);
    const loss = binaryCrossEntropyWithLogits(answer, wanted);
    optimizer.zeroGrad();
    loss.backward();
    clipGradValue(model.parameters(), 10);
    optimizer.step();
    const bits = target.flat();
    wrong += answer.data().reduce((sum, logit, i) => sum + +(logit > 0 !== bits[i] > 0.5), 0);
    losses += loss.item();
  });
  const done = number + 1;
  if (done % LINE === 0) {
    const { state } = record;
    state.cpuSeconds += cpuSeconds() - last;
    last = cpuSeconds();
    state.wrong.push(wrong / LINE);
    state.loss.push(losses / LINE);
    const seconds = state.cpuSeconds.toFixed(0);
    console.log(
      `${named} ${done}  loss ${(losses / LINE).toFixed(5)}  wrong bits ${(wrong / LINE).toFixed(3)}  ${seconds} CPU seconds`,
    );
    [wrong, losses] = [0, 0];
    await keepBest(done);
  }
  if (done % SAVE === 0 || done === options.sequences)
    await writeBytes(file("checkpoint"), saveCheckpoint(run, { sequence: done }));
}
console.log(JSON.stringify({ named, ...record.state.best, cpuSeconds: record.state.cpuSeconds }));
writeFileSync(file("json"), JSON.stringify(record.state));

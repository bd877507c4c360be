// What train.mjs learned, on sequences it never saw: of the lengths of training, and longer ones.
//   node bench/tasks/ntm/evaluate.mjs --task copy --network ntm --seed 1 --out DIR
// With --picture FILE an SVG of what the heads did while the machine copied once.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Option, program } from "commander";
import { initSync, loadSafetensors, noGrad, scope, tensor } from "hiddenstate";
import { memoryChart, memoryTrace } from "hiddenstate/inspect";
import { example, TASKS } from "./data.mjs";
import { NETWORKS } from "./networks.mjs";

const options = program
  .addOption(new Option("--task <name>", "which").choices(Object.keys(TASKS)).default("copy"))
  .addOption(
    new Option("--network <name>", "what learned").choices(Object.keys(NETWORKS)).default("ntm"),
  )
  .requiredOption("--out <folder>", "where train.mjs wrote")
  .option("--seed <n>", "of the training", Number, 1)
  .option("--sequences <n>", "of each kind", Number, 100)
  .option("--picture <file>", "draw one sequence there")
  .option("--length <n>", "of the sequence that is drawn", Number, 20)
  .addOption(new Option("--build <kernels>").choices(["plain", "relaxed", "auto"]).default("auto"))
  .parse()
  .opts();

/** Beside what was trained, each task's ranges that were not. */
const LONGER = {
  copy: [10, 20, 30, 50, 80, 120].map((length) => ({ length: [length, length] })),
  repeatCopy: [
    { length: [10, 10], repeats: [10, 10] },
    { length: [20, 20], repeats: [10, 10] },
    { length: [10, 10], repeats: [20, 20] },
  ],
  recall: [6, 8, 10, 12, 15, 20].map((items) => ({ items: [items, items] })),
};
/** Not a seed of training: sequences are new. */
const HELD_OUT = 1_000_003;

initSync({ build: options.build });
const task = TASKS[options.task];
const model = NETWORKS[options.network].make(task.inputSize, task.outputSize);
const named = `${options.task}-${options.network}-${options.seed}`;
model.loadStateDict(loadSafetensors(readFileSync(join(options.out, `${named}.weights`))));

for (const range of [task.trained, ...LONGER[options.task]]) {
  let [wrong, bits, whole] = [0, 0, 0];
  for (let number = 0; number < options.sequences; number++)
    scope(() =>
      noGrad(() => {
        const { input, target } = example(task, HELD_OUT, number, range);
        const answer = model
          .forward(tensor([input]))
          .output.slice(1, -target.length)
          .data();
        const wanted = target.flat();
        const own = answer.reduce((sum, logit, i) => sum + +(logit > 0 !== wanted[i] > 0.5), 0);
        wrong += own;
        whole += +(own === 0);
        bits += wanted.length;
      }),
    );
  const share = { wrongPerSequence: wrong / options.sequences, wrongOfBits: wrong / bits };
  console.log(JSON.stringify({ named, ...range, ...share, whole: whole / options.sequences }));
}

if (options.picture) {
  const { length } = options;
  const { input } = example(task, HELD_OUT, 0, { length: [length, length] });
  const trace = scope(() => memoryTrace(model, tensor([input])));
  const title = `A Neural Turing Machine copies ${length} rows of bits`;
  writeFileSync(options.picture, `${memoryChart(trace, { title })}\n`);
}

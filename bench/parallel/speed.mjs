// Training steps by workers beside plain ones: interleaved, the fastest of many runs of each. In a quiet machine.
//   node bench/parallel/speed.mjs [C1 …] [--rounds 20] [--build auto]
import { Worker } from "node:worker_threads";
import { Option, program } from "commander";
import { Adam, initSync, manualSeed, SGD } from "hiddenstate";
import { DataParallel } from "hiddenstate/parallel";
import { fit } from "hiddenstate/train";
import { workloads } from "../workloads/definitions.mjs";
import { examplesOf, Network } from "./network.mjs";

program
  .argument("[ids...]", "workloads", ["C1", "C2", "C3", "C5", "C6"])
  .option("--rounds <n>", "runs of each contestant", Number, 20)
  .option("--seconds <n>", "of a run, about", Number, 0.5)
  .addOption(new Option("--build <kernels>").choices(["plain", "auto"]).default("auto"))
  .parse();
const { rounds, seconds, build } = program.opts();
initSync({ build });

/** Workers and shards; undefined: plain fit. */
const CONTESTANTS = [undefined, [1, 1], [1, 2], [2, 2], [2, 4]];
const nameOf = (each) => (each ? `${each[0]} workers, ${each[1]} shards` : "plain fit");

for (const id of program.processedArgs[0]) {
  const workload = workloads.find((each) => each.id === id);
  if (!workload) program.error(`no workload ${id}`);
  const batch = examplesOf(workload);
  const contestants = CONTESTANTS.map((each) => {
    manualSeed(1);
    const model = new Network(workload);
    const optimizer =
      workload.optimizer === "sgd"
        ? new SGD(model.parameters(), { lr: 0.01 })
        : new Adam(model.parameters(), { lr: 1e-4 });
    const parallel =
      each &&
      new DataParallel({
        ...{ model, setup: workload, workers: each[0], shards: each[1] },
        createWorker: () => new Worker(new URL("worker.mjs", import.meta.url)),
      });
    const way = parallel ? { parallel } : { step: (examples) => model.loss(examples) };
    const run = async (steps) => {
      const began = performance.now();
      await fit({
        model,
        optimizer,
        ...way,
        batches: Array(steps).fill(batch),
        epochs: 1,
        maxNorm: 5,
      });
      return (performance.now() - began) / steps;
    };
    return { name: nameOf(each), run, parallel, best: Infinity };
  });
  try {
    for (const { run } of contestants) await run(3);
    const once = await contestants[0].run(3);
    const steps = Math.max(1, Math.round((1000 * seconds) / once));
    for (let round = 0; round < rounds; round++)
      for (const each of contestants) each.best = Math.min(each.best, await each.run(steps));
  } finally {
    await Promise.all(contestants.map(({ parallel }) => parallel?.close()));
  }
  const [plain] = contestants;
  for (const { name, best } of contestants)
    console.log(
      `${id.padEnd(4)}${name.padEnd(22)}${best.toFixed(2).padStart(10)} ms a step${(plain.best / best).toFixed(3).padStart(9)} times plain fit`,
    );
}

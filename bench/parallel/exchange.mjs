// How long 19 million parameters take to the workers and their gradients back, summed: steps of a loss that costs next to nothing,
// beside the same loss without workers.
//   node bench/parallel/exchange.mjs [--workers 4] [--rounds 30]
import { Worker } from "node:worker_threads";
import { program } from "commander";
import { Linear, scope } from "hiddenstate";
import { DataParallel } from "hiddenstate/parallel";

const { workers, rounds } = program
  .option("--workers <n>", "threads", Number, 4)
  .option("--rounds <n>", "steps", Number, 30)
  .parse()
  .opts();
const SIZE = 4359;
const model = new Linear(SIZE, SIZE, { bias: false });
const parallel = new DataParallel({
  ...{ model, setup: SIZE, workers, shards: workers },
  createWorker: () => new Worker(new URL("exchange-worker.mjs", import.meta.url)),
});
const batch = Array.from({ length: workers }, (_, i) => i);
const best = { exchange: Infinity, alone: Infinity };
const time = async (name, run) => {
  const began = performance.now();
  await run();
  best[name] = Math.min(best[name], performance.now() - began);
};
try {
  for (let round = 0; round < rounds; round++) {
    await time("exchange", () => parallel.gradients(batch));
    model.zeroGrad();
    await time("alone", () => scope(() => model.weight.sum().backward()));
    model.zeroGrad();
  }
} finally {
  await parallel.close();
}
console.log(
  `${SIZE * SIZE} parameters, ${workers} workers, ${parallel.info.transport}: ${best.exchange.toFixed(1)} ms a step, ${best.alone.toFixed(1)} ms without workers`,
);

// How long 19 million parameters take to the workers and their gradients back, summed, beside what the memory can do. Steps of a loss
// that costs little, and steps of the same loss computed twice: what is left of the first when the difference is taken away is the
// exchange.
//   node bench/parallel/exchange.mjs [--workers 4] [--rounds 30]
import { Worker } from "node:worker_threads";
import { program } from "commander";
import { Linear } from "hiddenstate";
import { DataParallel } from "hiddenstate/parallel";

const { workers, rounds } = program
  .option("--workers <n>", "threads", Number, 4)
  .option("--rounds <n>", "steps of each kind", Number, 30)
  .parse()
  .opts();
const SIZE = 4359;
const model = new Linear(SIZE, SIZE, { bias: false });
const parallel = new DataParallel({
  ...{ model, setup: SIZE, workers, shards: workers },
  createWorker: () => new Worker(new URL("exchange-worker.mjs", import.meta.url)),
});
const batch = (before) => Array.from({ length: workers }, () => ({ before }));
const best = { once: Infinity, twice: Infinity, copy: Infinity };
const time = async (name, run) => {
  const began = performance.now();
  await run();
  best[name] = Math.min(best[name], performance.now() - began);
};
const [from, to] = [0, 1].map(() => new Float32Array(SIZE * SIZE).fill(1));
try {
  for (let round = 0; round < rounds; round++) {
    await time("once", () => parallel.gradients(batch(0)));
    await time("twice", () => parallel.gradients(batch(1)));
    await time("copy", () => to.set(from));
  }
} finally {
  await parallel.close();
}
const ms = (value) => `${value.toFixed(1)} ms`;
const megabytes = (4e-6 * SIZE * SIZE).toFixed(0);
console.log(
  `${SIZE * SIZE} parameters, ${workers} workers, ${parallel.info.transport}: ` +
    `exchange ${ms(2 * best.once - best.twice)}, of a step of ${ms(best.once)}; ` +
    `one thread copies ${megabytes} MB in ${ms(best.copy)}`,
);

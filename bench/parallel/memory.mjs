// Whether a training of two workers holds more memory the longer it lasts: 10,000 steps of a small network, and what the process holds at
// the end of each tenth, after the engine has collected.
//   node --expose-gc bench/parallel/memory.mjs [--steps 10000]
import { Worker } from "node:worker_threads";
import { program } from "commander";
import { Adam, memoryUsage } from "hiddenstate";
import { DataParallel } from "hiddenstate/parallel";
import { fit } from "hiddenstate/train";
import { workloads } from "../workloads/definitions.mjs";
import { Network } from "./network.mjs";

const { steps } = program.option("--steps <n>", "how many", Number, 10_000).parse().opts();
const workload = workloads.find(({ id }) => id === "C5");
const model = new Network(workload);
const optimizer = new Adam(model.parameters(), { lr: 1e-4 });
const parallel = new DataParallel({
  ...{ model, setup: workload, workers: 2, shards: 4 },
  createWorker: () => new Worker(new URL("worker.mjs", import.meta.url)),
});
const batch = Array.from({ length: workload.batch }, (_, i) => i);
const megabytes = (bytes) => (bytes / 1e6).toFixed(2).padStart(9);
const began = performance.now();
console.log("    step       rss      heap  external   kernels, MB");
try {
  await fit({
    ...{ model, optimizer, parallel, steps, maxNorm: 5 },
    batches: Array(100).fill(batch),
    onStep({ step }) {
      if (step % (steps / 10) > 0) return;
      globalThis.gc?.();
      const { rss, heapUsed, external } = process.memoryUsage();
      const held = [rss, heapUsed, external, memoryUsage().wasmBytes].map(megabytes).join(" ");
      console.log(`${String(step).padStart(8)} ${held}`);
    },
  });
} finally {
  await parallel.close();
}
console.log(`${((performance.now() - began) / 1000).toFixed(0)} s`);

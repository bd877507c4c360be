import { Worker } from "node:worker_threads"; // a page, Deno and Bun have their own
import { Adam, manualSeed } from "hiddenstate";
import { batches } from "hiddenstate/data";
import { DataParallel } from "hiddenstate/parallel";
import { fit } from "hiddenstate/train";
import { Network } from "./network.mjs";

const wave = Array.from({ length: 208 }, (_, i) => Math.sin(i / 3));
const examples = Array.from({ length: 200 }, (_, i) => ({
  series: wave.slice(i, i + 8),
  next: wave[i + 8],
}));

manualSeed(1);
const hiddenSize = 16;
const model = new Network(hiddenSize);
const parallel = new DataParallel({
  model,
  createWorker: () => new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" }),
  setup: { hiddenSize },
  workers: 2,
  shards: 4,
});
const { workers, shards, transport, reason } = parallel.info;
console.log(`${shards} shards by ${workers} workers through ${transport}: ${reason}`);
try {
  await fit({
    model,
    optimizer: new Adam(model.parameters(), { lr: 0.01 }),
    parallel, // instead of step
    batches: () => batches(examples, { batchSize: 40, shuffle: true }),
    epochs: 20,
    onEpoch: ({ epoch, meanLoss }) => {
      if (epoch % 5 === 4) console.log(epoch + 1, meanLoss.toFixed(4));
    },
  });
} finally {
  await parallel.close();
}

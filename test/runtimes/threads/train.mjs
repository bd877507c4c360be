// A training by several threads, in any runtime: what its weights are in the end must not depend on how many.
import { Adam, Dropout, initSync, Linear, manualSeed, Sequential } from "hiddenstate";
import { DataParallel } from "hiddenstate/parallel";
import { fit } from "hiddenstate/train";

export const SHARDS = 6;
const EXAMPLES = Array.from({ length: 40 }, (_, i) => ({
  ...{ x: [i / 40, (i * i) % 5], y: (i % 4) / 4 },
}));

export function network(size) {
  return new Sequential(new Linear(2, size), new Dropout(0.3), new Linear(size, 1));
}

/** A checksum of the weights, and how numbers travelled. */
export async function train(createWorker, { workers, size = 12, epochs = 4 }) {
  initSync({ build: "plain" });
  manualSeed(1);
  const model = network(size);
  const optimizer = new Adam(model.parameters(), { lr: 0.02 });
  const parallel = new DataParallel({
    ...{ model, createWorker, workers, shards: SHARDS, setup: { size } },
  });
  const batches = [0, 16].map((from) => EXAMPLES.slice(from, from + 24));
  try {
    await fit({ model, optimizer, parallel, batches, epochs, maxNorm: 1 });
  } finally {
    await parallel.close();
  }
  return { checksum: checksumOf(model), transport: parallel.info.transport };
}

/** By 1, 2, 3 and 5 workers: a small network, and one so large that workers sum its gradients. */
export async function trainings(createWorker) {
  const found = { small: [], large: [] };
  let transport;
  for (const workers of [1, 2, 3, 5]) {
    const small = await train(createWorker, { workers });
    transport = small.transport;
    found.small.push(small.checksum);
    const large = await train(createWorker, { workers, size: 70_000, epochs: 1 });
    found.large.push(large.checksum);
  }
  return { transport, ...found };
}

/** FNV-1a over the bytes of all weights. */
function checksumOf(model) {
  let hash = 0x811c9dc5;
  for (const parameter of model.parameters())
    for (const byte of new Uint8Array(parameter.data().buffer))
      hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16);
}

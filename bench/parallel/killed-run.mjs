// A small training that kills.mjs kills: it goes on from its checkpoint, by as many workers as it is told.
//   node bench/parallel/killed-run.mjs FOLDER WORKERS [STEP]   (STEP: there one of its own workers is ended)
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { initSync, manualSeed } from "hiddenstate";
import { SequenceTagger } from "hiddenstate/models";
import { writeBytes } from "hiddenstate/node";
import { WorkerError } from "hiddenstate/parallel";

const [folder, workers, ends] = process.argv.slice(2);
initSync({ build: "plain" });
manualSeed(1);

/** Names begin with capitals: sentences of a fixed generator. */
function sentences(count) {
  let state = 1;
  const below = (limit) => (state = (state * 16807) % 2147483647) % limit;
  const words = "the a big small cat dog saw liked Ada Bob in at Paris Rome".split(" ");
  return Array.from({ length: count }, () => {
    const own = Array.from({ length: 2 + below(8) }, () => words[below(words.length)]);
    return { words: own, tags: own.map((word) => (/^[A-Z]/.test(word) ? "B-NAME" : "O")) };
  });
}

const data = sentences(96);
const tagger = SequenceTagger.build(data, { hiddenSize: 12, embeddingSize: 8 });
const made = [];
const file = new URL(import.meta.resolve("hiddenstate/parallel/worker"));
const checkpoint = join(folder, "run.checkpoint");
try {
  await tagger.fit(data, {
    ...{ epochs: 4, batchSize: 8, shards: 6, workers: Number(workers) },
    createWorker() {
      const worker = new Worker(file);
      made.push(worker);
      return worker;
    },
    onStep({ step }) {
      if (step === Number(ends)) void made.at(-1).terminate();
    },
    checkpoint: {
      every: 1,
      save: (bytes) => writeBytes(checkpoint, bytes),
      ...(existsSync(checkpoint) && { resume: readFileSync(checkpoint) }),
    },
  });
  await writeBytes(join(folder, "model.safetensors"), tagger.save());
} catch (error) {
  if (!(error instanceof WorkerError)) throw error;
  // None is left: the process ends by itself.
  process.exitCode = 3;
}

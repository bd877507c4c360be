// Training steps of the workloads C1 to C6: `fit` with a DataParallel beside plain `fit`, and PyTorch.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { Adam, manualSeed, SGD } from "hiddenstate";
import { DataParallel } from "hiddenstate/parallel";
import { fit } from "hiddenstate/train";
import { python } from "../peers/openblas.mjs";
import { writeData } from "../workloads/data.mjs";
import { contest, nameOf, print, THREADS } from "./contest.mjs";
import { Network } from "./network.mjs";

/** Milliseconds that a run takes, about. */
const RUN = 300;
/** Steps before time is taken: engines compile what is hot. */
const WARM = 1000;

export async function steps(workload, seconds) {
  const batch = Array.from({ length: workload.batch }, (_, i) => i);
  const contestants = THREADS.map((threads) => {
    manualSeed(1);
    const model = new Network(workload);
    const optimizer =
      workload.optimizer === "sgd"
        ? new SGD(model.parameters(), { lr: 0.01 })
        : new Adam(model.parameters(), { lr: 1e-4 });
    const parallel =
      threads &&
      new DataParallel({
        ...{ model, setup: workload, workers: threads[0], shards: threads[1] },
        createWorker: () => new Worker(new URL("worker.mjs", import.meta.url)),
      });
    const way = parallel ? { parallel } : { step: (places) => model.loss(places) };
    const take = async (count) => {
      const began = performance.now();
      const batches = Array(count).fill(batch);
      await fit({ model, optimizer, ...way, batches, epochs: 1, maxNorm: 5 });
      return (performance.now() - began) / count;
    };
    return { name: nameOf(threads), parallel, take };
  });
  try {
    const once = await contestants[0].take(3);
    const count = Math.max(1, Math.round(RUN / once));
    const warm = Math.max(2, Math.min(WARM, Math.round((seconds * 1000) / 16 / once)));
    for (const { take } of contestants) await take(warm);
    const runs = contestants.map(({ name, take }) => ({ name, run: () => take(count) }));
    print(workload.id, await contest(runs, seconds), "a step");
  } finally {
    await Promise.all(contestants.map(({ parallel }) => parallel?.close()));
  }
}

/** The same step in PyTorch, on two threads. */
export function inPytorch(workload, env) {
  const folder = mkdtempSync(join(tmpdir(), "hiddenstate-bench-"));
  const script = fileURLToPath(new URL("../peers/pytorch.py", import.meta.url));
  try {
    const file = writeData(workload, join(folder, "workload"));
    const { stdout, stderr, status } = spawnSync(python, [script, file], {
      encoding: "utf8",
      env: { ...process.env, ...env, BENCH_THREADS: "2" },
    });
    if (status !== 0) throw new Error(stderr);
    const { min } = JSON.parse(stdout.trim().split("\n").at(-1));
    print(workload.id, new Map([["PyTorch, 2 threads", min]]), "a step");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

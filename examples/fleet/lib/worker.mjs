// A worker: takes jobs from the queue and has a process of its own do them. As many as there are cores, on as many machines as
// there are; they may come and go.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "bullmq";
import { isFull, redisFull } from "./errors.mjs";
import { connectionOf, isAway, PREFIX, QUEUE, watchRedis } from "./redis.mjs";

/**
 * Works until `signal` ends it: a chunk is finished, a training saved and handed back.
 *
 * @param {{ url: string, store: string, lock: number, say: (line: string) => void, signal: AbortSignal }} options
 *   `lock`: seconds without a sign of life after which a job is somebody else's
 */
export async function work({ url, store, lock, say, signal }) {
  // A scheduler that started this worker is gone, killed maybe.
  if (process.connected) process.once("disconnect", () => process.exit(1));
  // A process for jobs that ended while it was sent one: its job fails by that, and is tried again.
  process.on("unhandledRejection", (error) => {
    if (!/^(EPIPE|ERR_IPC_CHANNEL_CLOSED)$/.test(Object(error).code)) throw error;
  });
  const watched = await watchRedis(url, say);
  const worker = new Worker(QUEUE, new URL("./job.mjs", import.meta.url), {
    connection: connectionOf(url),
    prefix: PREFIX,
    lockDuration: lock * 1000,
    stalledInterval: (lock * 1000) / 2,
    // A worker that is lost is no fault of its job: only a job that loses this many is given up.
    maxStalledCount: 20,
    // After an error of Redis.
    runRetryDelay: 1000,
    workerForkOptions: {
      // Ctrl-C in a terminal is for this process: it says what becomes of the jobs.
      detached: true,
      env: { ...process.env, FLEET_STORE: store, FLEET_CACHE: join(tmpdir(), "fleet-cache") },
    },
  });
  let full = false;
  worker.on("error", (error) => {
    if (isFull(error)) {
      if (!full) say(`${redisFull(error)}\nThis worker waits until there is room.`);
      full = true;
    } else if (!isAway(error)) say(error.message);
  });
  worker.on("completed", () => {
    full = false;
  });
  worker.on("failed", (job, error) => say(`${job?.id}: ${error.message}`));
  try {
    await worker.waitUntilReady();
    say("Ready for jobs.");
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    say("Leaving: what is being trained is saved and handed back.");
    worker.cancelAllJobs("the worker leaves");
    await worker.close();
  } finally {
    watched.close();
    // The channel to a scheduler would keep it running.
    process.channel?.unref();
  }
}

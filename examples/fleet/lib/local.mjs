// What runs on this machine beside a scheduler: Redis where none is named, and workers. They end with the program.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Delivery } from "./deliver.mjs";
import { Interrupted } from "./errors.mjs";
import { startRedis } from "./redis.mjs";
import { openStore } from "./store.mjs";

const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

const PROGRAM = fileURLToPath(new URL("../fleet.mjs", import.meta.url));

/**
 * Runs what a scheduler does, with all that it needs.
 *
 * @template T
 * @param {{ redis?: string, store: string, workers: number, lock: number, window: number, say: (line: string) => void }} options
 * @param {(fleet: { store: import("./store.mjs").Store, delivery: Delivery, url: string }) => Promise<T>} run
 * @returns {Promise<T>}
 */
export async function withFleet({ redis, store: given, workers, lock, window, say }, run) {
  const store = await openStore(given);
  const own = redis === undefined ? await startRedis({ dir: join(".fleet", "redis") }) : undefined;
  const url = redis ?? own.url;
  if (own) say(`Redis of this program: ${url}; other workers of this machine may join it.`);
  const started = Array.from({ length: workers }, () =>
    startWorker({ url, store: given, lock, say }),
  );
  /** @type {Delivery | undefined} */
  let delivery;
  try {
    delivery = await Delivery.open({ url, store, window, say });
    return await Promise.race([run({ store, delivery, url }), interrupted()]);
  } finally {
    // Workers first, while there is a Redis to hand jobs back to.
    await Promise.all(started.map((worker) => worker.close()));
    await delivery?.close();
    await own?.close();
  }
}

/** Rejects at the first Ctrl-C or SIGTERM; the next one ends the process at once. @returns {Promise<never>} */
function interrupted() {
  return new Promise((_, reject) => {
    const end = () => {
      for (const name of SIGNALS) process.off(name, end);
      reject(new Interrupted("Interrupted. What is done is kept: the same command goes on."));
    };
    for (const name of SIGNALS) process.once(name, end);
  });
}

/** One that is lost is followed by another. @param {{ url: string, store: string, lock: number, say: (line: string) => void }} options */
function startWorker({ url, store, lock, say }) {
  const args = ["worker", "--redis", url, "--store", store, "--lock", String(lock), "--quiet"];
  let closing = false;
  let child;
  let gone;
  const start = () => {
    // It ends with this process: they share a channel.
    child = fork(PROGRAM, args, { detached: true, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    gone = once(child, "exit").then(async ([code, signal]) => {
      if (closing) return;
      say(`A worker ended (${signal ?? `exit code ${code}`}): another one takes its place.`);
      await setTimeout(1000);
      if (!closing) start();
    });
  };
  start();
  return {
    async close() {
      closing = true;
      child.kill("SIGTERM");
      await gone;
    },
  };
}

// Tasks and their results. BullMQ delivers a job at least once; what counts is the result in the store, which a job writes
// before it ends. So jobs may be lost, doubled or thrown away: a task without a result is asked for again.
import { once, EventEmitter } from "node:events";
import { Queue, QueueEvents } from "bullmq";
import { isFull, JobError, redisFull } from "./errors.mjs";
import { connectionOf, isAway, PREFIX, QUEUE, watchRedis } from "./redis.mjs";
import { readJson } from "./store.mjs";

/**
 * @typedef {object} Task
 * @property {string} id The job's id: the same task is never in the queue twice.
 * @property {"trial" | "chunk"} kind
 * @property {object} data
 * @property {string} result The key of its result, which is JSON.
 */

/** How often what is on its way is looked at: a job that Redis lost is noticed by nothing else. */
const RECHECK = 3000;

const JOB_OPTIONS = {
  // A worker's process that was ended from outside is tried again; what a job refuses is not.
  attempts: 5,
  backoff: { type: "fixed", delay: 1000 },
  removeOnComplete: true,
};

/** The scheduler's side of the queue. */
export class Delivery {
  #queue;
  #events;
  #watched;
  #store;
  #window;
  #changes = new EventEmitter();
  #failed = new Map();
  #ended = new Set();
  #workers = { asked: 0, count: 0 };

  /** @param {{ url: string, store: import("./store.mjs").Store, window?: number, say: (line: string) => void }} options */
  static async open({ url, store, window = 200, say }) {
    const watched = await watchRedis(url, say);
    const options = { connection: connectionOf(url), prefix: PREFIX };
    const queue = new Queue(QUEUE, options);
    const events = new QueueEvents(QUEUE, options);
    const delivery = new Delivery({ queue, events, watched, store, window });
    for (const each of [queue, events])
      each.on("error", (error) => {
        if (isFull(error)) delivery.#changes.emit("full", error);
        else if (!isAway(error)) say(`Redis: ${error.message}`);
      });
    await events.waitUntilReady();
    return delivery;
  }

  constructor({ queue, events, watched, store, window }) {
    this.#queue = queue;
    this.#events = events;
    this.#watched = watched;
    this.#store = store;
    this.#window = window;
    events.on("completed", ({ jobId }) => {
      this.#ended.add(jobId);
      this.#changes.emit("change");
    });
    events.on("failed", ({ jobId, failedReason }) => {
      this.#failed.set(jobId, failedReason);
      this.#changes.emit("change");
    });
  }

  /** @param {(jobId: string, progress: any) => void} listener */
  onProgress(listener) {
    this.#events.on("progress", ({ jobId, data }) => listener(jobId, data));
  }

  /** How many workers there are: asked for now and then, for people to read. */
  async workersSeen() {
    if (Date.now() - this.#workers.asked >= RECHECK) {
      const count = await this.#queue.getWorkersCount().catch(() => this.#workers.count);
      this.#workers = { asked: Date.now(), count };
    }
    return this.#workers.count;
  }

  /**
   * Has the tasks done, and gives each with its result, as they come: so many are on their way at once.
   *
   * @param {Iterable<Task>} tasks
   * @returns {AsyncGenerator<{ task: Task, result: any }, void>}
   */
  async *results(tasks) {
    const source = tasks[Symbol.iterator]();
    /** @type {Map<string, Task>} */
    const away = new Map();
    let next = source.next();
    let checked = Date.now();
    try {
      while (true) {
        while (!next.done && away.size < this.#window) {
          const task = next.value;
          next = source.next();
          const result = await readJson(this.#store, task.result);
          if (result !== undefined) yield { task, result };
          else {
            await this.#ask(task);
            away.set(task.id, task);
          }
        }
        if (away.size === 0) return;
        const due = Date.now() - checked >= RECHECK;
        if (due) checked = Date.now();
        const look = due ? [...away.values()] : this.#changed(away);
        for (const task of look) {
          const result = await this.#lookAt(task, due);
          if (result === undefined) continue;
          away.delete(task.id);
          yield { task, result };
        }
        if (look.length === 0) await this.#change(RECHECK - (Date.now() - checked));
      }
    } finally {
      this.#ended.clear();
    }
  }

  #changed(away) {
    const known = [...this.#ended, ...this.#failed.keys()].filter((id) => away.has(id));
    this.#ended.clear();
    return known.map((id) => away.get(id));
  }

  /** Until something ended, or it is time to look after all; a Redis that is full ends it. */
  async #change(milliseconds) {
    const ending = new AbortController();
    const { signal } = ending;
    try {
      const full = once(this.#changes, "full", { signal }).then(([cause]) => {
        throw redisFull(cause);
      });
      const timer = new Promise((resolve) => {
        const handle = setTimeout(resolve, Math.max(0, milliseconds));
        signal.addEventListener("abort", () => clearTimeout(handle));
      });
      full.catch(() => {});
      await Promise.race([full, once(this.#changes, "change", { signal }), timer]);
    } finally {
      ending.abort();
    }
  }

  /** The result of a task, if it has one; a job that is in no list of Redis any more is added again. */
  async #lookAt(task, due) {
    const state = due ? await this.#queue.getJobState(task.id) : "completed";
    if (!["completed", "failed", "unknown"].includes(state)) return undefined;
    const result = await readJson(this.#store, task.result);
    if (result !== undefined) return result;
    const reason = this.#failed.get(task.id);
    if (state === "failed" || reason !== undefined) {
      const job = await this.#queue.getJob(task.id);
      throw new JobError({
        op: `job ${task.id}`,
        expected: "to end with a result",
        got: reason ?? job?.failedReason ?? "a failure",
        cure: "The same command tries it again, and keeps what is done.",
      });
    }
    if (due) await this.#ask(task);
    return undefined;
  }

  async #ask({ id, kind, data }) {
    try {
      // One that failed in an earlier run of the scheduler is in the way.
      if ((await this.#queue.getJobState(id)) === "failed") await this.#queue.remove(id);
      await this.#queue.add(kind, data, { ...JOB_OPTIONS, jobId: id });
    } catch (error) {
      throw isFull(error) ? redisFull(error) : error;
    }
  }

  async close() {
    this.#watched.close();
    // Redis may be away by now: what is waiting for it is given up.
    await Promise.allSettled([this.#queue.close(), this.#events.close()]);
  }
}

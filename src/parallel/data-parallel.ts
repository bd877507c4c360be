// Data-parallel training, the main program's side: workers compute the gradients of shards, the main program has the optimizer.
import { checkCall } from "../core/check.js";
import { checkLike } from "../core/check-like.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import type { Module } from "../nn/module.js";
import type { Optimizer, OptimizerOptions } from "../optim/optimizer.js";
import { scope } from "../tensor/scope.js";
import type { GradientSource } from "../train/gradient-source.js";
import { backend } from "../wasm/backend.js";
import { applySums, factorOf } from "./apply.js";
import {
  additionsFor,
  isSummable,
  makeShared,
  placeOf,
  shareOf,
  stretchesOf,
  sumIn,
  valuesIn,
  type Shared,
  type Stretch,
} from "./exchange.js";
import { layoutOf, readValues, writeValues, WrittenValues, type Layout } from "./layout.js";
import type { Start, Step, Stepped } from "./serve.js";
import { MOST_SHARDS, type Outcome } from "./shard-runner.js";
import { drawSeed, inOrder, resultsOf, shardsIn, type Sharding } from "./shards.js";
import { nodesOver, shardsOf, type TreeNode } from "./shard-tree.js";
import { bytesOfSteps, SlicedSteps, type SlicedPlan } from "./sliced-steps.js";
import { parallelSupport, type ParallelSupport, type WorkerLike } from "./threads.js";
import { WorkerHandle } from "./worker-handle.js";

export interface DataParallelOptions<Batch, Shard> extends Sharding<Batch, Shard> {
  /** What is trained: the main program's, which the optimizer updates. */
  model: Module;
  /**
   * Makes a worker whose program calls {@link serve}:
   * `() => new Worker(new URL("./worker.js", import.meta.url), { type: "module" })`.
   */
  createWorker(): WorkerLike;
  /** How many workers compute. It decides nothing about the numbers. Default `"auto"`: as many as threads run at once here. */
  workers?: number | "auto" | undefined;
  /**
   * How many parts a batch is cut into: with the seed it decides the numbers. At least as many as workers. Default: as many as
   * workers, so give it where runs on different machines are to agree.
   */
  shards?: number | undefined;
  /** What each worker's `begin` gets, copied: sizes, the bytes of a file. Default: nothing. */
  setup?: unknown;
  /** Seconds that a worker may take for a step before it counts as lost. Default 600. */
  timeout?: number | undefined;
}

/** What runs, and why. */
export interface ParallelInfo extends Pick<ParallelSupport, "transport" | "reason"> {
  readonly workers: number;
  readonly shards: number;
}

interface Part {
  readonly worker: WorkerHandle;
  readonly from: number;
  readonly to: number;
  readonly nodes: readonly TreeNode[];
  /** The number of its first node among those of all workers. */
  readonly first: number;
}

/** From so many additions on, workers sum what they found: below, asking them takes longer. */
const SUMMED_BY_WORKERS = 1 << 18;

/**
 * Computes a batch's gradients on several threads, for `fit`: give it as `parallel`, instead of `step`. A batch is cut into shards;
 * each worker has a copy of the model and computes some of them; the main program sums their gradients, in an order that the shards
 * alone decide, clips, and steps the optimizer (Adam and AdamW of a large model: each worker a slice). So any number of workers
 * gives the same numbers, bit for bit in the plain build, and a run goes on from a checkpoint with another number of workers.
 *
 * The loss is the mean over the whole batch. Random numbers (dropout) are drawn for each shard by the step and the shard's
 * number. BatchNorm normalizes by a shard's statistics, as PyTorch's DistributedDataParallel does; running statistics move by the
 * mean of what the shards' say.
 *
 * Workers start with the first batch. Close it at the end.
 *
 * ```ts
 * const parallel = new DataParallel({
 *   model,
 *   createWorker: () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" }),
 *   workers: 4,
 *   shards: 8,
 * });
 * console.log(parallel.info);
 * try {
 *   await fit({ model, optimizer, parallel, batches, epochs: 10 });
 * } finally {
 *   await parallel.close();
 * }
 * ```
 *
 * @example
 * ```ts
 * const createWorker = () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
 * const parallel = new DataParallel({ model: new Linear(2, 1), createWorker, workers: 2, shards: 8 });
 * parallel.info.shards; // 8
 * ```
 */
export class DataParallel<Batch, Shard = Batch> implements GradientSource<Batch> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static readonly name: string = "DataParallel";
  /** How many workers and shards, and how numbers travel between them, with the reason. */
  readonly info: ParallelInfo;
  readonly #options: DataParallelOptions<Batch, Shard>;
  readonly #patience: number;
  #layout: Layout | undefined;
  #parts: readonly Part[] = [];
  /** The model's numbers, as workers read them. */
  #values: Float32Array = new Float32Array();
  /** What of the model stands there as it is. */
  readonly #written = new WrittenValues();
  #shared: Shared | undefined;
  /** Steps of the optimizer by the workers, where kernels can work on shared memory. */
  #steps: SlicedSteps | undefined;
  /** The sums of all workers' nodes, where memory is shared. */
  #sums: readonly Float32Array[] = [];
  #starting: Promise<void> | undefined;
  #closed = false;

  /** @throws OptionError for numbers of workers and shards that make no sense */
  constructor(options: DataParallelOptions<Batch, Shard>) {
    checkCall(
      "DataParallel",
      arguments,
      "{model!:object createWorker!:function workers:number|string shards:number setup split:function merge:function timeout:number}",
    );
    checkLike("DataParallel", "a Module as model", "namedParameters", options.model);
    const { timeout = 600 } = options;
    if (!(timeout > 0)) refuse("timeout above 0", described(timeout));
    this.#options = options;
    this.#patience = timeout;
    const { transport, reason } = parallelSupport();
    this.info = { ...settleWorkers("DataParallel", options), transport, reason };
  }

  /** Starts the workers now, instead of with the first batch. */
  async start(): Promise<void> {
    if (this.#closed) refuse("one that is open", "one that was closed, or whose worker was lost");
    await (this.#starting ??= this.#guarded(() => this.#start()));
  }

  /**
   * What `fit` calls.
   *
   * @throws WorkerError where a worker is lost: all are ended. What a worker's library refuses comes as what it is: a NumericError
   */
  async gradients(batch: Batch): Promise<number> {
    await this.start();
    return this.#guarded(() => this.#step(batch));
  }

  /** @internal */
  step_<Options extends OptimizerOptions>(
    optimizer: Optimizer<Options>,
    model: Module,
    maxNorm: number | undefined,
  ): Promise<number | undefined> | undefined {
    const plan = this.#steps && scope(() => this.#steps!.plan(optimizer, model, maxNorm));
    return plan && this.#guarded(() => this.#stepByWorkers(plan));
  }

  /** Ends the workers. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#steps?.end();
    await Promise.all(this.#parts.map(({ worker }) => worker.close()));
  }

  async #start(): Promise<void> {
    const { createWorker, model, setup } = this.#options;
    const { workers, shards, transport } = this.info;
    const layout = (this.#layout = layoutOf(model));
    const all = Array.from({ length: workers }, (_, i) => {
      const [from, to] = shardsOf(i, workers, shards);
      return { from, to, nodes: nodesOver(from, to, shards) };
    });
    const count = all.reduce((sum, { nodes }) => sum + nodes.length, 0);
    const { size } = layout;
    const memory =
      transport === "shared memory"
        ? makeShared(size, count, bytesOfSteps(layout, workers))
        : undefined;
    this.#shared = memory;
    // One worker would step no faster than the main thread, which waits.
    if (workers > 1 && memory && isSummable(memory))
      this.#steps = new SlicedSteps(memory, placeOf(count, size), layout, workers);
    this.#values = memory ? valuesIn(memory, size) : new Float32Array(size);
    this.#sums = memory ? Array.from({ length: count }, (_, i) => sumIn(memory, size, i)) : [];
    const parts: Part[] = [];
    // Each is known before the next is made, so that none is left where one cannot be.
    this.#parts = parts;
    let first = 0;
    for (const [i, part] of all.entries()) {
      const name = `worker ${i + 1} of ${workers}`;
      const worker = new WorkerHandle(createWorker, name, this.#patience);
      parts.push({ ...part, worker, first });
      first += part.nodes.length;
    }
    await Promise.all(
      parts.map(({ worker, nodes, first }) =>
        worker.ask("start", {
          setup,
          build: backend().build,
          description: layout.description,
          shards,
          nodes,
          shared: memory && { memory, first },
        } satisfies Start),
      ),
    );
  }

  async #step(batch: Batch): Promise<number> {
    const layout = this.#layout!;
    const { shards } = this.info;
    const cut = shardsIn(this.#options, batch, shards);
    const seed = drawSeed();
    const counters = layout.counters.map((counter) => counter.data());
    const written = this.#written.note(layout.parameters);
    writeValues(this.#shared ? written : layout.parameters, this.#values);
    writeValues(layout.buffers, this.#values);
    const sums: (Float32Array | undefined)[] = [...this.#sums];
    const found = await Promise.all(
      this.#parts.map(async ({ worker, from, to, first }): Promise<Outcome[]> => {
        const own = [...cut].filter(([shard]) => shard >= from && shard < to);
        if (own.length === 0) return [];
        const values = this.#shared ? undefined : this.#values.slice();
        const step: Step = { seed, shards: own, counters, values, read: written.length > 0 };
        const transfer = values ? [values.buffer] : [];
        const stepped = await worker.ask<Stepped>("step", step, transfer);
        stepped.sums?.forEach((sum, i) => (sums[first + i] = sum));
        return [...stepped.outcomes];
      }),
    );
    const outcomes = inOrder(found.flat());
    const factor = factorOf(shards, outcomes);
    const nodes = this.#parts.flatMap((part) => part.nodes);
    let additions = additionsFor(layout, shards, nodes, outcomes);
    const scaled = await this.#sumByWorkers(stretchesOf(layout, additions, factor));
    if (scaled) additions = additions.map((each) => each && { root: each.root, adds: [] });
    const loss = applySums(layout, shards, { additions, sums, outcomes, factor, scaled });
    this.#options.merge?.(resultsOf(outcomes, shards), batch);
    return loss;
  }

  /** Each worker sums its share of the numbers; false where the main thread had better do it. */
  async #sumByWorkers(stretches: readonly Stretch[]): Promise<boolean> {
    const count = stretches.reduce((sum, { adds, from, to }) => sum + adds.length * (to - from), 0);
    if (count < SUMMED_BY_WORKERS || !this.#shared || !isSummable(this.#shared)) return false;
    const workers = this.#parts.length;
    await Promise.all(
      this.#parts.map(({ worker }, i) =>
        worker.ask(
          "sum",
          stretches.map((each) => shareOf(each, i, workers)),
        ),
      ),
    );
    return true;
  }

  /** Each worker steps its slices; then all read the weights, the main thread beside the workers. */
  async #stepByWorkers({ norm, calls, places }: SlicedPlan): Promise<number | undefined> {
    await Promise.all(this.#parts.map(({ worker }, i) => worker.ask("slices", calls[i])));
    this.#steps!.stepped();
    for (const { worker } of this.#parts)
      // Whose worker is lost learns it by the next question.
      worker.ask("read", undefined).catch(() => {});
    readValues(places, this.#values);
    this.#written.note(places);
    return norm;
  }

  /** Ends all workers where one fails. */
  async #guarded<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      await this.close();
      throw error;
    }
  }
}

function refuse(expected: string, got: string): never {
  throw new OptionError({ op: "DataParallel", expected, got });
}

/**
 * How many workers compute, and how many shards a batch has.
 *
 * @throws OptionError for more workers than shards
 */
export function settleWorkers(
  op: string,
  {
    workers: asked = "auto",
    shards: given,
  }: { workers?: number | "auto" | undefined; shards?: number | undefined },
): { workers: number; shards: number } {
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 1;
  const wrong = (name: string, form: string, value: unknown): never => {
    throw new OptionError({ op, expected: `${name} to be ${form}`, got: described(value) });
  };
  if (asked !== "auto" && !isCount(asked))
    wrong("workers", 'a whole number of at least 1, or "auto"', asked);
  if (given !== undefined && !(isCount(given) && given <= MOST_SHARDS))
    wrong("shards", `a whole number from 1 to ${MOST_SHARDS}`, given);
  const most = given ?? MOST_SHARDS;
  const workers = asked === "auto" ? Math.min(parallelSupport().cores, most) : asked;
  const shards = given ?? workers;
  if (workers <= shards) return { workers, shards };
  throw new OptionError({
    op,
    expected: `at most ${shards} workers, as many as shards`,
    got: String(workers),
    cure: "A worker computes whole shards: with fewer shards than workers some would have nothing to do.",
  });
}

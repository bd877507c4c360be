// The threads of a training: workers, or shards that the program's own thread computes. Loaded where options ask for it alone.
import { cannotTrain } from "../../core/inference.js";
import { OptionError } from "../../core/errors.js";
import type { Module } from "../../nn/module.js";
import type { ParallelInfo } from "../../parallel/data-parallel.js";
import type { WorkerLike } from "../../parallel/threads.js";
import type { GradientSource } from "../../train/gradient-source.js";
import type { FitOptions } from "./fit-options.js";
import type { Sharded } from "./fit-model.js";
import type { RunDescription } from "./same-run.js";

export interface Threads<Batch> extends GradientSource<Batch> {
  readonly info: ParallelInfo;
  close(): Promise<void>;
}

/** What a worker for ready models is given. */
export interface ReplicaSetup {
  /** The model's file. */
  readonly file: Uint8Array;
  /** Its parameters that are not trained, by name: no file says. */
  readonly frozen: readonly string[];
  readonly begin: unknown;
}

type Asked = Pick<FitOptions, "workers" | "shards">;

/**
 * What options ask for; undefined: a batch is not cut, and nothing is loaded.
 *
 * @param before a run that goes on: it keeps its shards
 */
export function askedThreads(
  { workers, shards: given, createWorker }: Asked & Pick<FitOptions, "createWorker">,
  before: RunDescription | undefined,
): Asked | undefined {
  const shards = given ?? (before?.settings.shards as number | undefined);
  const plain = (workers ?? 1) === 1 && shards === undefined && !createWorker;
  return plain ? undefined : { workers: workers ?? 1, shards };
}

/** The numbers of both. */
export async function settledThreads(
  op: string,
  asked: Asked,
): Promise<{ workers: number; shards: number }> {
  if (!TRAINING) throw cannotTrain(op);
  const { settleWorkers } = await import("../../parallel/engine.js");
  return settleWorkers(op, asked);
}

export interface ThreadsOptions<Batch> {
  readonly op: string;
  readonly workers: number;
  readonly shards: number;
  readonly createWorker: (() => WorkerLike) | undefined;
  readonly sharded: Sharded<Batch>;
  /** Options that are functions, by name. */
  readonly functions: readonly string[];
}

/** Functions that the main program calls, not a worker. */
const OF_MAIN = ["optimizer", "onBegin", "onStep", "onEvaluation", "createWorker"];

/**
 * @throws OptionError for options that no worker can have, and where this runtime cannot start the package's own workers
 */
export async function startThreads<Batch>(
  model: Module & { save(): Uint8Array },
  options: ThreadsOptions<Batch>,
): Promise<Threads<Batch>> {
  const { op, workers, shards, createWorker, sharded, functions } = options;
  if (!TRAINING) throw cannotTrain(op);
  const { begin, local: own, split, merge } = sharded;
  const engine = await import("../../parallel/engine.js");
  if (workers === 1 && !createWorker) {
    const local = new engine.LocalShards<Batch, unknown>(own, shards, {
      ...{ split, merge },
    });
    const { transport } = engine.parallelSupport();
    const reason = "one worker is the program's own thread";
    return Object.assign(local, { info: { workers, shards, transport, reason } });
  }
  const foreign = functions.find((name) => !OF_MAIN.includes(name));
  if (foreign !== undefined)
    throw new OptionError({
      op,
      expected: `one worker with ${foreign}, a function, which cannot be sent to another`,
      got: String(workers),
    });
  const create = createWorker ?? engine.readyModelWorker();
  if (!create)
    throw new OptionError({
      op,
      expected: "createWorker on a page, which makes a worker of the page's own",
      got: "none",
      cure: '`() => new Worker(new URL("./worker.js", import.meta.url), { type: "module" })`, where worker.js imports "hiddenstate/parallel/worker".',
    });
  const frozen = [...model.namedParameters()].filter(([, { requiresGrad }]) => !requiresGrad);
  const setup: ReplicaSetup = { file: model.save(), frozen: frozen.map(([name]) => name), begin };
  return new engine.DataParallel<Batch, unknown>({
    ...{ model, createWorker: create, workers, shards, setup, split, merge },
  });
}

// Answers of a model, from workers where `--workers` asks for them.
import type { Option } from "../core/options.js";
import { FIT_OPTIONS } from "../models/kit/fit-options.js";
import type { ReadyModel } from "../models/kit/ready-model.js";
import { PredictionPool } from "../workers/prediction-pool.js";

export const WORKERS: Option<number | "auto"> = {
  ...FIT_OPTIONS.workers,
  help: "threads that answer, or auto (default: 1)",
};

interface Predicting<Input, Answer, Rest extends unknown[]> {
  predictBatch(inputs: Iterable<Input>, ...rest: Rest): readonly Answer[];
}

type AnyPool = PredictionPool<unknown, unknown, unknown[], ReadyModel<unknown>>;

const pools = new WeakMap<object, AnyPool>();

/** Runs what asks a model, with so many workers; 1: by this thread. */
export async function withWorkers<T>(
  model: ReadyModel<unknown>,
  workers: unknown,
  run: (pool: AnyPool | undefined) => Promise<T>,
): Promise<T> {
  if (workers === undefined || workers === 1) return run(undefined);
  const pool: AnyPool = new PredictionPool(model as never, { workers: workers as number | "auto" });
  pools.set(model, pool);
  try {
    return await run(pool);
  } finally {
    pools.delete(model);
    await pool.close();
  }
}

/** What the model answers, in the order of the inputs. */
export async function answersOf<Input, Answer, Rest extends unknown[]>(
  model: Predicting<Input, Answer, Rest>,
  inputs: Iterable<Input>,
  ...rest: Rest
): Promise<readonly Answer[]> {
  const pool = pools.get(model);
  if (!pool) return model.predictBatch(inputs, ...rest);
  return (await pool.predictBatch(inputs, ...rest)) as Answer[];
}

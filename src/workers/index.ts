/**
 * Training on several threads: `DataParallel` for models of your own, and what ready models do by `fit(…, { workers })`.
 *
 * @packageDocumentation
 */
import "../ops/methods.js";

export {
  DataParallel,
  type DataParallelOptions,
  type ParallelInfo,
} from "../parallel/data-parallel.js";
export { PredictionPool, type PredictionPoolOptions } from "./prediction-pool.js";
export type { Sharding } from "../parallel/shards.js";
export type { GradientSource } from "../train/gradient-source.js";
export { serve } from "../parallel/serve.js";
export type { Replica, ShardLoss } from "../parallel/shard-runner.js";
export { parallelSupport, type ParallelSupport, type WorkerLike } from "../parallel/threads.js";
export { WorkerError } from "../parallel/worker-error.js";

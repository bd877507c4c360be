/**
 * The training loop with checkpoints and exact resume; early stopping, averaged and best weights.
 *
 * @packageDocumentation
 */
import "../ops/methods.js";

export {
  AveragedWeights,
  type AveragedWeightsOptions,
  type AveragedWeightsState,
} from "./averaged-weights.js";
export { BestWeights } from "./best-weights.js";
export {
  EarlyStopping,
  type EarlyStoppingOptions,
  type EarlyStoppingState,
} from "./early-stopping.js";
export type { BatchSource } from "../data/batches.js";
export type { AbortSignalLike } from "../core/platform.js";
export {
  fit,
  type EpochReport,
  type EpochVerdict,
  type FitOptions,
  type FitResult,
  type StepReport,
} from "./fit.js";
export type { CheckpointOptions } from "./run-state.js";
export type { GradientSource } from "./gradient-source.js";

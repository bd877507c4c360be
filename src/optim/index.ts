/**
 * Every optimizer and schedule, and every way of clipping, those of the main entry too.
 *
 * @packageDocumentation
 */
import "../ops/methods.js";

export { Adagrad, type AdagradOptions } from "./adagrad.js";
export { Adam, AdamW, type AdamOptions } from "./adam.js";
export { clipGradNorm, clipGradValue, type ClipGradNormOptions } from "./clip.js";
export { LambdaLR, type LambdaLROptions } from "./lambda-lr.js";
export { OneCycleLR, type OneCycleLROptions } from "./one-cycle-lr.js";
export {
  Optimizer,
  type OptimizerOptions,
  type OptimizerState,
  type ParameterGroup,
  type ParametersOrGroups,
} from "./optimizer.js";
export {
  ReduceLROnPlateau,
  type PlateauState,
  type ReduceLROnPlateauOptions,
} from "./reduce-on-plateau.js";
export { RMSprop, type RMSpropOptions } from "./rmsprop.js";
export { LRSchedule, type LRScheduleState, type Schedule, type Scheduled } from "./schedule.js";
export {
  CosineAnnealingLR,
  ExponentialLR,
  LinearLR,
  MultiStepLR,
  StepLR,
  type CosineAnnealingLROptions,
  type ExponentialLROptions,
  type LinearLROptions,
  type MultiStepLROptions,
  type StepLROptions,
} from "./schedules.js";
export { SequentialLR, type SequentialLROptions, type SequentialLRState } from "./sequential-lr.js";
export { SGD, type SGDOptions } from "./sgd.js";
export { SparseAdam, type SparseAdamOptions } from "./sparse-adam.js";
export { WarmupLR, type WarmupLROptions, type WarmupLRState } from "./warmup.js";

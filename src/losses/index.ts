// What `hiddenstate/losses` exports: all of them, those of the main entry too.
import "../ops/methods.js";

export {
  binaryCrossEntropyWithLogits,
  type BinaryCrossEntropyOptions,
} from "./binary-cross-entropy.js";
export type { ClassLossOptions } from "./class-target.js";
export { crossEntropy, type CrossEntropyOptions } from "./cross-entropy.js";
export { ctcLoss, type CtcLossOptions } from "./ctc.js";
export {
  huberLoss,
  l1Loss,
  mseLoss,
  smoothL1Loss,
  type ElementwiseLoss,
  type HuberLossOptions,
  type LossOptions,
  type SmoothL1LossOptions,
} from "./elementwise.js";
export { klDivLoss, type KlDivLossOptions } from "./kl-divergence.js";
export {
  cosineEmbeddingLoss,
  marginRankingLoss,
  tripletMarginLoss,
  type MarginLossOptions,
  type TripletMarginLossOptions,
} from "./margin.js";
export { nllLoss } from "./nll.js";
export type { Reduction } from "./reduction.js";

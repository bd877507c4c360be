/**
 * All loss functions, those of the main entry too.
 *
 * @packageDocumentation
 */
import "../ops/methods.js";

export {
  binaryCrossEntropyWithLogits,
  type BinaryCrossEntropyOptions,
} from "./binary-cross-entropy.js";
export { binaryCrossEntropy, type ProbabilityLossOptions } from "./binary-probabilities.js";
export { logUniformSampler, unigramSampler, type ClassSampler } from "./class-samplers.js";
export type { ClassLossOptions } from "./class-target.js";
export { crossEntropy, type CrossEntropyOptions } from "./cross-entropy.js";
export { ctcLoss, type CtcLossOptions } from "./ctc.js";
export { l1Loss, mseLoss, type ElementwiseLoss, type LossOptions } from "./elementwise.js";
export {
  gaussianNLLLoss,
  quantileLoss,
  studentTNLLLoss,
  type GaussianNLLLossOptions,
  type QuantileLossOptions,
  type StudentT,
} from "./distributions.js";
export {
  huberLoss,
  smoothL1Loss,
  type HuberLossOptions,
  type SmoothL1LossOptions,
} from "./huber.js";
export {
  batchHardTripletLoss,
  hardTripletLoss,
  multipleNegativesRankingLoss,
  type BatchHardTripletLossOptions,
  type HardTripletLossOptions,
  type MultipleNegativesRankingLossOptions,
} from "./in-batch.js";
export { klDivLoss, type KlDivLossOptions } from "./kl-divergence.js";
export {
  cosineEmbeddingLoss,
  marginRankingLoss,
  tripletMarginLoss,
  type MarginLossOptions,
  type TripletMarginLossOptions,
} from "./margin.js";
export { nllLoss } from "./nll.js";
export { contrastiveLoss, cosineSimilarityLoss, type ContrastiveLossOptions } from "./pairs.js";
export { sampledSoftmaxLoss, type SampledSoftmaxOptions } from "./sampled-softmax.js";
export type { Reduction } from "./reduction.js";

/**
 * Scores: accuracy, entities, confusion, perplexity; and baselines to compare with.
 *
 * @packageDocumentation
 */
export { accuracy, tokenAccuracy, type Accuracy } from "./accuracy.js";
export { majorityClass, MostFrequentTags, NaiveBayes, type BayesExample } from "./baselines.js";
export { ConfusionMatrix, confusionMatrix, macroF1, type ClassScore } from "./confusion-matrix.js";
export {
  EntityCounter,
  entityReport,
  entityScores,
  type EntityScore,
  type EntityScores,
  type EntityScoresOptions,
} from "./entity-scores.js";
export { LabelSetCounter, labelSetScores, type LabelSetScores } from "./label-sets.js";
export type { AbortSignalLike } from "../core/platform.js";
export { NgramModel, type NgramModelOptions } from "./ngram/ngram-model.js";
export { perplexity, unigramPerplexity } from "./perplexity.js";
export {
  convertTags,
  spansOf,
  strictSpansOf,
  tagsOf,
  type Span,
  type SpanType,
  type TagScheme,
} from "./spans.js";
export { allowedTransitions, type TagTransitions } from "./transitions.js";

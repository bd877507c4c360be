/**
 * Scores: accuracy, entities, confusion, perplexity; of what is written, BLEU, chrF, CIDEr, error rates; of parses, brackets; of
 * forecasts, errors, quantiles, intervals; of pairs, average precision, equal error rate, rank correlation; and baselines to
 * compare with.
 *
 * @packageDocumentation
 */
export { accuracy, tokenAccuracy, type Accuracy } from "./accuracy.js";
export { averagePrecision } from "./average-precision.js";
export { majorityClass, MostFrequentTags, NaiveBayes, type BayesExample } from "./baselines.js";
export {
  bleu,
  BleuCounter,
  type BleuOptions,
  type BleuScores,
  type BleuSmoothing,
} from "./bleu.js";
export type { BleuTokenizer } from "./bleu-tokenizers.js";
export {
  BracketCounter,
  bracketReport,
  bracketScores,
  type BracketOptions,
  type BracketScores,
  type Tree,
  type TreeLeaf,
  type TreePhrase,
} from "./brackets.js";
export { chrf, ChrfCounter, type ChrfOptions, type ChrfScores } from "./chrf.js";
export { captionTokens, cider, CiderCounter, type CiderScores } from "./cider.js";
export { ConfusionMatrix, confusionMatrix, macroF1, type ClassScore } from "./confusion-matrix.js";
export { pearson, spearman } from "./correlation.js";
export { editDistance, type EditCounts } from "./edit-distance.js";
export {
  EntityCounter,
  entityReport,
  entityScores,
  type EntityScore,
  type EntityScores,
  type EntityScoresOptions,
} from "./entity-scores.js";
export { equalErrorRate } from "./equal-error-rate.js";
export {
  characterErrorRate,
  ErrorRateCounter,
  wordErrorRate,
  type ErrorRateOptions,
  type ErrorRates,
} from "./error-rates.js";
export {
  driftForecast,
  lastValueForecast,
  seasonalNaiveForecast,
  type BaselineForecast,
} from "./forecast-baselines.js";
export {
  crpsOfQuantiles,
  crpsOfSamples,
  intervalCoverage,
  meanAbsoluteError,
  meanAbsoluteScaledError,
  pinballLoss,
  rootMeanSquaredError,
  symmetricMAPE,
  type ScaledErrorOptions,
} from "./forecast-errors.js";
export { LabelSetCounter, labelSetScores, type LabelSetScores } from "./label-sets.js";
export type { AbortSignalLike } from "../core/platform.js";
export { NgramModel, type NgramModelOptions } from "./ngram/ngram-model.js";
export { perplexity, unigramPerplexity } from "./perplexity.js";
export { rocAuc } from "./roc-auc.js";
export type { Segment } from "./segments.js";
export {
  convertTags,
  spansOf,
  strictSpansOf,
  tagsOf,
  type Span,
  type SpanType,
  type TagScheme,
} from "./spans.js";
export { TfIdf } from "./tf-idf.js";
export { bestThreshold, thresholdScores, type ThresholdScores } from "./thresholds.js";
export { allowedTransitions, type TagTransitions } from "./transitions.js";
export { distinctN, exactMatch } from "./whole-outputs.js";

/**
 * Writing token by token: greedy search, sampling, beam search; choosing from logits; when to stop. Reading labels from the
 * steps of a CTC model.
 *
 * @packageDocumentation
 */
import "../ops/methods.js";

export { beamSearch, type BeamSearchOptions, type EarlyStopping } from "./beam-search.js";
export {
  ctcBeamSearch,
  CtcStream,
  type CtcBeamSearchOptions,
  type CtcPartial,
  type CtcSearchOptions,
} from "./ctc/beam-search.js";
export {
  ctcForcedAlignment,
  type CtcAlignment,
  type CtcAlignmentOptions,
  type LabelSpan,
} from "./ctc/forced-alignment.js";
export type { CtcOptions } from "./ctc/frames.js";
export { ctcGreedy, type CtcPath } from "./ctc/greedy.js";
export {
  labelScorer,
  type ContextModel,
  type DecodingModel,
  type LabelScorer,
  type LabelScorerOptions,
} from "./ctc/label-scorer.js";
export type { CtcHypothesis } from "./ctc/search.js";
export {
  checkSelect,
  checkStep,
  readDecoderOptions,
  type Decoder,
  type DecoderOptions,
} from "./decoder.js";
export { Generator } from "./generator.js";
export type { Hypothesis } from "./hypothesis.js";
export type { LengthPenalty } from "./length-penalty.js";
export { draw, keepMinP, keepTopK, keepTopP, mostProbable, scaleByTemperature } from "./logits.js";
export type { DecodeOptions } from "./options.js";
export { onlyTrees, type OnlyTreesOptions } from "./only-trees.js";
export { penalizeRepeats } from "./penalize-repeats.js";
export { greedy, sample, sampleTokens, type SampleOptions } from "./sample.js";
export { Sampler, type SamplingOptions } from "./sampler.js";
export { stopAfter, stopAtAny, stopAtSequence, stopAtToken, type StopCondition } from "./stop.js";
export type { Token } from "./write.js";

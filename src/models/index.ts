// What `hiddenstate/models` exports.
import "../ops/methods.js";

export type { EpochScores, FitModelOptions, FitModelResult, Scores } from "./fit-model.js";
export {
  LanguageModel,
  type GenerateOptions,
  type LanguageModelOptions,
  type LanguageModelScore,
} from "./language-model.js";
export { readModelInfo, type ModelFileInfo } from "./model-file.js";
export {
  SequenceTagger,
  type BuildTaggerOptions,
  type SequenceTaggerOptions,
  type TaggedSentence,
  type TaggerVocabularies,
  type Tagging,
} from "./sequence-tagger.js";
export type { TaggerFitOptions, TaggerFitResult } from "./fit-tagger.js";
export type { TaggerScores } from "./tagger/scores.js";
export type { WordEncoderOptions } from "./tagger/word-encoder.js";

// What `hiddenstate/models` exports.
import "../ops/methods.js";

export type { Examples } from "./examples.js";
export type { EpochScores, FitModelOptions, FitModelResult, Scores } from "./fit-model.js";
export {
  LanguageModel,
  type GenerateOptions,
  type LanguageModelOptions,
  type LanguageModelScore,
} from "./language-model.js";
export { readModelInfo, type ModelFileInfo } from "./model-file.js";
export { SequenceTagger } from "./sequence-tagger.js";
export type { BuildTaggerOptions, SequenceTaggerOptions } from "./tagger/options.js";
export type { TaggerVocabularies } from "./tagger/vocabularies.js";
export type { TaggerFitOptions, TaggerFitResult } from "./fit-tagger.js";
export type { TaggedSentence, Tagging } from "./tagger/sentence.js";
export type { TaggerScores } from "./tagger/scores.js";
export type { WordEncoderOptions } from "./tagger/word-encoder.js";
export type { ClassifierEvaluation } from "./classifier/evaluation.js";
export type { Series } from "./classifier/input.js";
export type {
  ConvolutionOptions,
  EncoderOptions,
  MeanOptions,
  RecurrentEncoderOptions,
} from "./classifier/options.js";
export { SeriesInput, type Spread } from "./classifier/series-input.js";
export { TextInput, type TextInputOptions } from "./classifier/text-input.js";
export type { ClassifierFitOptions, ClassifierFitResult } from "./fit-classifier.js";
export { SequenceClassifier } from "./sequence-classifier.js";
export type { ClassifierScores, Example, Prediction } from "./classifier/example.js";
export type { SeriesOptions, TextOptions } from "./classifier/build-options.js";

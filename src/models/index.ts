/**
 * Ready models: a language model, a tagger of words, classifiers of texts, series and sound, a model that makes texts of texts, a
 * recognizer of speech, captions of pictures, music, forecasts.
 *
 * @packageDocumentation
 */
import "../ops/methods.js";

export type { AbortSignalLike } from "../core/platform.js";
export type { FeatureStats } from "../data/feature-stats.js";
export type { Examples } from "../data/examples.js";
export type { EvaluationReport, FitOptions, FitPlan, FitResult } from "./kit/fit-options.js";
export type { Metric, Metrics, Scores } from "../metrics/metric.js";
export { readModelInfo, type ModelFileInfo, type ModelNotes } from "./kit/model-file.js";
export type { Evaluation, ReadyModel } from "./kit/ready-model.js";
export type { TaskModel } from "./kit/task-model.js";
export type {
  ConvolutionOptions,
  EncoderOptions,
  MeanOptions,
  RecurrentEncoderOptions,
} from "./parts/encoder-options.js";
export type { InputKind, InputLayer } from "./parts/input.js";
export { series, SeriesInput, type Series, type SeriesOptions } from "./parts/series-input.js";
export type { Recording, SampledSound } from "./parts/recording.js";
export type { SoundAugmentation } from "./parts/sound-augmentation.js";
export { sound, SoundInput, type SoundOptions } from "./parts/sound-input.js";
export { text, TextInput, type TextInputOptions, type TextOptions } from "./parts/text-input.js";
export type { TokenOptions } from "../text/tokens.js";
export type { WordEncoderOptions } from "./parts/word-encoder.js";
export type { ImageLike, PixelValues } from "../data/images.js";
export type { ImageReading } from "./parts/image-input.js";
export * from "./autoencoder/index.js";
export * from "./captioner/index.js";
export * from "./classifier/index.js";
export * from "./forecaster/index.js";
export * from "./language-model/index.js";
export * from "./music/index.js";
export * from "./seq2seq/index.js";
export * from "./siamese/index.js";
export * from "./speech/index.js";
export * from "./tagger/index.js";

/**
 * Sound: WAV files; features of signals, whole or while they come in; other rates; what makes more of few recordings.
 *
 * @packageDocumentation
 */
import "../ops/methods.js";

export { addNoise, changeGain, changeSpeed, type Range } from "./augment.js";
export { deltas, type DeltasOptions } from "./deltas.js";
export { FeatureExtractor, type FeatureExtractorOptions } from "./extractor.js";
export type { FeatureStream } from "./feature-stream.js";
export { logMel, melSpectrogram, mfcc, spectrogram, stft } from "./features.js";
export { melFilterbank } from "./mel.js";
export {
  meanVarianceNormalize,
  RunningNormalization,
  type MeanVarianceOptions,
  type RunningNormalizationOptions,
} from "./normalize.js";
export type {
  AudioPreset,
  FeatureKind,
  FeatureSettings,
  LogMelOptions,
  MelFilterOptions,
  MelSpectrogramOptions,
  MfccOptions,
  Samples,
  SpectrogramOptions,
  StftOptions,
} from "./options.js";
export { resample, Resampler, type ResampleOptions } from "./resample.js";
export { specAugment, type SpecAugmentOptions } from "./spec-augment.js";
export {
  readWav,
  writeWav,
  type ReadWavOptions,
  type Sound,
  type WavSound,
  type WriteWavOptions,
} from "./wav.js";
export { windowFunction, type WindowKind, type WindowOptions } from "./windows.js";

/**
 * Sound: WAV files, features of signals, whole or while they come in, and what makes more of few recordings.
 *
 * @packageDocumentation
 */
import "../ops/methods.js";

export { logMel, melSpectrogram, mfcc, spectrogram, stft } from "./features.js";
export { melFilterbank } from "./mel.js";
export type {
  AudioPreset,
  FeatureKind,
  LogMelOptions,
  MelFilterOptions,
  MelSpectrogramOptions,
  MfccOptions,
  Samples,
  SpectrogramOptions,
  StftOptions,
} from "./options.js";
export { windowFunction, type WindowKind, type WindowOptions } from "./windows.js";

// Features of whole signals. Time comes first, as everywhere here: `[frames, …]`, where librosa and torchaudio have it last.
import { checkCall } from "../core/check.js";
import { ShapeError } from "../core/errors.js";
import { running } from "../core/running.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { f32 } from "../wasm/memory.js";
import { bytesOf } from "../wasm/ptr.js";
import { withBlock } from "../wasm/scratch.js";
import { computeFrames } from "./compute.js";
import {
  readFeatureOptions,
  type FeatureKind,
  type FeatureSettings,
  type LogMelOptions,
  type MelSpectrogramOptions,
  type MfccOptions,
  type Samples,
  type SpectrogramOptions,
  type StftOptions,
} from "./options.js";
import { planOf } from "./plan.js";

const SIGNATURE = "samples:list options?:object";

/**
 * The short-time Fourier transform: the spectrum of each frame, complex. `torch.stft` with `return_complex=False`, librosa's
 * `stft`, with time first.
 *
 * @param samples one channel
 * @returns `[frames, nFft / 2 + 1, 2]`, real and imaginary parts
 * @throws OptionError for options that do not fit; ShapeError for a signal too short to be mirrored, or, without `center`,
 *   shorter than a frame
 * @example
 * ```ts
 * stft(new Float32Array(1600), { nFft: 400, hopLength: 160 }).shape; // [11, 201, 2]
 * ```
 */
export function stft(samples: Samples, options: StftOptions = {}): Tensor {
  checkCall("stft", arguments, SIGNATURE);
  return featuresOf("stft", "stft", samples, options);
}

/**
 * Powers of frequencies over time: |stft|², or |stft| for `power: 1`.
 *
 * @param samples one channel
 * @returns `[frames, nFft / 2 + 1]`
 * @throws as {@link stft}
 * @example
 * ```ts
 * spectrogram(new Float32Array(1600)).shape; // [9, 201]
 * ```
 */
export function spectrogram(samples: Samples, options: SpectrogramOptions = {}): Tensor {
  checkCall("spectrogram", arguments, SIGNATURE);
  return featuresOf("spectrogram", "spectrogram", samples, options);
}

/**
 * A spectrogram whose frequencies are summed on the mel scale, by {@link melFilterbank}: torchaudio's `MelSpectrogram`,
 * librosa's `feature.melspectrogram`.
 *
 * @param samples one channel, `sampleRate` a second
 * @returns `[frames, nMels]`
 * @throws as {@link stft}
 * @example
 * ```ts
 * melSpectrogram(new Float32Array(1600), { sampleRate: 16000, nMels: 40 }).shape; // [9, 40]
 * ```
 */
export function melSpectrogram(samples: Samples, options: MelSpectrogramOptions = {}): Tensor {
  checkCall("melSpectrogram", arguments, SIGNATURE);
  return featuresOf("melSpectrogram", "melSpectrogram", samples, options);
}

/**
 * The logarithm of a mel spectrogram, what speech recognizers mostly read: librosa's `power_to_db`, torchaudio's
 * `AmplitudeToDB`, or the natural logarithm.
 *
 * @param samples one channel, `sampleRate` a second
 * @returns `[frames, nMels]`, in decibels
 * @throws as {@link stft}
 * @example
 * ```ts
 * const samples = Float32Array.from({ length: 1600 }, (_, i) => (i % 16 < 8 ? 0.5 : -0.5));
 * logMel(samples, { sampleRate: 16000, nMels: 80 }).shape; // [9, 80]
 * ```
 */
export function logMel(samples: Samples, options: LogMelOptions = {}): Tensor {
  checkCall("logMel", arguments, SIGNATURE);
  return featuresOf("logMel", "logMel", samples, options);
}

/**
 * Mel-frequency cepstral coefficients: the orthonormal cosine transform of a log-mel spectrogram in decibels (Davis &
 * Mermelstein 1980), as torchaudio's `MFCC` and librosa's `feature.mfcc`.
 *
 * @param samples one channel, `sampleRate` a second
 * @returns `[frames, nMfcc]`
 * @throws as {@link stft}
 * @example
 * ```ts
 * mfcc(new Float32Array(1600), { sampleRate: 16000, nMfcc: 13 }).shape; // [9, 13]
 * ```
 */
export function mfcc(samples: Samples, options: MfccOptions = {}): Tensor {
  checkCall("mfcc", arguments, SIGNATURE);
  return featuresOf("mfcc", "mfcc", samples, options);
}

function featuresOf(op: string, kind: FeatureKind, samples: Samples, options: MfccOptions): Tensor {
  return wholeFeatures(op, samples, readFeatureOptions(op, kind, options));
}

/** @internal The features of a whole signal. */
export function wholeFeatures(op: string, samples: Samples, settings: FeatureSettings): Tensor {
  running.op = op;
  const plan = planOf(settings);
  const { nFft, hopLength, center } = settings;
  const pad = center ? nFft >> 1 : 0;
  checkLength(op, samples.length, settings);
  const length = samples.length + 2 * pad;
  const frames = Math.floor((length - nFft) / hopLength) + 1;
  const shape = settings.features === "stft" ? [frames, plan.bins, 2] : [frames, plan.width];
  const out = empty(shape);
  withBlock(bytesOf(length), (block) => {
    const signal = f32(block, length);
    signal.set(samples, pad);
    padEnds(signal, pad, samples.length, settings.padMode);
    computeFrames(plan, block, out.storage.ptr, frames);
  });
  return out;
}

/** @internal Refuses what is too short for its first frame. */
export function checkLength(op: string, length: number, settings: FeatureSettings): void {
  const { nFft, center, padMode } = settings;
  const least = !center ? nFft : padMode === "reflect" ? (nFft >> 1) + 1 : 1;
  if (length >= least && (!center || length + 2 * (nFft >> 1) >= nFft)) return;
  throw new ShapeError({
    op,
    expected: `at least ${least} samples for frames of ${nFft}`,
    got: String(length),
    cure: !center
      ? "Pad the signal, or set center."
      : padMode === "reflect"
        ? 'A shorter signal cannot be mirrored: set padMode "constant", which pads zeros.'
        : undefined,
  });
}

/** Fills `pad` numbers before and behind the `length` that stand between. */
function padEnds(
  signal: Float32Array,
  pad: number,
  length: number,
  mode: "reflect" | "constant",
): void {
  const end = pad + length;
  for (let i = 1; i <= pad; i++) {
    signal[pad - i] = mode === "reflect" ? signal[pad + i]! : 0;
    signal[end - 1 + i] = mode === "reflect" ? signal[end - 1 - i]! : 0;
  }
}

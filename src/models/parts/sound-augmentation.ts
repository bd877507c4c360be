// More of few recordings: what a model of sound reads while it learns.
import { addNoise, changeGain, changeSpeed } from "../../audio/augment.js";
import { specAugment } from "../../audio/spec-augment.js";
import { number, probability, whole, type OptionTable, type Settings } from "../../core/options.js";
import { randomBelow, randomUniform } from "../../core/random.js";
import type { Tensor } from "../../tensor/tensor.js";

/** How recordings are changed each time that they are read in training, by chances of the library's generator. */
export interface SoundAugmentation {
  /** The share by which a recording is played faster or slower, at the most (Ko et al. 2015). Default 0.1. */
  speed?: number | undefined;
  /** Decibels by which it is louder or quieter, at the most. Default 6. */
  gain?: number | undefined;
  /**
   * Share of the recordings that get noise: half of them white noise, half some others of the batch at once, as babble.
   * Default 0.5; of a recognizer: by how much sound there is.
   */
  noise?: number | undefined;
  /** The least ratio of signal to noise in decibels; one up to 20 above it is drawn. Default 5. */
  snr?: number | undefined;
  /** Bands of frequencies that are masked (SpecAugment: Park et al. 2019). Default 2; of a recognizer: by how much sound there is. */
  frequencyMasks?: number | undefined;
  /** Mel filters in a band, at the most. Default 8. */
  frequencyMaskWidth?: number | undefined;
  /** Stretches of time that are masked. Default 2; of a recognizer: by how much sound there is. */
  timeMasks?: number | undefined;
  /** Frames of 10 ms in a stretch, at the most; never more than a fifth of a recording. Default 15. */
  timeMaskWidth?: number | undefined;
}

export const AUGMENTATION_OPTIONS: OptionTable<SoundAugmentation> = {
  speed: number({ least: 0, below: 0.9 }, 0.1, "training: share of other speed, at the most"),
  gain: number(
    { least: 0, below: Infinity },
    6,
    "training: decibels louder or quieter, at the most",
  ),
  noise: probability(0.5, "training: share of the recordings that get noise"),
  snr: number({}, 5, "training: least signal-to-noise ratio in decibels"),
  frequencyMasks: whole(0, 2, "training: bands of frequencies masked"),
  frequencyMaskWidth: whole(0, 8, "training: mel filters in a band, at the most"),
  timeMasks: whole(0, 2, "training: stretches of time masked"),
  timeMaskWidth: whole(0, 15, "training: frames of 10 ms in a stretch, at the most"),
};

export type AugmentationSettings = Settings<SoundAugmentation>;

/** Decibels above the least ratio, at the most. */
const SNR_RANGE = 20;
/** Recordings of a babble, at the most. */
const VOICES = 6;

/** A recording of a batch at another speed, louder or quieter, with noise. */
export function changedSamples(
  batch: readonly Float32Array[],
  place: number,
  { speed, gain, noise, snr }: AugmentationSettings,
): Float32Array {
  let samples = batch[place]!;
  if (speed > 0) samples = changeSpeed(samples, [1 - speed, 1 + speed]);
  if (gain > 0) samples = changeGain(samples, [-gain, gain]);
  // Silence has no ratio to noise.
  if (noise === 0 || randomUniform() >= noise || isSilent(samples)) return samples;
  const babble = randomUniform() < 0.5 ? babbleOf(batch, place) : undefined;
  return addNoise(samples, babble ?? "white", [snr, snr + SNR_RANGE]);
}

/** Some other recordings of the batch at once, each from a place by chance on; undefined where there is nothing to hear. */
function babbleOf(batch: readonly Float32Array[], place: number): Float32Array | undefined {
  if (batch.length < 2) return undefined;
  const sum = new Float32Array(batch[place]!.length);
  const voices = 1 + randomBelow(VOICES);
  for (let i = 0; i < voices; i++) {
    const other = batch[(place + 1 + randomBelow(batch.length - 1)) % batch.length]!;
    let at = randomBelow(other.length);
    for (let t = 0; t < sum.length; t++) {
      sum[t]! += other[at]!;
      if (++at === other.length) at = 0;
    }
  }
  return isSilent(sum) ? undefined : sum;
}

function isSilent(samples: Float32Array): boolean {
  return samples.every((sample) => sample === 0);
}

/** Normalized features with bands and stretches masked by their mean, 0. */
export function maskedFeatures(features: Tensor, settings: AugmentationSettings): Tensor {
  const { frequencyMasks, frequencyMaskWidth, timeMasks, timeMaskWidth } = settings;
  if (frequencyMasks + timeMasks === 0) return features;
  const masks = { frequencyMasks, frequencyMaskWidth, timeMasks, timeMaskWidth };
  return specAugment(features, { ...masks, timeMaskShare: 0.2, fill: 0 });
}

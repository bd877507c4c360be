import { checkCall, checkCount } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { randomBelow } from "../core/random.js";
import { tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { framesBySize } from "./normalize.js";

export interface SpecAugmentOptions {
  /** Bands of features that are masked. Default 2. */
  frequencyMasks?: number | undefined;
  /** Features in a band, at the most (F). Default 27. */
  frequencyMaskWidth?: number | undefined;
  /** Stretches of time that are masked. Default 2. */
  timeMasks?: number | undefined;
  /** Frames in a stretch, at the most (T). Default 100. */
  timeMaskWidth?: number | undefined;
  /** The share of all frames that a stretch has, at the most (p). Default 0.2. */
  timeMaskShare?: number | undefined;
  /** Frames by which a point of time is moved, at the most (W); 0 for none. Default 0. */
  timeWarp?: number | undefined;
  /** What masked features are: a number, or the mean over the utterance. Default `"mean"`. */
  fill?: number | "mean" | undefined;
}

const OP = "specAugment";

/**
 * SpecAugment (Park et al. 2019): masks bands of features and stretches of time of a log-mel spectrogram, so that a recognizer learns to do
 * without them. Widths are drawn from 0 to the most by the library's generator (`manualSeed`). With `timeWarp`, time is
 * stretched before a point and pressed behind it, or the other way round, by straight lines between frames. For training
 * only.
 *
 * The paper's policies: LibriSpeech double (`frequencyMaskWidth: 27, timeMaskWidth: 100, timeMaskShare: 1, timeWarp: 80`),
 * Switchboard mild (`15`, `70`, `0.2`, `40`).
 *
 * @param features `[frames, size]`
 * @returns a new tensor of the same shape
 * @throws OptionError for options out of range
 * @example
 * ```ts
 * specAugment(ones([50, 40]), { frequencyMaskWidth: 8, fill: 0 }).shape; // [50, 40]
 * ```
 */
export function specAugment(features: Tensor, options: SpecAugmentOptions = {}): Tensor {
  checkCall(
    OP,
    arguments,
    "features:tensor {frequencyMasks:number frequencyMaskWidth:number timeMasks:number timeMaskWidth:number timeMaskShare:number timeWarp:number fill:number|string}",
  );
  const {
    frequencyMasks = 2,
    frequencyMaskWidth = 27,
    timeMasks = 2,
    timeMaskWidth = 100,
  } = options;
  const { timeMaskShare = 0.2, timeWarp = 0, fill = "mean" } = options;
  const counts = { frequencyMasks, frequencyMaskWidth, timeMasks, timeMaskWidth, timeWarp };
  for (const [name, value] of Object.entries(counts)) checkCount(OP, name, value, 0);
  const refuse = (expected: string, got: unknown): never => {
    throw new OptionError({ op: OP, expected, got: described(got) });
  };
  if (!(timeMaskShare >= 0 && timeMaskShare <= 1))
    refuse("timeMaskShare from 0 to 1", timeMaskShare);
  if (typeof fill === "string" && fill !== "mean") refuse('fill to be a number or "mean"', fill);
  const [frames, size] = framesBySize(OP, features);
  const values = warped(features.data(), frames, size, timeWarp);
  const value = fill === "mean" ? meanOf(values) : fill;
  for (let i = 0; i < frequencyMasks; i++) {
    const [from, to] = stretch(size, frequencyMaskWidth);
    for (let t = 0; t < frames; t++) values.fill(value, t * size + from, t * size + to);
  }
  const most = Math.min(timeMaskWidth, Math.floor(timeMaskShare * frames));
  for (let i = 0; i < timeMasks; i++) {
    const [from, to] = stretch(frames, most);
    values.fill(value, from * size, to * size);
  }
  return tensor(values, { shape: features.shape });
}

/** A stretch of 0 to `most` of `length`. */
function stretch(length: number, most: number): [from: number, to: number] {
  const width = randomBelow(Math.min(most, length) + 1);
  const from = randomBelow(length - width + 1);
  return [from, from + width];
}

function meanOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}

/** Moves a frame that is drawn by a distance that is drawn; frames between it and the ends follow evenly. */
function warped(values: Float32Array, frames: number, size: number, most: number): Float32Array {
  if (most === 0 || frames <= 2 * most + 1) return values;
  const from = most + randomBelow(frames - 2 * most);
  const to = from - most + randomBelow(2 * most + 1);
  // Both ends stay.
  const last = frames - 1;
  if (from === to || to <= 0 || to >= last) return values;
  const out = new Float32Array(values.length);
  for (let t = 0; t < frames; t++) {
    const place = t <= to ? (t * from) / to : from + ((t - to) * (last - from)) / (last - to);
    const before = Math.min(Math.floor(place), last);
    const after = Math.min(before + 1, last);
    const share = place - before;
    for (let i = 0; i < size; i++)
      out[t * size + i] =
        values[before * size + i]! * (1 - share) + values[after * size + i]! * share;
  }
  return out;
}

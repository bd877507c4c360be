// More out of few recordings: other speeds, loudness and noise, drawn by the library's generator (`manualSeed`).
import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { NumericError, OptionError } from "../core/errors.js";
import { exp, log } from "../core/exp-log.js";
import { randomBelow, randomUniform } from "../core/random.js";
import { randn } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";
import type { Samples } from "./options.js";
import { resample } from "./resample.js";

/** A number, or two between which one is drawn. */
export type Range = number | readonly [from: number, to: number];

const LN10 = /* @__PURE__ */ log(10);

/**
 * Plays samples faster or slower, pitch included, by {@link resample} (speed perturbation: Ko et al., "Audio augmentation for speech
 * recognition", 2015, with 0.9, 1 and 1.1). torchaudio's `functional.speed`.
 *
 * @param samples one channel
 * @param factor above 1 is faster and shorter; of two, one is drawn between. Hundredths count
 * @throws OptionError for a factor below 0.01
 * @example
 * ```ts
 * changeSpeed(new Float32Array(110), 1.1).length; // 100
 * ```
 */
export function changeSpeed(samples: Samples, factor: Range): Float32Array {
  checkCall("changeSpeed", arguments, "samples:list factor:number|list");
  const hundredths = Math.round(100 * drawn("changeSpeed", "factor", factor));
  if (hundredths < 1)
    throw new OptionError({
      op: "changeSpeed",
      expected: "a factor of at least 0.01",
      got: described(factor),
    });
  return resample(samples, hundredths, 100);
}

/**
 * Louder or quieter samples: each times 10^(`decibels` / 20).
 *
 * @param samples one channel
 * @param decibels above 0 is louder; of two, one is drawn between
 * @example
 * ```ts
 * [...changeGain([0.1, -0.2], 20)]; // [1, -2]
 * ```
 */
export function changeGain(samples: Samples, decibels: Range): Float32Array {
  checkCall("changeGain", arguments, "samples:list decibels:number|list");
  const factor = exp((drawn("changeGain", "decibels", decibels) * LN10) / 20);
  // A loop: calling a function for each sample takes longer than a network that learns from them.
  const changed = new Float32Array(samples.length);
  for (let i = 0; i < changed.length; i++) changed[i] = samples[i]! * factor;
  return changed;
}

/**
 * Samples with noise at a signal-to-noise ratio over the whole: signal + scale · noise, torchaudio's `functional.add_noise`.
 * Of noise that is longer a stretch is drawn; shorter noise begins where chance has it and is repeated.
 *
 * @param samples one channel
 * @param noise samples of the noise, or `"white"`: normal noise of the library's generator
 * @param snr the ratio of energies in decibels; of two, one is drawn between
 * @throws NumericError for noise that is silent
 * @example
 * ```ts
 * addNoise(new Float32Array(100).fill(0.5), "white", 10).length; // 100
 * ```
 */
export function addNoise(samples: Samples, noise: Samples | "white", snr: Range): Float32Array {
  checkCall("addNoise", arguments, "samples:list noise:list|string snr:number|list");
  const { length } = samples;
  const added = noiseFor(noise, length);
  const ratio = exp((drawn("addNoise", "snr", snr) * LN10) / 10);
  const [energy, ofNoise] = [energyOf(samples), energyOf(added)];
  if (!(ofNoise > 0) && length > 0)
    throw new NumericError({
      op: "addNoise",
      expected: "noise that is not silent",
      got: `an energy of ${ofNoise}`,
    });
  const scale = Math.sqrt(energy / ofNoise / ratio);
  const noisy = new Float32Array(length);
  for (let i = 0; i < length; i++) noisy[i] = samples[i]! + scale * added[i]!;
  return noisy;
}

function noiseFor(noise: Samples | string, length: number): Samples {
  if (typeof noise === "string") {
    if (noise !== "white")
      throw new OptionError({
        op: "addNoise",
        expected: 'samples of noise, or "white"',
        got: described(noise),
      });
    return length === 0 ? [] : scope(() => randn([length]).data());
  }
  if (noise.length === 0)
    throw new OptionError({
      op: "addNoise",
      expected: "at least one sample of noise",
      got: "none",
    });
  if (noise.length === length) return noise;
  const longer = noise.length > length;
  const start = randomBelow(longer ? noise.length - length + 1 : noise.length);
  const stretch = new Float32Array(length);
  for (let i = 0; i < length; i++) stretch[i] = noise[(start + i) % noise.length]!;
  return stretch;
}

function energyOf(samples: Samples): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i]! * samples[i]!;
  return sum;
}

function drawn(op: string, name: string, range: Range): number {
  const [from, to] = typeof range === "number" ? [range, range] : range;
  const isOne = typeof range === "number" || range.length === 2;
  if (!isOne || !Number.isFinite(from) || !Number.isFinite(to) || from > to)
    throw new OptionError({
      op,
      expected: `${name} to be a number, or two in order`,
      got: described(range),
    });
  return typeof range === "number" ? from : from + (to - from) * randomUniform();
}

// The mel scale and its filters: Slaney's (Auditory Toolbox, 1998), as librosa has them, and HTK's, as torchaudio has them.
import { checkCall } from "../core/check.js";
import { exp, log } from "../core/exp-log.js";
import { tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { nyquist, readMelOptions, type MelFilterOptions, type MelSettings } from "./options.js";

const LN10 = /* @__PURE__ */ log(10);
/** Slaney's scale: 3 mel each 200 Hz up to 1 kHz, from there 27 mel for each factor of 6.4. */
const LINEAR = 200 / 3;
const BREAK = 1000;
const STEP = /* @__PURE__ */ log(6.4) / 27;

function melOf(hertz: number, scale: "htk" | "slaney"): number {
  if (scale === "htk") return (2595 * log(1 + hertz / 700)) / LN10;
  return hertz < BREAK ? hertz / LINEAR : BREAK / LINEAR + log(hertz / BREAK) / STEP;
}

function hertzOf(mel: number, scale: "htk" | "slaney"): number {
  if (scale === "htk") return 700 * (exp((mel * LN10) / 2595) - 1);
  return mel < BREAK / LINEAR ? mel * LINEAR : BREAK * exp(STEP * (mel - BREAK / LINEAR));
}

/** A filter where it is not 0: its first frequency bin, and its weight at that one and those that follow. */
export interface MelFilter {
  readonly first: number;
  readonly weights: readonly number[];
}

/** A triangle each: 0 at the middle of the filter before, its peak at its own middle, 0 at the middle of the next. */
export function melFilters({
  preset,
  sampleRate,
  nFft,
  nMels,
  fMin,
  fMax,
  melScale,
  norm,
}: MelSettings): MelFilter[] {
  const bins = (nFft >> 1) + 1;
  const hertzOfBin = (bin: number) =>
    preset === "librosa" || bins === 1
      ? (bin * sampleRate) / nFft
      : (bin * nyquist(preset, sampleRate)) / (bins - 1);
  const [low, high] = [melOf(fMin, melScale), melOf(fMax, melScale)];
  const points = Array.from({ length: nMels + 2 }, (_, i) =>
    hertzOf(low + ((high - low) * i) / (nMels + 1), melScale),
  );
  return Array.from({ length: nMels }, (_, i) => {
    const [left, middle, right] = points.slice(i, i + 3) as [number, number, number];
    const scale = norm === "slaney" ? 2 / (right - left) : 1;
    const filter = { first: 0, weights: [] as number[] };
    for (let bin = 0; bin < bins; bin++) {
      const hertz = hertzOfBin(bin);
      const rising = (hertz - left) / (middle - left);
      const falling = (right - hertz) / (right - middle);
      const weight = Math.min(rising, falling);
      if (!(weight > 0)) continue;
      if (filter.weights.length === 0) filter.first = bin;
      filter.weights.push(weight * scale);
    }
    return filter;
  });
}

/**
 * The filters that sum a spectrum's frequencies on the mel scale, a row each: librosa's `filters.mel`, torchaudio's
 * `melscale_fbanks` transposed. With few frequencies and many filters some may be 0 everywhere.
 *
 * @returns `[nMels, nFft / 2 + 1]`
 * @throws OptionError for options that do not fit each other
 * @example
 * ```ts
 * melFilterbank({ sampleRate: 16000, nFft: 512, nMels: 80 }).shape; // [80, 257]
 * ```
 */
export function melFilterbank(options: MelFilterOptions = {}): Tensor {
  checkCall("melFilterbank", arguments, "options?:object");
  const settings = readMelOptions("melFilterbank", options);
  const bins = (settings.nFft >> 1) + 1;
  const rows = new Float32Array(settings.nMels * bins);
  melFilters(settings).forEach(({ first, weights }, i) => rows.set(weights, i * bins + first));
  return tensor(rows, { shape: [settings.nMels, bins] });
}

// Features with mean 0 and standard deviation 1: over an utterance, over what was heard so far, or over a corpus.
import { checkCall, checkCount } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { StatsCounter, type FeatureStats } from "../data/feature-stats.js";
import { tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";

export interface MeanVarianceOptions {
  /** Whether to divide by the standard deviation too. Default true. */
  variance?: boolean | undefined;
}

/**
 * Mean and variance normalization of an utterance: each feature minus its mean over all frames, divided by its standard deviation
 * over them (CMVN). A feature that never changes becomes 0.
 *
 * @param features `[frames, size]`
 * @returns a new tensor of the same shape
 * @throws ShapeError for another number of axes
 * @example
 * ```ts
 * meanVarianceNormalize(tensor([[1, 10], [3, 10]])).toArray(); // [[-1, 0], [1, 0]]
 * ```
 */
export function meanVarianceNormalize(features: Tensor, options: MeanVarianceOptions = {}): Tensor {
  checkCall("meanVarianceNormalize", arguments, "features:tensor {variance:boolean}");
  const [, size] = framesBySize("meanVarianceNormalize", features);
  const values = features.data();
  normalizeWhole(values, size, options.variance ?? true);
  return tensor(values, { shape: features.shape });
}

/** @internal In place. */
export function normalizeWhole(values: Float32Array, size: number, variance = true): void {
  const counter = new StatsCounter(size);
  counter.add(values);
  applyStats(values, counter.stats, variance);
}

/** @internal In place: (x − mean) / std. */
export function applyStats(
  values: Float32Array,
  { mean, std }: FeatureStats,
  variance = true,
): void {
  const size = mean.length;
  for (let i = 0; i < values.length; i++) {
    const apart = values[i]! - mean[i % size]!;
    values[i] = variance ? apart / std[i % size]! : apart;
  }
}

/** @internal Refuses what is no `[frames, size]`. */
export function framesBySize(op: string, features: Tensor): [number, number] {
  if (features.shape.length !== 2)
    throw new ShapeError({
      op,
      expected: "features [frames, size]",
      got: formatShape(features.shape),
    });
  return features.shape as [number, number];
}

export interface RunningNormalizationOptions {
  /**
   * Frames that the mean and the variance look back on: from then on each frame weighs 1 / `window`, and those before fade.
   * Default 300, three seconds of a hop of 10 ms.
   */
  window?: number | undefined;
  /** Where to begin: mean and standard deviation over a corpus, which count as much as `window` frames. Default: nothing. */
  stats?: FeatureStats | undefined;
}

/** Variances below count as this. */
const LEAST_VARIANCE = 1e-10;

/**
 * Mean and variance normalization while frames come in: each by the frames up to it. What {@link meanVarianceNormalize} does needs the
 * end of the utterance; this is its form for streams. The first frame, without `stats`, becomes 0.
 *
 * @example
 * ```ts
 * const normalization = new RunningNormalization(2);
 * [...normalization.push(Float32Array.of(1, 10))]; // [0, 0]
 * [...normalization.push(Float32Array.of(3, 10))]; // [1, 0]
 * ```
 */
export class RunningNormalization {
  /** @internal As it is printed, whatever a bundler calls it. */
  static readonly name: string = "RunningNormalization";
  readonly size: number;
  readonly #window: number;
  readonly #stats: FeatureStats | undefined;
  readonly #mean: Float64Array;
  readonly #variance: Float64Array;
  #count = 0;

  /** @param size numbers of a frame */
  constructor(size: number, options: RunningNormalizationOptions = {}) {
    checkCall("RunningNormalization", arguments, "size:number {window:number stats:object}");
    const { window = 300, stats } = options;
    checkCount("RunningNormalization", "size", size);
    checkCount("RunningNormalization", "window", window);
    checkStats("RunningNormalization", stats, size);
    this.size = size;
    this.#window = window;
    this.#stats = stats;
    this.#mean = new Float64Array(size);
    this.#variance = new Float64Array(size);
    this.reset();
  }

  /**
   * A frame, normalized: a new one. Several in one array are taken one after the other.
   *
   * @param frames `size` numbers, or a multiple
   */
  push(frames: Float32Array): Float32Array {
    checkCall("RunningNormalization.push", arguments, "frames:Float32Array");
    const { size } = this;
    if (frames.length % size !== 0)
      throw new ShapeError({
        op: "RunningNormalization.push",
        expected: `frames of ${size} numbers`,
        got: described(frames),
      });
    const out = new Float32Array(frames.length);
    const [mean, variance] = [this.#mean, this.#variance];
    for (let at = 0; at < frames.length; at += size) {
      this.#count = Math.min(this.#count + 1, this.#window);
      for (let i = 0; i < size; i++) {
        const apart = frames[at + i]! - mean[i]!;
        mean[i]! += apart / this.#count;
        const rest = frames[at + i]! - mean[i]!;
        variance[i]! += (apart * rest - variance[i]!) / this.#count;
        out[at + i] = rest / Math.sqrt(Math.max(variance[i]!, LEAST_VARIANCE));
      }
    }
    return out;
  }

  /** Forgets what was heard. */
  reset(): void {
    checkCall("RunningNormalization.reset", arguments, "");
    this.#count = this.#stats ? this.#window : 0;
    this.#mean.set(this.#stats?.mean ?? new Float32Array(this.size));
    this.#variance.set(this.#stats?.std.map((std) => std * std) ?? new Float32Array(this.size));
  }
}

/** @internal Refuses statistics of another number of features. */
export function checkStats(op: string, stats: FeatureStats | undefined, size: number): void {
  if (stats === undefined) return;
  for (const name of ["mean", "std"] as const) {
    const values = (stats as Partial<FeatureStats>)[name];
    if (values?.length !== size || !values.every(Number.isFinite))
      throw new OptionError({
        op,
        expected: `stats with a ${name} of ${size} finite numbers`,
        got: described(values),
      });
  }
}

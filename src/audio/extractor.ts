import { checkCall } from "../core/check.js";
import { checkRecord } from "../core/check-like.js";
import { OptionError } from "../core/errors.js";
import { api, choice, pickOptions, readOptions, type OptionTable } from "../core/options.js";
import type { FeatureStats } from "../data/feature-stats.js";
import type { Tensor } from "../tensor/tensor.js";
import { f32 } from "../wasm/memory.js";
import { wholeFeatures } from "./features.js";
import { FeatureStream } from "./feature-stream.js";
import { applyStats, checkStats, normalizeWhole, RunningNormalization } from "./normalize.js";
import {
  readFeatureOptions,
  type FeatureSettings,
  type MfccOptions,
  type Samples,
} from "./options.js";
import { planOf } from "./plan.js";

/** What a {@link FeatureExtractor} makes, and with which options. */
export interface FeatureExtractorOptions extends MfccOptions {
  /** What a frame consists of. Default `"logMel"`. */
  features?: "spectrogram" | "melSpectrogram" | "logMel" | "mfcc" | undefined;
  /**
   * How frames are normalized: by the whole utterance (`meanVarianceNormalize`), by what came so far
   * ({@link RunningNormalization}), by `stats` (`"global"`), or not. Default `"none"`.
   */
  normalize?: "none" | "global" | "running" | "utterance" | undefined;
  /** Mean and standard deviation of each feature over a corpus: for `"global"`, and where `"running"` begins. Default: none. */
  stats?: FeatureStats | undefined;
}

type Own = Pick<FeatureExtractorOptions, "features" | "normalize" | "stats">;

const OWN_OPTIONS: OptionTable<Own> = {
  features: choice(
    ["spectrogram", "melSpectrogram", "logMel", "mfcc"],
    "logMel",
    "what a frame consists of",
  ),
  normalize: choice(
    ["none", "global", "running", "utterance"],
    "none",
    "how frames are normalized",
  ),
  stats: api<FeatureStats>("object", "mean and standard deviation of each feature over a corpus"),
};

const OP = "FeatureExtractor";

/**
 * Features by one set of options, of whole signals or of streams: a recognizer learns from the one and listens with the other, and both
 * have the same bits.
 *
 * @example
 * ```ts
 * const extractor = new FeatureExtractor({ sampleRate: 16000, nMels: 40, normalize: "running" });
 * const samples = Float32Array.from({ length: 1600 }, (_, i) => (i % 20) / 40);
 * extractor.extract(samples).shape; // [9, 40]
 *
 * const stream = extractor.stream();
 * const frames = [...stream.push(samples.subarray(0, 700)), ...stream.push(samples.subarray(700)), ...stream.end()];
 * frames.length; // 9
 * ```
 */
export class FeatureExtractor {
  /** @internal As it is printed, whatever a bundler calls it. */
  static readonly name: string = "FeatureExtractor";
  /** The options as they were given: another extractor made of them does the same. */
  readonly options: FeatureExtractorOptions;
  /** Every setting, as given or by the preset. */
  readonly settings: FeatureSettings;
  /** Numbers of a frame. */
  readonly size: number;
  readonly #normalize: NonNullable<Own["normalize"]>;
  readonly #stats: FeatureStats | undefined;

  /** @throws OptionError for options that do not fit the features or each other */
  constructor(options: FeatureExtractorOptions = {}) {
    checkCall(OP, arguments, "options?:object");
    checkRecord(OP, "options in an object", options);
    const { features, normalize, stats } = readOptions<Own, "stats">(
      OP,
      OWN_OPTIONS,
      pickOptions(OWN_OPTIONS, options),
    );
    const rest = Object.entries(options).filter(([name]) => !Object.hasOwn(OWN_OPTIONS, name));
    this.settings = readFeatureOptions(OP, features, Object.fromEntries(rest));
    this.size = planOf(this.settings).width;
    this.options = { ...options };
    this.#normalize = normalize;
    this.#stats = stats;
    checkStats(OP, stats, this.size);
    if (normalize === "global" && stats === undefined)
      throw new OptionError({
        op: OP,
        expected: 'stats for normalize "global"',
        got: "none",
        cure: "Give { mean, std } over the training data.",
      });
  }

  /** Samples from a frame to the next. */
  get hopLength(): number {
    return this.settings.hopLength;
  }

  /**
   * The features of a whole signal.
   *
   * @param samples one channel, `sampleRate` a second
   * @returns `[frames, size]`
   * @throws ShapeError for a signal too short for a frame
   */
  extract(samples: Samples): Tensor {
    checkCall(`${OP}.extract`, arguments, "samples:list");
    const features = wholeFeatures(`${OP}.extract`, samples, this.settings);
    if (this.#normalize === "none") return features;
    const values = f32(features.storage.ptr, features.size);
    if (this.#normalize === "utterance") normalizeWhole(values, this.size);
    else if (this.#normalize === "global") applyStats(values, this.#stats!);
    else values.set(this.#running().push(values));
    return features;
  }

  /**
   * The features of a signal that comes in.
   *
   * @throws OptionError for what needs the whole signal: `normalize: "utterance"`, and `topDb`
   */
  stream(): FeatureStream {
    checkCall(`${OP}.stream`, arguments, "");
    const { features, topDb } = this.settings;
    const refuse = (expected: string, got: string, cure: string): never => {
      throw new OptionError({ op: `${OP}.stream`, expected, got, cure });
    };
    if (this.#normalize === "utterance")
      refuse(
        "a normalization that needs no end of the utterance",
        'normalize "utterance"',
        'normalize: "running" looks back only, "global" takes stats of a corpus.',
      );
    if ((features === "logMel" || features === "mfcc") && topDb !== null)
      refuse(
        "topDb null: the loudest value is known at the end of the signal",
        String(topDb),
        "Set topDb: null; amin bounds what is quiet, from the first frame on.",
      );
    const normalization =
      this.#normalize === "running"
        ? this.#running()
        : this.#normalize === "global"
          ? globalNormalization(this.#stats!)
          : undefined;
    return new FeatureStream(planOf(this.settings), normalization);
  }

  #running(): RunningNormalization {
    return new RunningNormalization(this.size, { stats: this.#stats });
  }
}

function globalNormalization(stats: FeatureStats) {
  return {
    push(frames: Float32Array): Float32Array {
      applyStats(frames, stats);
      return frames;
    },
    reset() {},
  };
}

import { FeatureExtractor, type FeatureExtractorOptions } from "../../audio/extractor.js";
import { definedOnly, checkCall } from "../../core/check.js";
import { cannotTrain } from "../../core/inference.js";
import { choice, pickOptions, readOptions, whole, type OptionTable } from "../../core/options.js";
import { StatsCounter } from "../../data/feature-stats.js";
import { Module } from "../../nn/module.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Encoded, InputKind, InputLayer, Sequences } from "./input.js";
import { rateOf, samplesAt, type Recording } from "./recording.js";
import {
  AUGMENTATION_OPTIONS,
  changedSamples,
  maskedFeatures,
  type AugmentationSettings,
  type SoundAugmentation,
} from "./sound-augmentation.js";

/** What is read of recordings, and how they are changed in training. */
export interface SoundOptions extends SoundAugmentation {
  /** Samples a second; recordings at other rates are resampled. Default: as the first example says, else 16000. */
  sampleRate?: number | undefined;
  /** Mel filters: numbers of a frame. Default 40. */
  nMels?: number | undefined;
  /**
   * How frames are normalized: by mean and standard deviation of each filter over the examples (`"global"`), over what was heard of a
   * recording so far (`"running"`), or over the whole of it (`"utterance"`), which is no longer a stream. Default `"global"`.
   */
  normalize?: "global" | "running" | "utterance" | undefined;
}

export const SOUND_OPTIONS: OptionTable<SoundOptions> = {
  sampleRate: whole(1, undefined, "samples a second (default: as the first example)"),
  nMels: whole(1, 40, "mel filters: numbers of a frame"),
  normalize: choice(["global", "running", "utterance"], "global", "how frames are normalized"),
  ...AUGMENTATION_OPTIONS,
};

const SAMPLE_RATE = 16000;
/** Seconds of a frame, and from one to the next. */
const FRAME = 0.025;
const HOP = 0.01;
/** Quieter is silence: powers of a frame of 16-bit samples that are the least above 0. */
const AMIN = 1e-6;

/** Log-mel features of frames of 25 ms every 10 ms. */
function extractorOptions(sampleRate: number, nMels: number): FeatureExtractorOptions {
  const winLength = Math.max(2, Math.round(FRAME * sampleRate));
  let nFft = 2;
  while (nFft < winLength) nFft *= 2;
  const hopLength = Math.max(1, Math.round(HOP * sampleRate));
  const frames = { sampleRate, nFft, winLength, hopLength, padMode: "constant" } as const;
  return { ...frames, nMels, log: "natural", amin: AMIN };
}

/**
 * Recordings, as input of a model that is built: log-mel features of frames of 25 ms every 10 ms. In training they are changed each time
 * that they are read: speed, loudness, noise, and masks over the features.
 *
 * @throws BackendError in `hiddenstate/infer`, which does not train
 * @example
 * ```ts
 * const tone = (hertz: number) => Float32Array.from({ length: 2000 }, (_, i) => Math.sin((i * hertz * Math.PI) / 4000));
 * const examples = [
 *   { input: { samples: tone(200), sampleRate: 8000 }, label: "low" },
 *   { input: { samples: tone(2000), sampleRate: 8000 }, label: "high" },
 * ];
 * const model = SequenceClassifier.build(examples, { input: sound(), hiddenSize: 8 });
 * model.predict(tone(300)).probability > 0; // true
 * ```
 */
export function sound(options: SoundOptions = {}): InputKind<Recording> {
  if (!TRAINING) throw cannotTrain("sound");
  checkCall("sound", arguments, "options?:object");
  const settings = readOptions<SoundOptions, "sampleRate">("sound", SOUND_OPTIONS, options);
  const augmentation = pickOptions(AUGMENTATION_OPTIONS, settings);
  return {
    type: "sound",
    counter(op) {
      if (!TRAINING) throw cannotTrain(op);
      const { nMels, normalize } = settings;
      let plain: FeatureExtractor | undefined;
      let stats: StatsCounter | undefined;
      return {
        add(recording) {
          const sampleRate = settings.sampleRate ?? rateOf(recording) ?? SAMPLE_RATE;
          const samples = samplesAt(op, recording, plain?.settings.sampleRate ?? sampleRate);
          plain ??= new FeatureExtractor(extractorOptions(sampleRate, nMels));
          if (normalize === "utterance") return;
          stats ??= new StatsCounter(nMels);
          stats.add(scope(() => plain!.extract(samples).data()));
        },
        layer() {
          const { options } = plain!;
          return new SoundInput(
            { ...options, normalize, ...(stats && { stats: stats.stats }) },
            augmentation,
          );
        },
      };
    },
  };
}

/**
 * Recordings as features of their frames: what {@link sound} makes of examples. An encoded input is the recording's samples at the
 * model's rate.
 *
 * @example
 * ```ts
 * const input = new SoundInput({ sampleRate: 8000, nFft: 256, hopLength: 80, nMels: 20, padMode: "constant" });
 * new SequenceClassifier(["yes", "no"], input, { hiddenSize: 8 }).labels.size; // 2
 * ```
 */
export class SoundInput extends Module implements InputLayer<Recording> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "SoundInput";
  readonly extractor: FeatureExtractor;
  readonly augmentation: AugmentationSettings;

  /**
   * @param features what a frame consists of
   * @param augmentation how recordings are changed in training. Default: as `sound()` has it
   */
  constructor(features: FeatureExtractorOptions, augmentation: SoundAugmentation = {}) {
    checkCall("SoundInput", arguments, "features:object augmentation?:object");
    super();
    this.extractor = new FeatureExtractor(features);
    this.augmentation = readOptions("SoundInput", AUGMENTATION_OPTIONS, augmentation);
  }

  /** Numbers of a frame. */
  get size(): number {
    return this.extractor.size;
  }

  get sampleRate(): number {
    return this.extractor.settings.sampleRate;
  }

  /** Seconds from a frame to the next. */
  get frameSeconds(): number {
    return this.extractor.hopLength / this.sampleRate;
  }

  encode(op: string, recording: Recording): Float32Array {
    return samplesAt(op, recording, this.sampleRate);
  }

  timeOf({ length }: Encoded): number {
    const { center, nFft, hopLength } = this.extractor.settings;
    const padded = length + (center ? 2 * (nFft >> 1) : 0);
    return Math.floor((padded - nFft) / hopLength) + 1;
  }

  forward(batch: readonly Encoded[]): Sequences {
    const all = batch as readonly Float32Array[];
    const frames = all.map((_, i) => scope(() => this.#featuresOf(all, i).data()));
    const { size } = this;
    const lengths = Int32Array.from(frames, ({ length }) => length / size);
    const time = lengths.reduce((a, b) => Math.max(a, b), 1);
    const rows = new Float32Array(frames.length * time * size);
    frames.forEach((values, row) => rows.set(values, row * time * size));
    return { x: tensor(rows, { shape: [frames.length, time, size] }), lengths };
  }

  #featuresOf(batch: readonly Float32Array[], place: number) {
    if (!TRAINING || !this.training) return this.extractor.extract(batch[place]!);
    const samples = changedSamples(batch, place, this.augmentation);
    return maskedFeatures(this.extractor.extract(samples), this.augmentation);
  }

  toJSON() {
    const { stats, ...features } = this.extractor.options;
    return {
      type: "sound" as const,
      features: definedOnly({
        ...features,
        stats: stats && { mean: [...stats.mean], std: [...stats.std] },
      }),
      augmentation: this.augmentation,
    };
  }

  /** @internal From what {@link toJSON} gave, parsed again. */
  static fromJSON({ features, augmentation }: ReturnType<SoundInput["toJSON"]>): SoundInput {
    const { stats, ...others } = features;
    const read = stats && {
      stats: { mean: Float32Array.from(stats.mean), std: Float32Array.from(stats.std) },
    };
    return new SoundInput({ ...others, ...read }, augmentation);
  }
}

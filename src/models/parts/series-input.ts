import { checkCall, checkCount, type Given } from "../../core/check.js";
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import { StatsCounter, type FeatureStats } from "../../data/feature-stats.js";
import { cannotTrain } from "../../core/inference.js";
import { Module } from "../../nn/module.js";
import { copyOf, type Steps } from "../../nn/steps.js";
import { buffer, type Buffer } from "../../tensor/parameter.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { scope } from "../../tensor/scope.js";
import { flag, readOptions, whole, type OptionTable } from "../../core/options.js";
import type { Encoded, InputKind, InputLayer, Sequences } from "./input.js";

/**
 * A series of measurements: a list of its steps, `features` numbers each; or all numbers step by step in one
 * Float32Array.
 */
export type Series = Float32Array | readonly ArrayLike<number>[];

export interface SeriesOptions {
  /** Numbers at a step. Default: as many as the first step of the first example has. */
  features?: number | undefined;
  /** Whether to scale each feature to mean 0 and standard deviation 1 over the examples. Default true. */
  normalize?: boolean | undefined;
}

export const SERIES_OPTIONS: OptionTable<SeriesOptions> = {
  features: whole(1, undefined, "numbers at a step (default: as the first example has)"),
  normalize: flag(true, "scale each feature to mean 0 and standard deviation 1"),
};

/**
 * Series of numbers, as input of a model that is built.
 *
 * @throws BackendError in `hiddenstate/infer`, which does not train
 * @example
 * ```ts
 * const examples = [
 *   { input: [[0.1], [0.2]], label: "up" },
 *   { input: [[0.4], [0.3]], label: "down" },
 * ];
 * const model = SequenceClassifier.build(examples, { input: series(), hiddenSize: 8 });
 * model.predict([[0.2], [0.5]]).probability > 0; // true
 * ```
 */
export function series(options: SeriesOptions = {}): InputKind<Series> {
  if (!TRAINING) throw cannotTrain("series");
  checkCall("series", arguments, "options?:object");
  const { features: given, normalize } = readOptions<SeriesOptions, "features">(
    "series",
    SERIES_OPTIONS,
    options,
  );
  return {
    type: "series",
    counter(op) {
      if (!TRAINING) throw cannotTrain(op);
      let features = given;
      let stats: StatsCounter | undefined;
      return {
        add(input) {
          features ??= featuresOf(op, input);
          if (!normalize) return;
          stats ??= new StatsCounter(features);
          stats.add(numbersOf(op, input, features));
        },
        layer: () => new SeriesInput(features ?? featuresOf(op, undefined), stats?.stats),
      };
    },
  };
}

/**
 * Series of `features` numbers a step; normalized where a {@link FeatureStats} is given: (x − mean) / std.
 *
 * @example
 * ```ts
 * const input = new SeriesInput(2); // what `series()` makes of examples
 * new SequenceClassifier(["up", "down"], input, { hiddenSize: 8 }).labels.size; // 2
 * ```
 */
export class SeriesInput extends Module implements InputLayer<Series> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "SeriesInput";
  readonly features: number;
  /** `[features]` */
  readonly mean: Buffer | undefined;
  /** `[features]` */
  readonly std: Buffer | undefined;

  constructor(features: number, stats: Given<FeatureStats> = {}) {
    checkCall("SeriesInput", arguments, "features:number {mean:list std:list}");
    super();
    const { mean, std } = stats;
    checkCount("SeriesInput", "features", features);
    this.features = features;
    this.mean = mean && scope(() => buffer(tensor(mean, { shape: [features] })));
    this.std = std && scope(() => buffer(tensor(std, { shape: [features] })));
  }

  get size(): number {
    return this.features;
  }

  encode(op: string, series: Series): Float32Array {
    return numbersOf(op, series, this.features);
  }

  timeOf(values: Encoded): number {
    return values.length / this.features;
  }

  forward(batch: readonly Encoded[]): Sequences {
    const { features } = this;
    const lengths = Int32Array.from(batch, (values) => this.timeOf(values));
    const time = lengths.reduce((a, b) => Math.max(a, b), 1);
    const rows = new Float32Array(batch.length * time * features);
    batch.forEach((values, row) => rows.set(values, row * time * features));
    const x = tensor(rows, { shape: [batch.length, time, features] });
    return { x: this.mean && this.std ? x.sub(this.mean).div(this.std) : x, lengths };
  }

  /** What {@link forward} gives, as it was measured: `[…, features]` */
  unscaled(x: Tensor): Tensor {
    return this.mean && this.std ? x.mul(this.std).add(this.mean) : x;
  }

  /** @internal A step, normalized. */
  steps(): Steps {
    const [mean, std] = [copyOf(this.mean), copyOf(this.std)];
    const run = (x: Tensor): Tensor => (mean && std ? x.sub(mean).div(std) : x);
    const copies = mean && std ? [mean, std] : [];
    return { inputSize: this.features, outputSize: this.features, copies, run };
  }

  toJSON() {
    return {
      type: "series" as const,
      features: this.features,
      normalized: this.mean !== undefined,
    };
  }
}

/** How many numbers a step of a series has, where that can be seen. */
function featuresOf(op: string, series: Series | undefined): number {
  const first: unknown = Array.isArray(series) ? series[0] : undefined;
  const { length } = Object(first) as { length?: unknown };
  if (typeof first === "object" && typeof length === "number") return length;
  throw new OptionError({
    op,
    expected:
      "the option features, or a first series that is a list of steps, each a list of numbers",
    got: series instanceof Float32Array ? "a Float32Array without it" : described(series ?? "none"),
    ...(series === undefined && { cure: "An example is an object: { input: series }." }),
  });
}

/** All numbers of a series, step by step. */
function numbersOf(op: string, series: Series, features: number): Float32Array {
  const refuse = (expected: string, got: string, cure?: string): never => {
    throw new OptionError({ op, expected, got, cure });
  };
  const check = (value: unknown, step: number, feature: number): number =>
    // null, "" and true would become numbers without a word.
    typeof value === "number" && Number.isFinite(value)
      ? value
      : refuse(
          "finite numbers",
          `${typeof value === "string" ? JSON.stringify(value) : String(value)} at step ${step}, feature ${feature}`,
        );
  if (series instanceof Float32Array) {
    if (series.length % features !== 0)
      refuse(`a multiple of ${features} numbers, ${features} for each step`, String(series.length));
    series.forEach((value, i) => check(value, Math.floor(i / features), i % features));
    return series;
  }
  if (!Array.isArray(series))
    refuse(
      `a series: a list of steps of ${features} numbers, or a Float32Array`,
      typeof series,
      "This model reads series.",
    );
  const values = new Float32Array(series.length * features);
  series.forEach((step: ArrayLike<number> | null | undefined, t) => {
    if (step?.length !== features)
      refuse(`${features} numbers at every step`, `${step?.length ?? "none"} at step ${t}`);
    for (let i = 0; i < features; i++) values[t * features + i] = check(step![i], t, i);
  });
  return values;
}

import { checkCount } from "../../core/check.js";
import { OptionError } from "../../core/errors.js";
import { Module } from "../../nn/module.js";
import { buffer, type Buffer } from "../../tensor/parameter.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Encoded, InputData, InputLayer, Sequences, Series } from "./input.js";

/** Mean and standard deviation of each feature. */
export interface Spread {
  readonly mean: Float32Array;
  readonly std: Float32Array;
}

/** Series of `features` numbers a step; normalized where a {@link Spread} is given: (x − mean) / std. */
export class SeriesInput extends Module implements InputLayer<Series> {
  readonly features: number;
  /** `[features]` */
  readonly mean: Buffer | undefined;
  /** `[features]` */
  readonly std: Buffer | undefined;

  constructor(features: number, { mean, std }: Partial<Spread> = {}) {
    super();
    checkCount("SeriesInput", "features", features);
    this.features = features;
    this.mean = mean && scope(() => buffer(tensor(mean, { shape: [features] })));
    this.std = std && scope(() => buffer(tensor(std, { shape: [features] })));
  }

  get size(): number {
    return this.features;
  }

  encode(op: string, series: Series): Float32Array {
    const values = flat(op, series, this.features);
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0)
      throw new OptionError({
        op,
        expected: "finite numbers",
        got: `${values[bad]} at step ${Math.floor(bad / this.features)}, feature ${bad % this.features}`,
      });
    return values;
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

  toJSON(): InputData {
    return { type: "series", features: this.features, normalized: this.mean !== undefined };
  }
}

/** The spread of each feature over all steps of series, one after another; a feature that never changes has std 1. */
export class SpreadCounter {
  readonly #features: number;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  #steps = 0;
  /** Deviations from the first step, so that large means cost no digits. */
  #first: Float32Array | undefined;

  constructor(features: number) {
    this.#features = features;
    this.#sums = new Float64Array(features);
    this.#squares = new Float64Array(features);
  }

  add(values: Float32Array): void {
    const features = this.#features;
    if (values.length > 0) this.#first ??= values.slice(0, features);
    for (let i = 0; i < values.length; i++) {
      const deviation = values[i]! - this.#first![i % features]!;
      this.#sums[i % features]! += deviation;
      this.#squares[i % features]! += deviation * deviation;
    }
    this.#steps += values.length / features;
  }

  get spread(): Spread {
    const steps = Math.max(1, this.#steps);
    const mean = Float32Array.from(this.#sums, (sum, i) => (this.#first?.[i] ?? 0) + sum / steps);
    const std = Float32Array.from(this.#squares, (square, i) => {
      const shift = this.#sums[i]! / steps;
      const variance = square / steps - shift * shift;
      return variance > 0 ? Math.sqrt(variance) : 1;
    });
    return { mean, std };
  }
}

/** How many numbers a step of a series has, where that can be seen. */
export function featuresOf(op: string, series: Series | undefined): number {
  if (Array.isArray(series) && series.length > 0)
    return Number((series[0] as ArrayLike<number>).length);
  throw new OptionError({
    op,
    expected: "the option features, or a first series that is a list of steps",
    got: series instanceof Float32Array ? "a Float32Array without it" : JSON.stringify(series),
  });
}

function flat(op: string, series: Series, features: number): Float32Array {
  if (series instanceof Float32Array) {
    if (series.length % features === 0) return series;
    throw new OptionError({
      op,
      expected: `a multiple of ${features} numbers, ${features} for each step`,
      got: String(series.length),
    });
  }
  if (!Array.isArray(series))
    throw new OptionError({
      op,
      expected: `a series: a list of steps of ${features} numbers, or a Float32Array`,
      got: typeof series,
      cure: "This model was made for series.",
    });
  const values = new Float32Array(series.length * features);
  series.forEach((step: ArrayLike<number>, t) => {
    if (step?.length !== features)
      throw new OptionError({
        op,
        expected: `${features} numbers at every step`,
        got: `${step?.length ?? "none"} at step ${t}`,
      });
    values.set(step, t * features);
  });
  return values;
}

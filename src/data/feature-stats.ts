// What series are normalized by.

/** Mean and standard deviation of each feature. */
export interface FeatureStats {
  readonly mean: Float32Array;
  readonly std: Float32Array;
}

/** Mean and standard deviation of each feature over all steps of series, one after another; a feature that never changes has std 1. */
export class StatsCounter {
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

  get stats(): FeatureStats {
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

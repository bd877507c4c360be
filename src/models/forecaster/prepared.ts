// A series as the network reads it, step by step, and what it is to say at each step of those ahead.
import type { ForecasterSettings } from "./options.js";
import { referenceAt, scaled, type Scaled, type Scaling } from "./scaling.js";
import type { ReadSeries, SeriesShape } from "./series.js";

/** How series become numbers for the network. */
export interface Preparation extends SeriesShape {
  readonly options: ForecasterSettings;
  readonly scaling: Scaling;
  /** Whether values may be missing: then it reads which are. */
  readonly gaps: boolean;
}

/** Numbers at a step that the network reads. */
export function featuresIn({
  options,
  targets,
  covariates,
  gaps,
}: Omit<Preparation, "scaling">): number {
  const { level, season } = options;
  return targets * (1 + Number(level) + Number(season > 1) + Number(gaps)) + covariates;
}

export interface Prepared extends Scaled {
  /** `[steps, features]` */
  readonly features: Float32Array;
  /** What is known ahead of each step, `[known steps, covariates]`, scaled. */
  readonly ahead: Float32Array;
}

/** @param until steps that are known: those behind them scale nothing. Default: all */
export function prepare(series: ReadSeries, preparation: Preparation, until?: number): Prepared {
  const { options, scaling, targets } = preparation;
  const way = scaled(
    series,
    { mean: Float64Array.from(scaling.mean), deviation: Float64Array.from(scaling.deviation) },
    options,
    until,
  );
  const { steps, z, known } = way;
  const size = featuresIn(preparation);
  const features = new Float32Array(steps * size);
  const ahead = new Float32Array(series.known.length);
  scaleCovariates(series.known, scaling, ahead);
  for (let t = 0; t < steps; t++)
    writeStep(preparation, features.subarray(t * size, (t + 1) * size), {
      now: (column) => z[t * targets + column]!,
      before: (column, lag) => (t >= lag ? z[(t - lag) * targets + column]! : undefined),
      known: (column) => known[t * targets + column]!,
      covariates: ahead.subarray(t * series.covariates, (t + 1) * series.covariates),
    });
  return { ...way, features, ahead };
}

/** Scales covariates, step by step. */
export function scaleCovariates(
  known: Float64Array,
  { covariateMean, covariateDeviation }: Scaling,
  to: Float32Array,
): void {
  const { length } = covariateMean;
  for (let i = 0; i < known.length; i++)
    to[i] = (known[i]! - covariateMean[i % length]!) / covariateDeviation[i % length]!;
}

/** A step and those before it, in scaled values. */
export interface StepSource {
  now(column: number): number;
  /** Undefined before the beginning. */
  before(column: number, lag: number): number | undefined;
  known(column: number): number;
  readonly covariates: ArrayLike<number>;
}

/** Writes what the network reads of a step. */
export function writeStep(
  { options, scaling, targets, gaps }: Preparation,
  to: Float32Array,
  { now, before, known, covariates }: StepSource,
): void {
  const { level, season } = options;
  let at = 0;
  for (let column = 0; column < targets; column++) {
    const value = now(column);
    if (level) to[at++] = value;
    to[at++] = (value - (before(column, 1) ?? value)) / scaling.change[column]!;
    if (season > 1)
      to[at++] = (value - (before(column, season) ?? value)) / scaling.seasonal[column]!;
    if (gaps) to[at++] = known(column);
  }
  for (let i = 0; i < covariates.length; i++) to[at++] = covariates[i]!;
}

/** What was right at a step for all those ahead: `[horizon, targets]`, in units of the usual distance from the reference. */
export interface Aim {
  readonly values: Float32Array;
  /** 1 where it is known and before `end`. */
  readonly counts: Float32Array;
}

/** Puts what was right at step t behind what is there. */
export function aimAt(
  { z, known }: Scaled,
  { options, scaling, targets }: Preparation,
  t: number,
  end: number,
  { values, counts }: Aim,
  at: number,
): void {
  for (let ahead = 1; ahead <= options.horizon; ahead++)
    for (let column = 0; column < targets; column++) {
      const cell = (ahead - 1) * targets + column;
      const place = (t + ahead) * targets + column;
      if (t + ahead >= end || !known[place]) continue;
      const away = z[place]! - referenceAt(z, targets, column, t, ahead, options);
      values[at + cell] = away / scaling.spread[cell]!;
      counts[at + cell] = 1;
    }
}

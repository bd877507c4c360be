// What makes series alike: logarithms, mean and standard deviation, and how far they go from step to step. Fitted on the series
// that a model is built of; a series that scales itself does by the part of it that is known, never by what is forecast.
import { exp, log } from "../../core/exp-log.js";
import type { ForecasterSettings } from "./options.js";
import type { ReadSeries, SeriesShape } from "./series.js";

/** Mean and standard deviation of each variable. */
export interface Height {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** Numbers by which series are scaled; float32, as the model's file has them. */
export interface Scaling {
  /** `[targets]` each. */
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
  /** Standard deviation of the change from a step to the next, and from a season to the next, of scaled values: `[targets]`. */
  readonly change: Float32Array;
  readonly seasonal: Float32Array;
  /** Standard deviation of what comes about its reference: `[horizon, targets]`. */
  readonly spread: Float32Array;
  /** `[covariates]` each. */
  readonly covariateMean: Float32Array;
  readonly covariateDeviation: Float32Array;
}

/** A series of scaled values without gaps, and where there were some. */
export interface Scaled {
  readonly steps: number;
  /** `[steps, targets]`; of a missing value the last known one, before the first 0, the mean. */
  readonly z: Float32Array;
  /** `[steps, targets]`: 1 where a value is known. */
  readonly known: Uint8Array;
  readonly height: Height;
}

type Way = Pick<ForecasterSettings, "log" | "horizon" | "season" | "reference" | "scaling">;

/** How values are compared: as they are, or by their logarithms. */
export const valueOf = (value: number, { log: logs }: Pick<Way, "log">): number =>
  logs ? log(value) : value;
export const unvalueOf = (value: number, { log: logs }: Pick<Way, "log">): number =>
  logs ? exp(value) : value;

/** Mean and deviation of columns, of the known values; 0 and 1 where there is none, or no change. */
export function heightOf(columns: number, lists: readonly Float64Array[]): Height {
  const [sum, square, count] = [0, 1, 2].map(() => new Float64Array(columns)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const eachKnown = (see: (value: number, column: number) => void) => {
    for (const list of lists)
      for (let i = 0; i < list.length; i++) if (!Number.isNaN(list[i]!)) see(list[i]!, i % columns);
  };
  eachKnown((value, column) => {
    sum[column]! += value;
    count[column]!++;
  });
  const mean = sum.map((total, i) => total / Math.max(1, count[i]!));
  eachKnown(
    (value, column) => (square[column]! += (value - mean[column]!) * (value - mean[column]!)),
  );
  const deviation = square.map((total, i) => Math.sqrt(total / Math.max(1, count[i]!)) || 1);
  return { mean, deviation };
}

/** The root of the mean square of each column; 1 where there is none, or all are 0. */
function widths(
  columns: number,
  rows: Iterable<readonly [column: number, value: number]>,
): Float32Array {
  const [square, count] = [new Float64Array(columns), new Float64Array(columns)];
  for (const [column, value] of rows) {
    square[column]! += value * value;
    count[column]!++;
  }
  return Float32Array.from(square, (total, i) => Math.sqrt(total / Math.max(1, count[i]!)) || 1);
}

/**
 * A series, scaled by a height: its own where `way` says so, of its first steps up to `until`.
 *
 * @param until Default: all
 */
export function scaled(series: ReadSeries, given: Height, way: Way, until = series.steps): Scaled {
  const { steps, targets } = series;
  const values = series.values.map((value) => valueOf(value, way));
  const own = way.scaling === "series";
  const height = own ? heightOf(targets, [values.subarray(0, until * targets)]) : given;
  const z = new Float32Array(values.length);
  const known = new Uint8Array(values.length);
  for (let column = 0; column < targets; column++) {
    const { mean, deviation } = height;
    const at = (t: number) => (values[t * targets + column]! - mean[column]!) / deviation[column]!;
    let last = 0;
    for (let t = 0; t < steps; t++) {
      const value = at(t);
      known[t * targets + column] = Number.isNaN(value) ? 0 : 1;
      if (!Number.isNaN(value)) last = value;
      z[t * targets + column] = last;
    }
  }
  return { steps, z, known, height };
}

/** What a forecast from step t is counted from, `ahead` steps on (from 1), in scaled values. */
export function referenceAt(
  z: Float32Array,
  targets: number,
  column: number,
  t: number,
  ahead: number,
  { reference, season }: Way,
): number {
  if (reference === "mean") return 0;
  const last = z[t * targets + column]!;
  const seasons = Math.ceil(ahead / season);
  const place = t + ahead - season * seasons;
  // Before the first season there is none: the last value.
  if (reference === "last" || place < 0) return last;
  const seasonAgo = z[place * targets + column]!;
  if (reference === "season" || t < season) return seasonAgo;
  return seasonAgo + seasons * (last - z[(t - season) * targets + column]!);
}

/** Everything that scales, from what is learnt from. */
export function fitScaling(
  learnt: readonly ReadSeries[],
  { targets, covariates }: SeriesShape,
  way: Way,
): Scaling {
  const { horizon, season } = way;
  const height = heightOf(
    targets,
    learnt.map(({ values }) => values.map((value) => valueOf(value, way))),
  );
  const all = learnt.map((series) => scaled(series, height, way));
  const columns = [...Array(targets).keys()];
  function* changes(lag: number): Generator<readonly [number, number]> {
    for (const { steps, z, known } of all)
      for (let t = lag; t < steps; t++)
        for (const column of columns)
          if (known[t * targets + column] && known[(t - lag) * targets + column])
            yield [column, z[t * targets + column]! - z[(t - lag) * targets + column]!];
  }
  function* away(): Generator<readonly [number, number]> {
    for (const { steps, z, known } of all)
      for (let t = 0; t < steps; t++)
        for (let ahead = 1; ahead <= horizon && t + ahead < steps; ahead++)
          for (const column of columns) {
            const place = (t + ahead) * targets + column;
            if (known[place])
              yield [
                (ahead - 1) * targets + column,
                z[place]! - referenceAt(z, targets, column, t, ahead, way),
              ];
          }
  }
  const covariate = heightOf(
    Math.max(1, covariates),
    covariates > 0 ? learnt.map(({ known }) => known) : [],
  );
  return {
    mean: Float32Array.from(height.mean),
    deviation: Float32Array.from(height.deviation),
    change: widths(targets, changes(1)),
    seasonal: widths(targets, changes(season)),
    spread: widths(horizon * targets, away()),
    covariateMean: Float32Array.from(covariate.mean).subarray(0, covariates),
    covariateDeviation: Float32Array.from(covariate.deviation).subarray(0, covariates),
  };
}

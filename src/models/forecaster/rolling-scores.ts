// Forecasts from many origins of series, beside what came; of a model, or of what needs none.
import { turnOfOthers } from "../../core/yield.js";
import {
  driftForecast,
  lastValueForecast,
  seasonalNaiveForecast,
  type BaselineForecast,
} from "../../metrics/forecast-baselines.js";
import { meanChange, pinball, relativeError } from "../../metrics/forecast-errors.js";
import type { ForecastScores } from "./options.js";
import { emptyForecast, type Forecast } from "./forecast.js";
import { LEVELS, LOWER, MEDIAN, NORMAL, UPPER } from "./outputs.js";
import type { ReadSeries } from "./series.js";

/** From where a series is forecast. */
export interface Origins {
  /** The first step whose value is forecast: what stands before it is known first. */
  readonly from: number;
  /** Steps between two origins. */
  readonly stride: number;
  readonly horizon: number;
  readonly season: number;
}

/** How forecasts did. */
export interface RollingScores {
  readonly scores: ForecastScores;
  /** Share of what came that lay in the 80 % intervals. */
  readonly coverage: number;
  /** Values that were forecast and came. */
  readonly values: number;
}

/** Sums of errors over series. */
export class RollingCounter {
  #scaledCrps = 0;
  #mase = 0;
  #absolute = 0;
  #square = 0;
  #relative = 0;
  #crps = 0;
  #covered = 0;
  #values = 0;

  /** @param scale of the variable, see {@link scaleOf} */
  add(actual: number, quantiles: (level: number) => number, scale: number): void {
    const point = quantiles(MEDIAN);
    const error = Math.abs(actual - point);
    let losses = 0;
    for (let i = 0; i < LEVELS.length; i++) losses += pinball(actual - quantiles(i), LEVELS[i]!);
    const crps = (2 * losses) / LEVELS.length;
    this.#values++;
    this.#absolute += error;
    this.#square += error * error;
    this.#relative += relativeError(actual, point);
    this.#crps += crps;
    this.#covered += Number(actual >= quantiles(LOWER) && actual <= quantiles(UPPER));
    this.#mase += error / scale;
    this.#scaledCrps += crps / scale;
  }

  get result(): RollingScores {
    const n = this.#values;
    return {
      scores: {
        scaledCrps: this.#scaledCrps / n,
        mase: this.#mase / n,
        mae: this.#absolute / n,
        rmse: Math.sqrt(this.#square / n),
        smape: this.#relative / n,
        crps: this.#crps / n,
      },
      coverage: this.#covered / n,
      values: n,
    };
  }
}

/** The steps from which a series is forecast: the last known step of each origin. */
export function originsOf(
  { steps }: { steps: number },
  { from, stride, horizon }: Origins,
): number[] {
  const last = steps - horizon;
  const count = Math.max(0, Math.floor((last - from) / stride) + 1);
  return Array.from({ length: count }, (_, i) => from - 1 + i * stride);
}

/**
 * What errors of a variable are measured in: the mean error of the seasonal naive forecast in the first `from` steps; of a series
 * that repeats itself, or has not been there for a season, the mean change from step to step; of one that never changes 1.
 */
function scaleOf(column: Float64Array, { from, season }: Origins): number {
  const history = column.subarray(0, from);
  return meanChange(history, season) || meanChange(history, 1) || 1;
}

/** Counts the forecasts of a series: `write` puts that from a step there. */
export async function countSeries(
  counter: RollingCounter,
  series: ReadSeries,
  origins: Origins,
  write: (t: number, to: Forecast) => void,
): Promise<void> {
  const { values, targets } = series;
  const scales = columnsOf(series).map((column) => scaleOf(column, origins));
  const forecast = emptyForecast(origins.horizon * targets);
  for (const t of originsOf(series, origins)) {
    await turnOfOthers();
    write(t, forecast);
    for (let cell = 0; cell < origins.horizon * targets; cell++) {
      const actual = values[(t + 1) * targets + cell]!;
      if (!Number.isNaN(actual))
        counter.add(actual, (level) => forecast.quantiles[level]![cell]!, scales[cell % targets]!);
    }
  }
}

type Baseline = (history: Float64Array, origins: Origins) => BaselineForecast;

/** What is missing is asked of the last value: a season that has not been there once, the first point of a line. */
const BASELINES = {
  lastValue: (history, { horizon }) => lastValueForecast(history, horizon),
  seasonalNaive: (history, { horizon, season }) =>
    knowsSeason(history, horizon, season)
      ? seasonalNaiveForecast(history, horizon, season)
      : lastValueForecast(history, horizon),
  drift: (history, { horizon }) =>
    history.filter((value) => !Number.isNaN(value)).length > 1
      ? driftForecast(history, horizon)
      : lastValueForecast(history, horizon),
} as const satisfies Record<string, Baseline>;

/** Whether each step ahead has a known value some seasons ago. */
function knowsSeason(history: Float64Array, horizon: number, season: number): boolean {
  return Array.from({ length: Math.min(horizon, season) }, (_, step) => {
    let place = history.length + step - season;
    while (place >= 0 && Number.isNaN(history[place]!)) place -= season;
    return place >= 0;
  }).every((known) => known);
}

export type ForecastBaseline = keyof typeof BASELINES;

/** The same of forecasts without a model, by name; the seasonal one only where there is a season. */
export async function baselineScores(
  all: readonly { readonly series: ReadSeries; readonly origins: Origins }[],
): Promise<Partial<Record<ForecastBaseline, RollingScores>>> {
  const scores: Partial<Record<ForecastBaseline, RollingScores>> = {};
  for (const name of Object.keys(BASELINES) as ForecastBaseline[]) {
    if (name === "seasonalNaive" && all.every(({ origins }) => origins.season === 1)) continue;
    const counter = new RollingCounter();
    for (const { series, origins } of all) {
      const columns = columnsOf(series);
      await countSeries(counter, series, origins, (t, to) =>
        columns.forEach((column, place) => {
          const history = column.subarray(0, t + 1);
          writeNormal(BASELINES[name](history, origins), place, columns.length, to);
        }),
      );
    }
    scores[name] = counter.result;
  }
  return scores;
}

function columnsOf({ values, targets, steps }: ReadSeries): Float64Array[] {
  return Array.from({ length: targets }, (_, column) =>
    Float64Array.from({ length: steps }, (_, t) => values[t * targets + column]!),
  );
}

function writeNormal(
  { mean, deviation }: BaselineForecast,
  column: number,
  targets: number,
  to: Forecast,
): void {
  mean.forEach((middle, step) =>
    NORMAL.forEach((z, level) => {
      to.quantiles[level]![step * targets + column] = middle + z * deviation[step]!;
    }),
  );
}

// How far forecasts are off: of numbers, of quantiles, of samples. Missing values (NaN) of what came are left out.
import { checkCall, checkCount } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError, ShapeError } from "../core/errors.js";

type Numbers = ArrayLike<number>;

/** The mean of what a function gives for each value that is known. NaN where none is. */
function meanOver(actual: Numbers, lossAt: (value: number, i: number) => number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < actual.length; i++) {
    const value = actual[i]!;
    if (Number.isNaN(value)) continue;
    sum += lossAt(value, i);
    count++;
  }
  return sum / count;
}

function requireSameLength(op: string, actual: Numbers, others: readonly Numbers[]): void {
  for (const other of others)
    if (other.length !== actual.length)
      throw new ShapeError({
        op,
        expected: `${actual.length} numbers, one for each that came`,
        got: String(other.length),
      });
}

function requireLevel(op: string, level: number): void {
  if (!(level > 0 && level < 1))
    throw new OptionError({ op, expected: "a quantile between 0 and 1", got: described(level) });
}

/**
 * MAE: the mean of |actual - forecast|.
 *
 * @example
 * ```ts
 * meanAbsoluteError([1, 2, NaN], [2, 4, 9]); // 1.5
 * ```
 */
export function meanAbsoluteError(actual: Numbers, forecast: Numbers): number {
  const op = "meanAbsoluteError";
  checkCall(op, arguments, "actual:list forecast:list");
  requireSameLength(op, actual, [forecast]);
  return meanOver(actual, (value, i) => Math.abs(value - forecast[i]!));
}

/** RMSE: the root of the mean of (actual - forecast)². */
export function rootMeanSquaredError(actual: Numbers, forecast: Numbers): number {
  const op = "rootMeanSquaredError";
  checkCall(op, arguments, "actual:list forecast:list");
  requireSameLength(op, actual, [forecast]);
  return Math.sqrt(meanOver(actual, (value, i) => (value - forecast[i]!) * (value - forecast[i]!)));
}

/**
 * sMAPE as the M4 competition counts it (Makridakis et al. 2020): the mean of 2 |actual - forecast| / (|actual| + |forecast|), 0
 * where both are 0. From 0 to 2.
 */
export function symmetricMAPE(actual: Numbers, forecast: Numbers): number {
  const op = "symmetricMAPE";
  checkCall(op, arguments, "actual:list forecast:list");
  requireSameLength(op, actual, [forecast]);
  return meanOver(actual, (value, i) => relativeError(value, forecast[i]!));
}

/** @internal A term of {@link symmetricMAPE}. */
export function relativeError(actual: number, forecast: number): number {
  const size = Math.abs(actual) + Math.abs(forecast);
  return size === 0 ? 0 : (2 * Math.abs(actual - forecast)) / size;
}

export interface ScaledErrorOptions {
  /** Steps of a season: 12 for months, 7 for days. Default 1: none. */
  season?: number | undefined;
}

/**
 * MASE (Hyndman & Koehler 2006): the mean absolute error, divided by that of the seasonal naive forecast, one season ahead,
 * within the history. Below 1 is better than that one. NaN where the history never changes from season to season.
 *
 * @param history what came before the forecast: what the model was fitted on
 * @throws OptionError for a history that is no longer than a season
 * @example
 * ```ts
 * meanAbsoluteScaledError([5, 6], [5, 5], [1, 2, 3, 4]); // 0.5
 * ```
 */
export function meanAbsoluteScaledError(
  actual: Numbers,
  forecast: Numbers,
  history: Numbers,
  options: ScaledErrorOptions = {},
): number {
  const op = "meanAbsoluteScaledError";
  checkCall(op, arguments, "actual:list forecast:list history:list {season:number}");
  const { season = 1 } = options;
  checkCount(op, "season", season);
  requireSameLength(op, actual, [forecast]);
  if (history.length <= season)
    throw new OptionError({
      op,
      expected: `a history longer than a season, ${season} steps`,
      got: String(history.length),
    });
  const scale = meanChange(history, season);
  const error = meanOver(actual, (value, i) => Math.abs(value - forecast[i]!));
  return scale === 0 ? NaN : error / scale;
}

/** @internal The mean distance of values from those `lag` steps before. NaN where no two are known. */
export function meanChange(history: Numbers, lag: number): number {
  const later = Array.from({ length: Math.max(0, history.length - lag) }, (_, i) =>
    Math.abs(history[i + lag]! - history[i]!),
  );
  return meanOver(later, (change) => change);
}

/**
 * The mean pinball loss of forecasts of one quantile: q · d where what came lies d above, (1 - q) · d where it lies below.
 *
 * @param quantile which, between 0 and 1
 */
export function pinballLoss(actual: Numbers, forecast: Numbers, quantile: number): number {
  const op = "pinballLoss";
  checkCall(op, arguments, "actual:list forecast:list quantile:number");
  requireSameLength(op, actual, [forecast]);
  requireLevel(op, quantile);
  return meanOver(actual, (value, i) => pinball(value - forecast[i]!, quantile));
}

/** @internal A term of {@link pinballLoss}, of a value that lies `above` the quantile. */
export function pinball(above: number, quantile: number): number {
  return above >= 0 ? quantile * above : (quantile - 1) * above;
}

/**
 * The share of what came that lies within intervals, their ends among them: an 80 % interval should cover 0.8.
 *
 * @param lower the intervals' lower ends
 * @param upper their upper ends
 */
export function intervalCoverage(actual: Numbers, lower: Numbers, upper: Numbers): number {
  const op = "intervalCoverage";
  checkCall(op, arguments, "actual:list lower:list upper:list");
  requireSameLength(op, actual, [lower, upper]);
  return meanOver(actual, (value, i) => Number(value >= lower[i]! && value <= upper[i]!));
}

/**
 * CRPS, the continuous ranked probability score, of samples (Gneiting & Raftery 2007, equation 21): for each value the mean
 * distance of the samples from it, less half their mean distance from each other. Of one sample it is the absolute error.
 *
 * @param samples for each value a list of samples
 * @throws ShapeError for a number of lists that is not that of the values; OptionError for a list of none
 */
export function crpsOfSamples(actual: Numbers, samples: readonly Numbers[]): number {
  const op = "crpsOfSamples";
  checkCall(op, arguments, "actual:list samples:list");
  if (samples.length !== actual.length)
    throw new ShapeError({
      op,
      expected: `${actual.length} lists of samples`,
      got: String(samples.length),
    });
  return meanOver(actual, (value, i) => {
    const sorted = Float64Array.from(samples[i]!).sort();
    const count = sorted.length;
    if (count === 0)
      throw new OptionError({ op, expected: "samples for each value", got: `none for value ${i}` });
    let away = 0;
    let apart = 0;
    sorted.forEach((sample, place) => {
      away += Math.abs(sample - value);
      apart += (2 * place + 1 - count) * sample;
    });
    return away / count - apart / (count * count);
  });
}

/**
 * CRPS from quantiles: twice the mean pinball loss over evenly spaced ones, which is its integral (Gneiting & Ranjan 2011).
 *
 * @param forecast for each value its quantiles
 * @param quantiles which they are, between 0 and 1
 */
export function crpsOfQuantiles(
  actual: Numbers,
  forecast: readonly Numbers[],
  quantiles: readonly number[],
): number {
  const op = "crpsOfQuantiles";
  checkCall(op, arguments, "actual:list forecast:list quantiles:list");
  if (forecast.length !== actual.length)
    throw new ShapeError({
      op,
      expected: `${actual.length} lists of quantiles`,
      got: String(forecast.length),
    });
  for (const quantile of quantiles) requireLevel(op, quantile);
  for (const each of forecast) requireSameLength(op, quantiles, [each]);
  return meanOver(actual, (value, i) => {
    const losses = quantiles.map((quantile, k) => pinball(value - forecast[i]![k]!, quantile));
    return (2 * losses.reduce((sum, loss) => sum + loss, 0)) / quantiles.length;
  });
}

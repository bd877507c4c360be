// Forecasts without a model, beside which one has to be better: Hyndman & Athanasopoulos, "Forecasting: Principles and
// Practice" (3rd edition), 5.2 and 5.5. Missing values (NaN) of the history are left out.
import { checkCall, checkCount } from "../core/check.js";
import { OptionError } from "../core/errors.js";

type Numbers = ArrayLike<number>;

/** What will come, and how sure that is: normal distributions. */
export interface BaselineForecast {
  /** Of each step of the horizon. */
  readonly mean: Float64Array;
  /** Standard deviations, from the errors of one-step forecasts within the history; 0 where there is none. */
  readonly deviation: Float64Array;
}

function observed(op: string, history: Numbers, horizon: number, least: number): number[] {
  checkCount(op, "horizon", horizon);
  const places = Array.from(history, (_, i) => i).filter((i) => !Number.isNaN(history[i]!));
  if (places.length < least)
    throw new OptionError({
      op,
      expected: `a history of at least ${least} known values`,
      got: String(places.length),
    });
  return places;
}

/** The root of the mean square of errors; `used` parameters were fitted on them. */
function deviationOf(errors: readonly number[], used = 0): number {
  const squares = errors.reduce((sum, error) => sum + error * error, 0);
  return errors.length > used ? Math.sqrt(squares / (errors.length - used)) : 0;
}

function forecast(
  horizon: number,
  meanAt: (step: number) => number,
  deviationAt: (step: number) => number,
): BaselineForecast {
  const steps = Float64Array.from({ length: horizon }, (_, i) => i + 1);
  return { mean: steps.map(meanAt), deviation: steps.map(deviationAt) };
}

/**
 * The last value for every step, the forecast of a random walk.
 *
 * @param horizon steps ahead
 * @throws OptionError for a history without a value
 * @example
 * ```ts
 * [...lastValueForecast([1, 3, 2], 2).mean]; // [2, 2]
 * ```
 */
export function lastValueForecast(history: Numbers, horizon: number): BaselineForecast {
  const op = "lastValueForecast";
  checkCall(op, arguments, "history:list horizon:number");
  const places = observed(op, history, horizon, 1);
  const last = history[places.at(-1)!]!;
  const deviation = deviationOf(changes(history, places));
  return forecast(
    horizon,
    () => last,
    (step) => deviation * Math.sqrt(step),
  );
}

/** Of each known value from the known one before it, for each step between them. */
function changes(history: Numbers, places: readonly number[]): number[] {
  return places.slice(1).map((place, i) => {
    const before = places[i]!;
    return (history[place]! - history[before]!) / Math.sqrt(place - before);
  });
}

/**
 * The value of one season ago, or of the last season that has it.
 *
 * @param horizon steps ahead
 * @param season its steps: 12 for months, 7 for days
 * @throws OptionError where a step of the season has no value in the history
 * @example
 * ```ts
 * [...seasonalNaiveForecast([1, 5, 2, 6], 3, 2).mean]; // [2, 6, 2]
 * ```
 */
export function seasonalNaiveForecast(
  history: Numbers,
  horizon: number,
  season: number,
): BaselineForecast {
  const op = "seasonalNaiveForecast";
  checkCall(op, arguments, "history:list horizon:number season:number");
  checkCount(op, "season", season);
  checkCount(op, "horizon", horizon);
  const { length } = history;
  const lastOf = (step: number): number => {
    let place = length + ((step - 1) % season) - season;
    while (place >= 0 && Number.isNaN(history[place]!)) place -= season;
    if (place >= 0) return history[place]!;
    throw new OptionError({
      op,
      expected: `a value for each of the ${season} steps of a season`,
      got: `none for step ${step} in a history of ${length}`,
    });
  };
  const errors = Array.from(
    { length: Math.max(0, length - season) },
    (_, i) => history[i + season]! - history[i]!,
  ).filter((error) => !Number.isNaN(error));
  const deviation = deviationOf(errors);
  return forecast(horizon, lastOf, (step) => deviation * Math.sqrt(Math.ceil(step / season)));
}

/**
 * The last value, and on along the line from the first to it.
 *
 * @param horizon steps ahead
 * @throws OptionError for a history with less than two values
 * @example
 * ```ts
 * [...driftForecast([1, 2, 5], 2).mean]; // [7, 9]
 * ```
 */
export function driftForecast(history: Numbers, horizon: number): BaselineForecast {
  const op = "driftForecast";
  checkCall(op, arguments, "history:list horizon:number");
  const places = observed(op, history, horizon, 2);
  const [first, end] = [places[0]!, places.at(-1)!];
  const slope = (history[end]! - history[first]!) / (end - first);
  const errors = places.slice(1).map((place, i) => {
    const gap = place - places[i]!;
    return (history[place]! - history[places[i]!]! - slope * gap) / Math.sqrt(gap);
  });
  const deviation = deviationOf(errors, 1);
  // From the last known value on, as far as the end of the history.
  const gap = history.length - 1 - end;
  return forecast(
    horizon,
    (step) => history[end]! + slope * (step + gap),
    (step) => deviation * Math.sqrt((step + gap) * (1 + (step + gap) / (end - first))),
  );
}

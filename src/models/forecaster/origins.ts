// From where series are forecast: in a backtest, and in a training from what is held out.
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import type { Forecast } from "./forecast.js";
import type { ForecasterSettings } from "./options.js";
import type { ReadSeries } from "./series.js";

/** What `backtest` forecasts. */
export interface BacktestOptions {
  /**
   * Where it begins: the first step that is forecast; below 1, that share of the series. All before it is known first. Default
   * 2/3.
   */
  from?: number | undefined;
  /** Instead of `from`: how many origins, the last ones of each series. Default: none. */
  origins?: number | undefined;
  /** Steps from one origin to the next. Default 1. */
  stride?: number | undefined;
  /**
   * Called with each forecast: the place of its series, the first step that is forecast, and the forecast, to be kept. Default:
   * none.
   */
  onForecast?: ((report: { series: number; from: number; forecast: Forecast }) => void) | undefined;
}

/** The first step that is forecast, of a series of so many. */
export function firstStep(
  op: string,
  { from, origins, stride = 1 }: BacktestOptions,
  horizon: number,
): (steps: number) => number {
  const refuse = (expected: string, got: unknown): never => {
    throw new OptionError({ op, expected, got: described(got) });
  };
  const isCount = (value: number) => Number.isInteger(value) && value >= 1;
  if (!isCount(stride)) refuse("a stride of at least 1, a whole number", stride);
  if (origins !== undefined) {
    if (from !== undefined) refuse("from or origins", "both");
    if (!isCount(origins)) refuse("at least 1 of origins, a whole number", origins);
    return (steps) => steps - horizon - stride * (origins - 1);
  }
  const first = from ?? 2 / 3;
  if (!(first > 0 && first < 1) && !isCount(first))
    refuse("from to be a share below 1 or a step", first);
  return (steps) => (first < 1 ? Math.ceil(first * steps) : first);
}

/** Of series that leave enough to learn from. */
const HELD_OUT = 0.2;

export function defaultHeldOut(
  all: readonly ReadSeries[],
  { horizon, season }: ForecasterSettings,
): number {
  const enough = all.some(({ steps }) => {
    const held = Math.floor(HELD_OUT * steps);
    return held > 0 && steps - held >= 2 * season + horizon + 1;
  });
  return enough ? HELD_OUT : 0;
}

// Scores of forecasts from one origin after another, beside those that need no model.
import { OptionError } from "../../core/errors.js";
import type { Evaluation } from "../kit/ready-model.js";
import { isKnownBefore, isKnownFrom, refuseNaN } from "./check-series.js";
import type { Head } from "./heads.js";
import type { ForecastScores } from "./options.js";
import { firstStep, type BacktestOptions } from "./origins.js";
import { prepare, type Preparation } from "./prepared.js";
import { baselineScores, type ForecastBaseline, type RollingScores } from "./rolling-scores.js";
import { scoreForecasts } from "./scored.js";
import type { ReadSeries } from "./series.js";
import type { Widening } from "./widening.js";

/** What else an evaluation tells. */
export interface ForecastDetails {
  /** Share of what came that lay in the 80 % intervals. */
  readonly coverage: number;
  /** Values that were forecast and came. */
  readonly values: number;
  /** Series that are too short for it, or have no known value before or behind their first origin. */
  readonly leftOut: number;
  /** How forecasts without a model do, from the same origins. */
  readonly baselines: Readonly<Partial<Record<ForecastBaseline, RollingScores>>>;
}

/** What says forecasts, and of what. */
interface Forecasting {
  readonly head: Head;
  readonly preparation: Preparation;
  readonly widening: Widening;
}

/** @throws OptionError where all series are too short */
export async function backtestOf(
  op: string,
  read: readonly ReadSeries[],
  options: BacktestOptions,
  { head, preparation, widening }: Forecasting,
): Promise<Evaluation<ForecastScores, ForecastDetails>> {
  const { horizon, season } = preparation.options;
  const { stride = 1, onForecast } = options;
  const firstOf = firstStep(op, options, horizon);
  const all = read.flatMap((series, place) => {
    const from = firstOf(series.steps);
    if (from < 1 || from + horizon > series.steps) return [];
    if (!isKnownBefore(series, from) || !isKnownFrom(series, from)) return [];
    const origins = { from, stride, horizon, season };
    return [{ series, place, prepared: prepare(series, preparation, from), origins }];
  });
  if (all.length === 0)
    throw new OptionError({
      op,
      expected: `a series with known values on both sides of its first origin, and at least ${horizon} steps, the horizon, behind it`,
      got: `series of ${read
        .map(({ steps }) => steps)
        .join(", ")
        .slice(0, 60)} steps`,
    });
  const sizes = { horizon, targets: preparation.targets };
  const { scores, coverage, values } = await scoreForecasts(head, all, sizes, widening, onForecast);
  refuseNaN(op, scores.mae);
  const leftOut = read.length - all.length;
  return { scores, details: { coverage, values, leftOut, baselines: await baselineScores(all) } };
}

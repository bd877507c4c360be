// Forecasts from many origins of series: how good they are, and how wide their intervals must be.
import { emptyForecast, type Forecast } from "./forecast.js";
import type { Head } from "./heads.js";
import type { BacktestOptions } from "./origins.js";
import type { Prepared } from "./prepared.js";
import { countSeries, RollingCounter, type Origins, type RollingScores } from "./rolling-scores.js";
import type { ReadSeries } from "./series.js";
import { AS_SAID, widenedBy, type Widening } from "./widening.js";

/** A series, and from where it is forecast. */
export interface ScoredSeries {
  readonly series: ReadSeries;
  /** Its place among those that were given. */
  readonly place: number;
  readonly prepared: Prepared;
  /** Their horizon is that of the model, or what is left of the series. */
  readonly origins: Origins;
}

export interface Sizes {
  readonly horizon: number;
  readonly targets: number;
}

export async function scoreForecasts(
  head: Head,
  all: readonly ScoredSeries[],
  { horizon, targets }: Sizes,
  widening: Widening,
  onForecast?: BacktestOptions["onForecast"],
): Promise<RollingScores> {
  const counter = new RollingCounter();
  const whole = emptyForecast(horizon * targets);
  for (const { series, place, prepared, origins } of all) {
    const read = head.read(prepared);
    await countSeries(counter, series, origins, (t, to) => {
      read(t, widening, whole);
      const cells = origins.horizon * targets;
      whole.quantiles.forEach((list, i) => to.quantiles[i]!.set(list.subarray(0, cells)));
      onForecast?.({ series: place, from: t + 1, forecast: copyOf(whole) });
    });
  }
  return counter.result;
}

function copyOf(forecast: Forecast): Forecast {
  const copy = emptyForecast(forecast.point.length);
  copy.quantiles.forEach((list, i) => list.set(forecast.quantiles[i]!));
  return copy;
}

/** What makes intervals cover what was held out. */
export function wideningFor(
  head: Head,
  all: readonly ScoredSeries[],
  { horizon, targets }: Sizes,
): Widening {
  const forecast = emptyForecast(horizon * targets);
  const readers = new Map(all.map((one) => [one, head.read(one.prepared)]));
  return widenedBy(all, head.preparation.options, (one, t) => {
    readers.get(one)!(t, AS_SAID, forecast);
    return forecast;
  });
}

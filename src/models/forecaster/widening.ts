// How much wider intervals must be to cover what was held out: split conformal prediction (Lei et al. 2018), with the half of an
// interval as the unit of errors.
import { originsOf, type Origins } from "./rolling-scores.js";
import type { Forecast } from "./forecast.js";
import { LEVELS, LOWER, MEDIAN, UPPER } from "./outputs.js";
import type { ReadSeries } from "./series.js";

/** What intervals should cover. */
const SHARE = LEVELS[UPPER] - LEVELS[LOWER];
/** They are never made narrower: what is held out has chosen the weights, too. Few values decide nothing that is far from 1. */
const [LEAST, MOST] = [1, 3];

/** @param from the forecast of a series from a step, without any widening */
export function widenedBy<One extends { series: ReadSeries; origins: Origins }>(
  all: readonly One[],
  from: (one: One, t: number) => Forecast,
): number {
  const away: number[] = [];
  let count = 0;
  for (const one of all) {
    const { series, origins } = one;
    const { targets, values } = series;
    for (const t of originsOf(series, origins)) {
      count++;
      const { quantiles } = from(one, t);
      for (let cell = 0; cell < origins.horizon * targets; cell++) {
        const actual = values[(t + 1) * targets + cell]!;
        if (Number.isNaN(actual)) continue;
        const median = quantiles[MEDIAN]![cell]!;
        const end = quantiles[actual < median ? LOWER : UPPER]![cell]!;
        if (end !== median) away.push((actual - median) / (end - median));
      }
    }
  }
  if (away.length === 0) return 1;
  const sorted = Float64Array.from(away).sort();
  // The errors from one origin are alike: as many count as there are origins.
  const place = Math.ceil(SHARE * (1 + 1 / count) * sorted.length) - 1;
  return Math.max(LEAST, Math.min(MOST, sorted[Math.min(place, sorted.length - 1)]!));
}

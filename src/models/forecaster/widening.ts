// How much wider intervals must be to cover what comes: split conformal prediction (Lei et al. 2018) on what was held out, with the
// half of an interval as the unit of errors; and Student's t, since few held-out steps say little about how large errors are.
import { originsOf, type Origins } from "./rolling-scores.js";
import type { Forecast } from "./forecast.js";
import { LEVELS, LOWER, MEDIAN, NORMAL, studentT, UPPER } from "./outputs.js";
import type { ForecasterSettings } from "./options.js";
import { valueOf } from "./scaling.js";
import type { ReadSeries } from "./series.js";

/** What the distances of quantiles from the median are multiplied with, on either side of it. */
export interface Widening {
  readonly below: number;
  readonly above: number;
}
export const AS_SAID: Widening = { below: 1, above: 1 };

/**
 * By errors they are never made narrower, as what is held out has chosen the weights, too; nor much wider, as few values decide
 * nothing that is far from 1.
 */
const [LEAST, MOST] = [1, 3];
const within = (factor: number): number => Math.max(LEAST, Math.min(MOST, factor));

/**
 * @param way how values are compared: so are errors and intervals
 * @param from the forecast of a series from a step, without any widening
 */
export function widenedBy<One extends { series: ReadSeries; origins: Origins }>(
  all: readonly One[],
  way: Pick<ForecasterSettings, "log">,
  from: (one: One, t: number) => Forecast,
): Widening {
  const away: number[] = [];
  let stretches = 0;
  for (const one of all) {
    const { series, origins } = one;
    const { targets, values } = series;
    // The errors from neighbouring origins are alike: as many are apart as horizons lie one behind the other.
    stretches += (series.steps - origins.from) / origins.horizon;
    for (const t of originsOf(series, origins)) {
      const { quantiles } = from(one, t);
      for (let cell = 0; cell < origins.horizon * targets; cell++) {
        const actual = valueOf(values[(t + 1) * targets + cell]!, way);
        if (Number.isNaN(actual)) continue;
        const median = valueOf(quantiles[MEDIAN]![cell]!, way);
        const end = valueOf(quantiles[actual < median ? LOWER : UPPER]![cell]!, way);
        if (end !== median) away.push((actual - median) / Math.abs(end - median));
      }
    }
  }
  if (away.length === 0) return AS_SAID;
  const sorted = Float64Array.from(away).sort();
  // Either end by the errors on its side (Romano et al. 2019, theorem 2): what is too high may say nothing of what is too low.
  const place = Math.ceil(LEVELS[UPPER] * sorted.length);
  const uncertain = studentT(NORMAL[UPPER], 1 + stretches) / NORMAL[UPPER];
  return {
    below: within(-sorted[sorted.length - place]!) * uncertain,
    above: within(sorted[place - 1]!) * uncertain,
  };
}

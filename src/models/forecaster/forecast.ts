// What a forecast is, and how it is made of what the network says.
import type { ForecasterSettings } from "./options.js";
import { LEVELS, LOWER, MEDIAN, OUTPUTS, UPPER } from "./outputs.js";
import type { Preparation } from "./prepared.js";
import { referenceAt, unvalueOf, type Height, type Scaled } from "./scaling.js";
import type { Widening } from "./widening.js";

/** What is expected of the steps ahead: `[horizon, variables]` each, step by step. */
export interface Forecast {
  /** The medians. */
  readonly point: Float64Array;
  /** The ends of intervals that 80 % of what comes should lie in: the quantiles 0.1 and 0.9. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Which quantiles there are: 0.1, 0.2, … 0.9. */
  readonly levels: readonly number[];
  /** For each level its quantiles. */
  readonly quantiles: readonly Float64Array[];
}

/** Room for a forecast. */
export function emptyForecast(cells: number): Forecast {
  const quantiles = LEVELS.map(() => new Float64Array(cells));
  return {
    point: quantiles[MEDIAN]!,
    lower: quantiles[LOWER]!,
    upper: quantiles[UPPER]!,
    levels: LEVELS,
    quantiles,
  };
}

const one = new Float64Array(LEVELS.length);

/**
 * Writes the forecast from step t of a series.
 *
 * @param out what the network says, from `at` on
 * @param widening what the distances of quantiles from the median are multiplied with
 */
export function writeForecast(
  { z, height }: Pick<Scaled, "z" | "height">,
  { options, scaling, targets }: Preparation,
  t: number,
  out: Float32Array,
  at: number,
  widening: Widening,
  to: Forecast,
): void {
  const { size, quantiles } = OUTPUTS[options.output];
  for (let cell = 0; cell < options.horizon * targets; cell++) {
    const column = cell % targets;
    const ahead = (cell - column) / targets + 1;
    quantiles(out, at + cell * size, one);
    const from = referenceAt(z, targets, column, t, ahead, options);
    for (let i = 0; i < one.length; i++) one[i] = from + scaling.spread[cell]! * one[i]!;
    writeQuantiles(one, widening, height, options, cell, column, to);
  }
}

/** Writes the quantiles of a cell, given in scaled values. */
export function writeQuantiles(
  scaled: Float64Array,
  widening: Widening,
  { mean, deviation }: Height,
  options: Pick<ForecasterSettings, "log">,
  cell: number,
  column: number,
  to: Forecast,
): void {
  const median = scaled[MEDIAN]!;
  for (let i = 0; i < scaled.length; i++) {
    const away = scaled[i]! - median;
    const value = median + away * (away < 0 ? widening.below : widening.above);
    to.quantiles[i]![cell] = unvalueOf(mean[column]! + deviation[column]! * value, options);
  }
}

/** Numbers that the network says at a step. */
export function saidAtOnce({ horizon, output }: ForecasterSettings, targets: number): number {
  return horizon * targets * OUTPUTS[output].size;
}

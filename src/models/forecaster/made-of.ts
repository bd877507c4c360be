// What a forecaster is made of beside its options: what `build` finds in series, and a file keeps.
import { checkKeys } from "../../core/check.js";
import type { Scaling } from "./scaling.js";
import type { SeriesShape } from "./series.js";
import type { Widening } from "./widening.js";

/** What `SeriesForecaster.build` finds in series. */
export interface MadeOf {
  readonly shape: SeriesShape;
  readonly gaps: boolean;
  readonly scaling: Readonly<Record<keyof Scaling, ArrayLike<number>>>;
  readonly widening?: Widening | undefined;
}

const SCALING = [
  ...(["mean", "deviation", "change", "seasonal", "spread"] as const),
  ...(["covariateMean", "covariateDeviation"] as const),
] satisfies (keyof Scaling)[];

export function asNumbers(scaling: MadeOf["scaling"]): Scaling {
  return Object.fromEntries(
    Object.entries(scaling).map(([name, values]) => [name, Float32Array.from(values)]),
  ) as unknown as Scaling;
}

/** @throws OptionError for what is none */
export function checkMade(op: string, made: MadeOf): void {
  checkKeys(op, made, "shape!:object gaps!:boolean scaling!:object widening:object");
  checkKeys(op, made.shape, "targets!:number covariates!:number");
  if (made.widening) checkKeys(op, made.widening, "below!:number above!:number");
  checkKeys(op, made.scaling, SCALING.map((name) => `${name}!:list`).join(" "));
}

// The series of a training: what of each is learnt, and what is kept to decide which weights are the best.
import { OptionError } from "../../core/errors.js";
import { isKnownFrom } from "./check-series.js";
import { prepare, type Preparation } from "./prepared.js";
import type { ScoredSeries } from "./scored.js";
import type { ReadSeries } from "./series.js";
import type { Learnt } from "./windows.js";

/** Of a recursive forecaster so many origins of a series decide: each takes as long as all of another do. */
const FEW_ORIGINS = 16;

/** @param share of each series, its end, that is not learnt */
export function heldOutOf(
  op: string,
  all: readonly ReadSeries[],
  preparation: Preparation,
  share: number,
): { learnt: readonly Learnt[]; scored: readonly ScoredSeries[]; longest: number } {
  const { horizon, season, head } = preparation.options;
  const learnt = all.map((series) => {
    const end = series.steps - Math.floor(share * series.steps);
    return { prepared: prepare(series, preparation, end), end };
  });
  const longest = Math.max(...learnt.map(({ end }) => end));
  if (longest < 2)
    throw new OptionError({
      op,
      expected: "a series of which at least two steps are learnt",
      got: `${longest}`,
    });
  // What is held out, of all series that are long enough.
  const heldOut = all.map((series, place) => {
    const { prepared, end: from } = learnt[place]!;
    const left = Math.min(horizon, series.steps - from);
    const count = series.steps - left - from + 1;
    const stride = head === "recursive" ? Math.max(1, Math.ceil(count / FEW_ORIGINS)) : 1;
    return { series, place, prepared, origins: { from, stride, horizon: left, season } };
  });
  const scored = heldOut.filter(
    ({ series, origins }) =>
      origins.horizon > 0 && origins.from > 1 && isKnownFrom(series, origins.from),
  );
  return { learnt, scored: share > 0 ? scored : [], longest };
}

// What a forecaster is made of where series decide: what it reads, how it is scaled, sizes.
import { OptionError } from "../../core/errors.js";
import { readOptions } from "../../core/options.js";
import { chosenNote, type ModelNotes } from "../kit/model-file.js";
import { checkAboveZero, checkLearnable, checkTogether, readAll } from "./check-series.js";
import { chooseModel } from "./defaults.js";
import type { MadeOf } from "./made-of.js";
import { FORECASTER_OPTIONS, type ForecasterOptions, type ForecasterSettings } from "./options.js";
import { fitScaling } from "./scaling.js";
import type { SeriesGiven } from "./series.js";

interface Found {
  readonly made: MadeOf;
  readonly settings: ForecasterSettings;
  readonly notes: ModelNotes;
}

/** @throws OptionError for series that are too short or cannot be read, and options that do not fit together */
export function foundIn(
  op: string,
  series: Iterable<SeriesGiven>,
  options: ForecasterOptions,
): Found {
  const read = readAll(op, series);
  const { targets, covariates } = read[0]!;
  const shape = { targets, covariates };
  const { horizon = 1, season = 1 } = options;
  const notes = chosenNote(chooseModel(read, shape, { horizon, season }), options);
  const settings = readOptions<ForecasterOptions>(op, FORECASTER_OPTIONS, {
    ...options,
    ...notes.chosen,
  });
  checkTogether(op, settings);
  if (settings.log) checkAboveZero(op, read);
  const longest = Math.max(...read.map(({ steps }) => steps));
  const least = season + horizon + 1;
  if (longest < least)
    throw new OptionError({
      op,
      expected: `a series of at least ${least} steps: a season, the horizon and one more`,
      got: `${longest} in the longest`,
    });
  checkLearnable(op, read, settings.log);
  const gaps = read.some(({ values }) => values.some(Number.isNaN));
  return { made: { shape, gaps, scaling: fitScaling(read, shape, settings) }, settings, notes };
}

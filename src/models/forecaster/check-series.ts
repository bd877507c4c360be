// What a forecaster refuses, and what it knows of series before it reads them.
import { checkIterable } from "../../core/check-like.js";
import { described } from "../../core/described.js";
import { NumericError, OptionError } from "../../core/errors.js";
import { Fingerprint } from "../../core/fingerprint.js";
import { inPlace } from "../../data/examples.js";
import type { ForecasterSettings } from "./options.js";
import { readSeries, type ReadSeries, type SeriesGiven, type SeriesShape } from "./series.js";

export function readAll(
  op: string,
  given: Iterable<SeriesGiven>,
  shape?: SeriesShape,
): ReadSeries[] {
  checkIterable(op, "a list of series", given);
  let first = shape;
  const read = Array.from(given, (one, place) =>
    inPlace("series", place, () => {
      const series = readSeries(op, one, first);
      first ??= series;
      return series;
    }),
  );
  if (read.length === 0)
    throw new OptionError({ op, expected: "at least one series", got: "none" });
  return read;
}

export function checkTogether(
  op: string,
  { season, reference, head, output }: ForecasterSettings,
): void {
  if (head === "recursive" && output === "quantiles")
    throw new OptionError({
      op,
      expected:
        'head "recursive" with an output that paths are drawn from: "gaussian", "studentT" or "point"',
      got: 'output "quantiles"',
    });
  if (reference.startsWith("season") && season === 1)
    throw new OptionError({
      op,
      expected: `a season for reference "${reference}"`,
      got: "season 1",
    });
}

export function checkAboveZero(op: string, all: readonly ReadSeries[]): void {
  all.forEach(({ values, targets }, place) => {
    const at = values.findIndex((value) => value <= 0);
    if (at < 0) return;
    inPlace("series", place, () => {
      throw new OptionError({
        op,
        expected: "values above 0, of which logarithms are taken",
        got: `${described(values[at])} at step ${Math.floor(at / targets)}`,
        cure: "log: false compares values as they are.",
      });
    });
  });
}

/** Below it float32, whose smallest numbers are 1e-38, has too few for what lies between. */
const SMALLEST = 1e-20;

/**
 * Of each variable some value must be known, and what is not 0 must not be so small that float32 tells nothing apart.
 *
 * @param logs whether logarithms are taken, of which none are so small
 */
export function checkLearnable(op: string, all: readonly ReadSeries[], logs: boolean): void {
  const { targets, covariates } = all[0]!;
  const values = largestOf(
    targets,
    all.map((series) => series.values),
  );
  const missing = values.indexOf(NOTHING);
  if (missing >= 0)
    throw new OptionError({
      op,
      expected: "known values to learn from",
      got: `missing ones alone${targets > 1 ? ` of variable ${missing}` : ""}`,
    });
  const beside = largestOf(
    covariates,
    all.map((series) => series.known),
  );
  const tiny = [...(logs ? [] : values), ...beside].find((size) => size > 0 && size < SMALLEST);
  if (tiny !== undefined)
    throw new OptionError({
      op,
      expected: `values and covariates of which some are at least ${SMALLEST}, on either side of 0`,
      got: `${tiny} as the largest`,
      cure: "Count them in a smaller unit.",
    });
}

const NOTHING = -1;

/** How far the known numbers of each column get from 0; -1 where none is known. */
function largestOf(columns: number, lists: readonly Float64Array[]): number[] {
  const largest = new Array<number>(columns).fill(NOTHING);
  for (const list of lists)
    for (let i = 0; i < list.length; i++) {
      const size = Math.abs(list[i]!);
      if (size > largest[i % columns]!) largest[i % columns] = size;
    }
  return largest;
}

/** Whether any value is known from a step on. */
export function isKnownFrom({ values, targets }: ReadSeries, step: number): boolean {
  return values.subarray(step * targets).some((value) => !Number.isNaN(value));
}

/** Whether a value of each variable is known before a step. */
export function isKnownBefore({ values, targets }: ReadSeries, step: number): boolean {
  const before = values.subarray(0, step * targets);
  return Array.from({ length: targets }).every((_, column) =>
    before.some((value, i) => i % targets === column && !Number.isNaN(value)),
  );
}

export function printOf(all: readonly ReadSeries[]): string {
  const print = new Fingerprint();
  for (const { values, known } of all) {
    print.addData(values);
    print.addData(known);
  }
  return String(print);
}

export function refuseNaN(op: string, value: number): void {
  if (Number.isFinite(value)) return;
  throw new NumericError({
    op,
    expected: "finite forecasts",
    got: String(value),
    cure: "The model's weights are not finite: the training diverged, or the file is damaged.",
  });
}

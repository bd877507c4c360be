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

/** Whether any value is known from a step on. */
export function isKnownFrom({ values, targets }: ReadSeries, step: number): boolean {
  return values.subarray(step * targets).some((value) => !Number.isNaN(value));
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

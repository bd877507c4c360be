// Series as they are given, and as numbers in a row.
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";

/** Beyond it float32, which has numbers up to 3e38, scales nothing. */
const LARGEST = 1e30;

/** A series that is to be forecast. */
export interface ForecastSeries {
  /**
   * What came, step by step: a number each, or a list of them for several variables, which are all forecast. NaN or null:
   * missing.
   */
  readonly values: ArrayLike<number | null> | readonly ArrayLike<number | null>[];
  /** What is known of the future too, step by step, a list of numbers each: calendar, prices. Default: none. */
  readonly covariates?: readonly ArrayLike<number>[] | undefined;
}

/** A series, or its values alone. */
export type SeriesGiven = ForecastSeries | ForecastSeries["values"];

/** Numbers at a step. */
export interface SeriesShape {
  /** Variables that are forecast. */
  readonly targets: number;
  readonly covariates: number;
}

export interface ReadSeries extends SeriesShape {
  readonly steps: number;
  /** `[steps, targets]`, NaN where missing. */
  readonly values: Float64Array;
  /** `[as many steps as are known, covariates]` */
  readonly known: Float64Array;
}

/**
 * The numbers of a series.
 *
 * @param shape what the model reads. Default: as the series has it
 * @param ahead steps behind the last value of which covariates must be known. Default 0
 */
export function readSeries(
  op: string,
  given: SeriesGiven,
  shape?: SeriesShape,
  ahead = 0,
): ReadSeries {
  const { values, covariates = [] } = asSeries(op, given);
  const { length: steps } = values;
  const refuse = (expected: string, got: string, cure?: string): never => {
    throw new OptionError({ op, expected, got, cure });
  };
  const targets = shape?.targets ?? widthOf(values[0]);
  const wanted = shape?.covariates ?? widthOf(covariates[0] ?? []);
  const numbers = new Float64Array(steps * targets);
  for (let t = 0; t < steps; t++) {
    const step = values[t] as unknown;
    const list = isList(step) ? step : [step];
    if (list.length !== targets)
      refuse(
        targets === 1 ? "a number at every step" : `${targets} values at every step`,
        `${list.length} at step ${t}`,
      );
    for (let i = 0; i < targets; i++) numbers[t * targets + i] = numberOf(op, list[i], t);
  }
  if (wanted === 0 && covariates.length > 0)
    refuse("no covariates", `${covariates.length} steps of them`, "The model was built without.");
  if (wanted > 0 && covariates.length < steps + ahead)
    refuse(
      `covariates of ${steps + ahead} steps: of ${steps} that came${ahead > 0 ? ` and ${ahead} to come` : ""}`,
      String(covariates.length),
    );
  const known = new Float64Array(covariates.length * wanted);
  readCovariates(op, covariates, wanted, known);
  return { targets, covariates: wanted, steps, values: numbers, known };
}

/** Puts covariates there, step by step. */
export function readCovariates(
  op: string,
  given: readonly ArrayLike<number>[],
  wanted: number,
  to: Float64Array,
): void {
  const refuse = (expected: string, got: string): never => {
    throw new OptionError({ op, expected, got });
  };
  for (let t = 0; t < given.length; t++) {
    const list = given[t] as unknown;
    if (!isList(list) || list.length !== wanted)
      refuse(
        `${wanted === 1 ? "one covariate" : `${wanted} covariates`} at every step, in a list`,
        isList(list) ? `${list.length} at step ${t}` : `${described(list)} at step ${t}`,
      );
    for (let i = 0; i < wanted; i++) {
      const value = (list as ArrayLike<unknown>)[i];
      if (typeof value !== "number" || !Number.isFinite(value))
        refuse("finite covariates", `${described(value)} at step ${t}`);
      checkSize(op, value as number, "covariates", t);
      to[t * wanted + i] = value as number;
    }
  }
}

function asSeries(op: string, given: unknown): ForecastSeries {
  if (isList(given)) return { values: given as ForecastSeries["values"] };
  const { values } = Object(given) as { values?: unknown };
  if (isList(values)) return given as ForecastSeries;
  throw new OptionError({
    op,
    expected: "a series: a list of numbers, or { values, covariates }",
    got: described(given),
  });
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function widthOf(step: unknown): number {
  return isList(step) ? step.length : 1;
}

/**
 * A number, NaN where it is missing.
 *
 * @param step where it stands, for errors. Default: no word of it
 */
export function numberOf(op: string, value: unknown, step?: number): number {
  if (value === null) return NaN;
  if (typeof value === "number" && Math.abs(value) !== Infinity) {
    checkSize(op, value, "values", step);
    return value;
  }
  throw new OptionError({
    op,
    expected: "finite numbers, NaN or null where one is missing",
    got: `${described(value)}${placeOf(step)}`,
  });
}

const placeOf = (step: number | undefined) => (step === undefined ? "" : ` at step ${step}`);

function checkSize(op: string, value: number, what: string, step: number | undefined): void {
  if (!(Math.abs(value) > LARGEST)) return;
  throw new OptionError({
    op,
    expected: `${what} of at most ${LARGEST}, on either side of 0`,
    got: `${value}${placeOf(step)}`,
    cure: "Count them in a larger unit.",
  });
}

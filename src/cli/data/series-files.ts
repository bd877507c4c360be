// Series in tables: a row for each step, its time, what is forecast and what is known beside it.
import { text, type OptionTable } from "../../core/options.js";
import { quoted } from "../../core/code-points.js";
import { FormatError } from "../../core/errors.js";
import { csvRecords } from "../../data/csv.js";
import type { TextSource } from "../../data/source.js";
import type { ForecastSeries } from "../../models/forecaster/series.js";
import { encoding } from "../encoding.js";
import type { Given } from "../task.js";
import { UsageError } from "../usage.js";
import { isBehind } from "./next-times.js";

/** A series of a table. */
export interface TableSeries extends ForecastSeries {
  /** Undefined where the table has one series. */
  readonly name: string | undefined;
  /** The columns that are forecast. */
  readonly targets: readonly string[];
  /** Of its steps, and behind them those of which only covariates are known; empty where the table has no times. */
  readonly times: readonly string[];
  readonly values: readonly (readonly (number | null)[])[];
  readonly covariates: readonly (readonly number[])[] | undefined;
}

/** How a table is read. */
export const SERIES_READING: OptionTable = {
  time: text(undefined, "column of the times, in their order (default: none, a row is a step)"),
  target: text(
    undefined,
    "columns that are forecast, with commas between (default: the only one left)",
  ),
  covariates: text(
    undefined,
    "columns that are known of the future too: calendar, prices (default: none)",
  ),
  series: text(
    undefined,
    "column that names the series of a row (default: the table is one series)",
  ),
  delimiter: text(
    undefined,
    'what stands between values: tab, or a character (default: ","; tab of .tsv)',
  ),
  encoding: encoding("text encoding of the tables"),
};

type Row = Readonly<Record<string, string>>;

/**
 * The series of a table, in the order of their first rows. Rows at the end of a series without values have covariates of what is
 * to come.
 */
export async function readTableSeries(
  source: TextSource,
  name: string,
  given: Given,
): Promise<TableSeries[]> {
  const { time, series: by } = given as Record<string, string | undefined>;
  const rows = csvRecords(source, { name, delimiter: delimiterIn(given, name) });
  const found = new Map<
    string,
    { times: string[]; values: (number | null)[][]; covariates: number[][] }
  >();
  let columns: { targets: string[]; covariates: string[] } | undefined;
  for await (const { value: row, at: line } of rows) {
    columns ??= columnsIn(Object.keys(row), given, name);
    const key = by === undefined ? "" : row[by]!;
    const one = found.get(key) ?? { times: [], values: [], covariates: [] };
    found.set(key, one);
    const place = `${name}, line ${line}`;
    if (time !== undefined) {
      const [now, before] = [row[time]!, one.times.at(-1)];
      if (before !== undefined && !isBehind(now, before))
        throw new FormatError({
          op: "read",
          ...(now === before
            ? { expected: "each time of a series once", got: `${quoted(now)} twice (${place})` }
            : {
                expected: `times of a series in their order, after ${quoted(before)}`,
                got: `${quoted(now)} (${place})`,
              }),
          cure: `${now === before ? "Keep one of the rows." : "Sort the rows by time."} Several series need --series, the column that tells them apart.`,
        });
      one.times.push(now);
    }
    one.values.push(columns.targets.map((column) => numberIn(row, column, place, true)));
    one.covariates.push(columns.covariates.map((column) => numberIn(row, column, place, false)!));
  }
  if (found.size === 0)
    throw new FormatError({ op: "read", expected: "a header and rows", got: `none (${name})` });
  const known = [...found.values()].some(({ values }) => values.flat().some((one) => one !== null));
  if (!known)
    throw new FormatError({
      op: "read",
      expected: `numbers in ${columns!.targets.map((one) => quoted(one)).join(" or ")}`,
      got: `missing ones alone (${name})`,
    });
  return Array.from(found, ([key, one]) => {
    const known = one.values.findLastIndex((values) => values.some((value) => value !== null)) + 1;
    return {
      ...one,
      targets: columns!.targets,
      name: by === undefined ? undefined : key,
      values: one.values.slice(0, known),
      covariates: columns!.covariates.length > 0 ? one.covariates : undefined,
    };
  });
}

function delimiterIn({ delimiter }: Given, name: string): string {
  if (delimiter === undefined) return /\.tsv(\.gz)?$/.test(name) ? "\t" : ",";
  return delimiter === "tab" ? "\t" : (delimiter as string);
}

function columnsIn(
  names: readonly string[],
  given: Given,
  file: string,
): { targets: string[]; covariates: string[] } {
  const { time, target, covariates, series } = given as Record<string, string | undefined>;
  const listed = (list: string | undefined) => list?.split(",").map((one) => one.trim()) ?? [];
  const others = [...listed(time), ...listed(series), ...listed(covariates)];
  const left = names.filter((name) => !others.includes(name));
  if (target === undefined && left.length !== 1)
    throw new UsageError({
      op: "read",
      expected: "--target COLUMN, what is forecast",
      got: `columns ${left.join(", ") || "none"} in ${file}`,
    });
  const targets = target === undefined ? left : listed(target);
  const all = [...others, ...targets];
  const twice = all.find((column, i) => all.indexOf(column) < i);
  if (twice !== undefined)
    throw new UsageError({
      op: "read",
      expected: "each column once, of --time, --target, --covariates and --series",
      got: `${quoted(twice)} twice`,
    });
  for (const [flag, columns] of [
    ["--time", listed(time)],
    ["--target", targets],
    ["--covariates", listed(covariates)],
    ["--series", listed(series)],
  ] as const)
    for (const column of columns)
      if (!names.includes(column))
        throw new UsageError({
          op: flag,
          expected: `a column of ${file}: ${names.join(", ")}`,
          got: quoted(column),
        });
  return { targets, covariates: listed(covariates) };
}

/** What stands for a missing value. */
const MISSING = [
  ...["", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "None", "?", "-"],
];
/** As JavaScript and JSON have them: no `0x10`, which is no measurement. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** With a mark between thousands, or a comma before decimals. */
const WITH_MARKS = /^[+-]?\d{1,3}([.,' \u00a0\u2009\u202f]\d{3})*([.,]\d+)?$|^[+-]?\d+,\d+$/;

function numberIn(row: Row, column: string, place: string, mayMiss: boolean): number | null {
  const text = row[column]!.trim();
  if (MISSING.includes(text) && mayMiss) return null;
  const value = NUMBER.test(text) ? Number(text) : NaN;
  if (Number.isFinite(value)) return value;
  throw new FormatError({
    op: "read",
    expected: `a number in ${quoted(column)}${mayMiss ? ", or nothing where it is missing" : ""}`,
    got: `${quoted(text)} (${place})`,
    cure: WITH_MARKS.test(text)
      ? "Write a point before decimals, and nothing between thousands: 1234.5."
      : /^[+-]?[\d.,]+\D+$|^\D+[\d.,]+$/.test(text)
        ? "Leave out units and signs of currencies: 1234.5."
        : undefined,
  });
}

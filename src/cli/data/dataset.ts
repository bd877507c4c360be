// Examples from the user's files, in any of the formats.
import { dirname, resolve } from "node:path";
import { FormatError } from "../../core/errors.js";
import { readConll } from "../../data/conll.js";
import { readCsv } from "../../data/csv.js";
import { readJsonLines } from "../../data/json-lines.js";
import { cutAtBlanks, readParallel } from "../../data/parallel.js";
import type { TextSource } from "../../data/source.js";
import type { TableOptions } from "../../data/table.js";
import { readTsv } from "../../data/tsv.js";
import { readText } from "../../platform/node/text.js";
import { choice, text, type OptionTable } from "../../core/options.js";
import { UsageError } from "../usage.js";
import { parseColumns, placesOf, type Column, type Columns } from "./columns.js";

const FORMATS = ["conll", "parallel", "tsv", "csv", "jsonl"] as const;
export type Format = (typeof FORMATS)[number];

interface DataOptions {
  readonly format?: Format | undefined;
  readonly columns?: string | undefined;
  readonly encoding?: string | undefined;
}

export const DATA_OPTIONS: OptionTable<DataOptions> = {
  format: choice(FORMATS, undefined, "format of the data (default: by the files' names)"),
  columns: text(undefined, "what the columns, files or fields are; see below"),
  encoding: text("utf-8", "text encoding of the data, such as windows-1252"),
};

export type Value = string | readonly string[] | readonly number[] | readonly (readonly number[])[];

/** An example, by column. */
export type Values = Readonly<Record<string, Value>>;

/** What a task reads. */
export interface DataShape {
  readonly columns: readonly Column[];
  /** The format of a file whose name tells none. */
  readonly format: Format;
}

/** The examples of `files`, one after another: a path, or for parallel ones several with commas between. */
export async function* readExamples(
  files: string,
  { format, columns, encoding = "utf-8" }: DataOptions,
  shape: DataShape,
): AsyncGenerator<Values, void> {
  const parsed = columns === undefined ? {} : parseColumns(columns, shape.columns);
  const kind = format ?? formatOf(files, shape.format);
  let number = 0;
  for await (const fields of READERS[kind](files, { parsed, encoding, shape })) {
    const place = (unit: string) => `${files}, ${unit} ${number}`;
    number++;
    // Columns of words are named as they are read.
    const values =
      kind === "conll"
        ? (fields as Values)
        : valuesOf(Object(fields) as Fields, parsed, shape.columns, place(UNITS[kind]));
    checkLists(values, shape.columns, place("example"));
    yield values;
  }
}

interface Reading {
  readonly parsed: Columns;
  readonly encoding: string;
  readonly shape: DataShape;
}

type Reader = (files: string, reading: Reading) => AsyncIterable<unknown>;

/** A table with a header, or in an order that is given. */
function tableReader(
  read: (source: TextSource, options: TableOptions<string>) => AsyncIterable<Fields>,
): Reader {
  return (file, { parsed, encoding }) => {
    // Columns that are skipped need names of their own.
    const columns = parsed.order?.map((role, i) => (role === "_" ? `_${i}` : role));
    return read(readText(file, { encoding }), { ...(columns && { columns }), name: file });
  };
}

const READERS: Readonly<Record<Format, Reader>> = {
  conll: (file, { parsed, encoding, shape }) =>
    readConll(readText(file, { encoding }), { columns: conllPlaces(parsed, shape), name: file }),

  parallel(files, { parsed, encoding, shape }) {
    const paths = files.split(",");
    const roles = parallelRoles(paths, parsed, shape);
    const byRole = <T>(of: (path: string) => T) =>
      Object.fromEntries(roles.map((role, i) => [role, of(paths[i]!)]));
    const words = shape.columns.filter(({ kind }) => kind === "words").map(({ name }) => name);
    return readParallel(
      byRole((path) => readText(path, { encoding })),
      { aligned: words.filter((name) => roles.includes(name)), names: byRole((path) => path) },
    );
  },

  tsv: tableReader(readTsv),
  csv: tableReader(readCsv),

  jsonl(file, { parsed, encoding }) {
    if (parsed.order) throw wrongColumns("jsonl", "role=name of each field");
    return readJsonLines(readText(file, { encoding }), { name: file });
  },
};

/** What an example is in a file. */
const UNITS = { conll: "sentence", parallel: "line", tsv: "row", csv: "row", jsonl: "value" };

/** By the ending of the name, `.gz` aside; several files are parallel. */
export function formatOf(files: string, otherwise: Format): Format {
  if (files.includes(",")) return "parallel";
  const ending = /\.([a-z]+)$/i.exec(files.replace(/\.gz$/, ""))?.[1]?.toLowerCase();
  return FORMATS.find((format) => format === ending) ?? otherwise;
}

function conllPlaces(parsed: Columns, { columns }: DataShape): Record<string, number> {
  if (!columns.every(({ kind, optional }) => kind === "words" || optional))
    throw new UsageError({
      op: "--format",
      expected: "parallel, tsv, csv or jsonl: an example is a text with a label",
      got: "conll, which has labels for words",
    });
  return { ...(!parsed.order && !parsed.names && { words: 0, tags: -1 }), ...placesOf(parsed) };
}

function parallelRoles(
  paths: readonly string[],
  { order, names }: Columns,
  { columns }: DataShape,
): readonly string[] {
  if (names) throw wrongColumns("parallel", "what each file has, in order");
  const given = order ?? columns.map(({ name }) => name).slice(0, paths.length);
  const needed = columns.filter(({ optional }) => !optional).length;
  if (given.length === paths.length && paths.length >= needed) return given;
  const all = columns.map(({ name, optional }) => (optional ? `${name} (may be left out)` : name));
  throw new UsageError({
    op: "--format parallel",
    expected: `files with commas between, of ${order?.join(", ") ?? all.join()}`,
    got: `${paths.length}: ${paths.join(", ")}`,
  });
}

type Fields = Readonly<Record<string, unknown>>;

/** What of a row or object is asked for. */
function valuesOf(
  fields: Fields,
  { names }: Columns,
  columns: readonly Column[],
  place: string,
): Values {
  const values: Record<string, Value> = {};
  for (const column of columns) {
    const { name, optional } = column;
    const field = names?.[name] ?? name;
    const value = fields[field];
    if (value === undefined && optional) continue;
    values[name] = VALUES[column.kind](value, place) ?? refuseField(field, column, fields, place);
  }
  return values;
}

/** What of a field is meant; undefined: nothing that could be. */
const VALUES: Readonly<
  Record<Column["kind"], (value: unknown, place: string) => Value | undefined>
> = {
  text: textOf,
  words(value) {
    if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
    const text = textOf(value);
    return text === undefined ? undefined : cutAtBlanks(text);
  },
  numbers(value) {
    const isNumbers = (list: unknown): list is number[] =>
      Array.isArray(list) && list.every(Number.isFinite);
    if (isNumbers(value) || (Array.isArray(value) && value.every(isNumbers))) return value;
    const list = textOf(value)
      ?.trim()
      .split(/[\s,;]+/)
      .map((one) => (one === "" ? NaN : Number(one)));
    return isNumbers(list) ? list : undefined;
  },
  file(value, place) {
    const path = textOf(value);
    // The place begins with the data file's name.
    return path && resolve(dirname(place.slice(0, place.lastIndexOf(", "))), path);
  },
};

/** Numbers and booleans as texts. */
function textOf(value: unknown): string | undefined {
  return ["string", "number", "boolean"].includes(typeof value) ? String(value) : undefined;
}

const EXPECTED: Readonly<Record<Column["kind"], string>> = {
  text: "a text",
  words: "a list of strings, or a text",
  numbers: "a list of numbers, or a text of numbers",
  file: "a path",
};

function refuseField(field: string, { kind }: Column, fields: Fields, place: string): never {
  const found = JSON.stringify(fields[field]);
  throw new FormatError({
    op: "read",
    expected: `"${field}" to be ${EXPECTED[kind]}`,
    got: `${found?.slice(0, 60) ?? `only ${Object.keys(fields).join(", ")}`} (${place})`,
    cure: "Name the file's columns: --columns role=name,…",
  });
}

/** Words need as many tags. */
function checkLists(values: Values, columns: readonly Column[], place: string): void {
  const lists = columns.filter(({ name, kind }) => kind === "words" && values[name] !== undefined);
  const [first, ...others] = lists.map(({ name }) => ({ name, count: values[name]!.length }));
  const odd = others.find(({ count }) => count !== first?.count);
  if (!first || !odd) return;
  throw new FormatError({
    op: "read",
    expected: `as many ${odd.name} as ${first.name}, ${first.count}`,
    got: `${odd.count} (${place})`,
  });
}

function wrongColumns(format: Format, expected: string): UsageError {
  return new UsageError({
    op: "--columns",
    expected: `${expected}, with --format ${format}`,
    got: format === "jsonl" ? "an order" : "names",
  });
}

// Examples from the user's files, in any of the formats.
import { dirname, resolve } from "node:path";
import { FormatError } from "../../core/errors.js";
import { readConll } from "../../data/conll.js";
import { readCsv } from "../../data/csv.js";
import { readJsonLines } from "../../data/json-lines.js";
import { cutAtBlanks, readParallel } from "../../data/parallel.js";
import { readTsv } from "../../data/tsv.js";
import { readText } from "../../platform/node/text.js";
import { choice, text, type OptionTable } from "../../core/options.js";
import { UsageError } from "../usage.js";
import { parseColumns, placesOf, type Column, type Columns } from "./columns.js";

export const FORMATS = ["conll", "parallel", "tsv", "csv", "jsonl"] as const;
export type Format = (typeof FORMATS)[number];

export interface DataOptions {
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
  const parsed = columns === undefined ? undefined : parseColumns(columns, shape.columns);
  const kind = format ?? formatOf(files, shape.format);
  let number = 0;
  for await (const values of READERS[kind](files, { parsed, encoding, shape })) {
    number++;
    checkLists(values, shape.columns, `${files}, example ${number}`);
    yield values;
  }
}

interface Reading {
  readonly parsed: Columns | undefined;
  readonly encoding: string;
  readonly shape: DataShape;
}

const READERS: Readonly<
  Record<Format, (files: string, reading: Reading) => AsyncIterable<Values>>
> = {
  conll: (file, { parsed, encoding, shape }) =>
    readConll(readText(file, { encoding }), { columns: conllPlaces(parsed, shape), name: file }),

  async *parallel(files, { parsed, encoding, shape }) {
    const paths = files.split(",");
    const roles = parallelRoles(paths, parsed, shape);
    const sources = Object.fromEntries(
      roles.map((role, i) => [role, readText(paths[i]!, { encoding })]),
    );
    const names = Object.fromEntries(roles.map((role, i) => [role, paths[i]]));
    const aligned = shape.columns.filter(({ kind }) => kind === "words").map(({ name }) => name);
    const present = aligned.filter((role) => roles.includes(role));
    let line = 0;
    for await (const fields of readParallel(sources, { aligned: present, names })) {
      line++;
      yield valuesOf(fields, undefined, shape.columns, `${files}, line ${line}`);
    }
  },

  tsv: (file, reading) =>
    tableValues(file, reading, (columns) =>
      readTsv(readText(file, { encoding: reading.encoding }), { ...columns, name: file }),
    ),

  csv: (file, reading) =>
    tableValues(file, reading, (columns) =>
      readCsv(readText(file, { encoding: reading.encoding }), { ...columns, name: file }),
    ),

  async *jsonl(file, { parsed, encoding, shape }) {
    if (parsed?.kind === "order") throw wrongColumns("jsonl", "role=name of each field");
    let number = 0;
    for await (const value of readJsonLines(readText(file, { encoding }), { name: file })) {
      number++;
      yield valuesOf(Object(value) as Fields, parsed, shape.columns, `${file}, value ${number}`);
    }
  },
};

/** By the ending of the name, `.gz` aside; several files are parallel. */
export function formatOf(files: string, otherwise: Format): Format {
  if (files.includes(",")) return "parallel";
  const ending = /\.([a-z]+)$/i.exec(files.replace(/\.gz$/, ""))?.[1]?.toLowerCase();
  return FORMATS.find((format) => format === ending) ?? otherwise;
}

export function conllPlaces(
  parsed: Columns | undefined,
  { columns }: DataShape,
): Record<string, number> {
  if (!columns.every(({ kind, optional }) => kind === "words" || optional))
    throw new UsageError({
      op: "--format",
      expected: "parallel, tsv, csv or jsonl: an example is a text with a label",
      got: "conll, which has labels for words",
    });
  if (parsed === undefined) return { words: 0, tags: -1 };
  if (parsed.kind === "order") return placesOf(parsed.roles);
  return Object.fromEntries(Array.from(parsed.names, ([role, place]) => [role, Number(place)]));
}

function parallelRoles(
  paths: readonly string[],
  parsed: Columns | undefined,
  { columns }: DataShape,
): readonly string[] {
  if (parsed?.kind === "names") throw wrongColumns("parallel", "what each file has, in order");
  const given = parsed?.roles ?? columns.map(({ name }) => name).slice(0, paths.length);
  const needed = columns.filter(({ optional }) => !optional).length;
  if (given.length === paths.length && paths.length >= needed) return given;
  throw new UsageError({
    op: "--format parallel",
    expected: `files with commas between, of ${parsed?.roles.join(", ") ?? rolesText(columns)}`,
    got: `${paths.length}: ${paths.join(", ")}`,
  });
}

async function* tableValues(
  file: string,
  { parsed, shape }: Reading,
  read: (columns: { columns?: readonly string[] }) => AsyncIterable<Fields>,
): AsyncGenerator<Values, void> {
  const columns = parsed?.kind === "order" ? uniqueNames(parsed.roles) : undefined;
  let row = 0;
  for await (const fields of read(columns ? { columns } : {})) {
    row++;
    yield valuesOf(fields, parsed, shape.columns, `${file}, row ${row}`);
  }
}

/** Columns that are skipped need names of their own. */
function uniqueNames(roles: readonly string[]): string[] {
  return roles.map((role, i) => (role === "_" ? `_${i}` : role));
}

type Fields = Readonly<Record<string, unknown>>;

/** What of a row or object is asked for. */
function valuesOf(
  fields: Fields,
  parsed: Columns | undefined,
  columns: readonly Column[],
  place: string,
): Values {
  const values: Record<string, Value> = {};
  for (const column of columns) {
    const { name, optional } = column;
    const field = (parsed?.kind === "names" ? parsed.names.get(name) : undefined) ?? name;
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

function rolesText(roles: readonly Column[]): string {
  return roles.map(({ name, optional }) => (optional ? `${name} (may be left out)` : name)).join();
}

// Examples from the user's files, in any of the formats.
import { FormatError, OptionError } from "../../core/errors.js";
import { readConll } from "../../data/conll.js";
import { readCsv } from "../../data/csv.js";
import { readJsonLines } from "../../data/json-lines.js";
import { cutAtBlanks, readParallel } from "../../data/parallel.js";
import { readTsv } from "../../data/tsv.js";
import { readText } from "../../platform/node/text.js";
import { parseColumns, placesOf, type Columns, type Role } from "./columns.js";

export const FORMATS = ["conll", "parallel", "tsv", "csv", "jsonl"] as const;
export type Format = (typeof FORMATS)[number];

export interface DataOptions {
  readonly format: Format | null;
  readonly columns: string | null;
  readonly charset: string;
}

/** An example: by role a list of words, or a text. */
export type Values = Readonly<Record<string, string | readonly string[]>>;

/** What a task reads. */
export interface DataShape {
  readonly roles: readonly Role[];
  /** The format of a file whose name tells none. */
  readonly format: Format;
}

/** The examples of `files`, one after another: a path, or for parallel ones several with commas between. */
export async function* readExamples(
  files: string,
  { format, columns, charset }: DataOptions,
  shape: DataShape,
): AsyncGenerator<Values, void> {
  const parsed = columns === null ? undefined : parseColumns(columns, shape.roles);
  const kind = format ?? formatOf(files, shape.format);
  let number = 0;
  for await (const values of READERS[kind](files, { parsed, encoding: charset, shape })) {
    number++;
    checkLists(values, shape.roles, `${files}, example ${number}`);
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
    const aligned = shape.roles.filter(({ list }) => list).map(({ name }) => name);
    const present = aligned.filter((role) => roles.includes(role));
    yield* readParallel(sources, { aligned: present, names }) as AsyncIterable<Values>;
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
      yield valuesOf(Object(value) as Fields, parsed, shape.roles, `${file}, value ${number}`);
    }
  },
};

/** By the ending of the name, `.gz` aside; several files are parallel. */
export function formatOf(files: string, otherwise: Format): Format {
  if (files.includes(",")) return "parallel";
  const ending = /\.([a-z]+)$/i.exec(files.replace(/\.gz$/, ""))?.[1]?.toLowerCase();
  return FORMATS.find((format) => format === ending) ?? otherwise;
}

function conllPlaces(parsed: Columns | undefined, { roles }: DataShape): Record<string, number> {
  if (!roles.every(({ list, optional }) => list || optional))
    throw new OptionError({
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
  { roles }: DataShape,
): readonly string[] {
  if (parsed?.kind === "names") throw wrongColumns("parallel", "what each file has, in order");
  const given = parsed?.roles ?? roles.map(({ name }) => name).slice(0, paths.length);
  const needed = roles.filter(({ optional }) => !optional).length;
  if (given.length === paths.length && paths.length >= needed) return given;
  throw new OptionError({
    op: "--format parallel",
    expected: `files with commas between, of ${parsed?.roles.join(", ") ?? rolesText(roles)}`,
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
    yield valuesOf(fields, parsed, shape.roles, `${file}, row ${row}`);
  }
}

/** Columns that are skipped need names of their own. */
function uniqueNames(roles: readonly string[]): string[] {
  return roles.map((role, i) => (role === "_" ? `_${i}` : role));
}

type Fields = Readonly<Record<string, unknown>>;

/** What of a row or object is asked for; numbers and booleans as texts. */
function valuesOf(
  fields: Fields,
  parsed: Columns | undefined,
  roles: readonly Role[],
  place: string,
): Values {
  const values: Record<string, string | readonly string[]> = {};
  for (const role of roles) {
    const field = (parsed?.kind === "names" ? parsed.names.get(role.name) : undefined) ?? role.name;
    const value = fields[field];
    if (value === undefined && role.optional) continue;
    values[role.name] = valueOf(value, role) ?? refuseField(field, role, fields, place);
  }
  return values;
}

function valueOf(value: unknown, { list }: Role): string | readonly string[] | undefined {
  if (list && Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
  if (!["string", "number", "boolean"].includes(typeof value)) return undefined;
  return list ? cutAtBlanks(String(value)) : String(value);
}

function refuseField(field: string, { list }: Role, fields: Fields, place: string): never {
  const found = JSON.stringify(fields[field]);
  throw new FormatError({
    op: "read",
    expected: `"${field}" to be ${list ? "a list of strings, or a text" : "a text"}`,
    got: `${found?.slice(0, 60) ?? `only ${Object.keys(fields).join(", ")}`} (${place})`,
    cure: "Name the file's columns: --columns role=name,…",
  });
}

/** Words need as many tags. */
function checkLists(values: Values, roles: readonly Role[], place: string): void {
  const lists = roles.filter(({ name, list }) => list && values[name] !== undefined);
  const [first, ...others] = lists.map(({ name }) => ({ name, count: values[name]!.length }));
  const odd = others.find(({ count }) => count !== first?.count);
  if (!first || !odd) return;
  throw new FormatError({
    op: "read",
    expected: `as many ${odd.name} as ${first.name}, ${first.count}`,
    got: `${odd.count} (${place})`,
  });
}

function wrongColumns(format: Format, expected: string): OptionError {
  return new OptionError({
    op: "--columns",
    expected: `${expected}, with --format ${format}`,
    got: format === "jsonl" ? "an order" : "names",
  });
}

function rolesText(roles: readonly Role[]): string {
  return roles.map(({ name, optional }) => (optional ? `${name} (may be left out)` : name)).join();
}

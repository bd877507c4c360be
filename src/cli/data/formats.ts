// A reader for each format: examples as fields, with the place of each.
import { csvRecords } from "../../data/csv.js";
import { conllSentences } from "../../data/conll.js";
import type { Located } from "../../data/fault.js";
import { jsonItems, jsonLines } from "../../data/json-lines.js";
import { parallelLines } from "../../data/parallel.js";
import type { TextSource } from "../../data/source.js";
import { tsvRecords } from "../../data/tsv.js";
import { readText } from "../../platform/node/text.js";
import { UsageError } from "../usage.js";
import { distinctNames, isHeader, placesOf, type Column, type Columns } from "./columns.js";
import { delimiterOf, type DataOptions, type Format } from "./data-options.js";

/** What a task reads. */
export interface DataShape {
  readonly columns: readonly Column[];
  /** The format of a file whose name tells none. */
  readonly format: Format;
}

export interface Reading {
  readonly parsed: Columns;
  readonly options: DataOptions;
  readonly shape: DataShape;
}

type Reader = (files: string, reading: Reading) => AsyncIterable<Located<unknown>>;

/** A table with a header, or in an order that is given; a header that says the same is none of its rows. */
function tableReader(
  read: (
    source: TextSource,
    options: { columns?: readonly string[]; name: string; delimiter?: string },
  ) => AsyncIterable<Located<Readonly<Record<string, string>>>>,
): Reader {
  return async function* (file, { parsed: { order }, options }) {
    const delimiter = delimiterOf(options);
    const rows = read(textOf(file, options), {
      ...(order && { columns: distinctNames(order) }),
      ...(delimiter !== undefined && { delimiter }),
      name: file,
    });
    let first = true;
    for await (const row of rows) {
      if (!(first && order && isHeader(row.value, order))) yield row;
      first = false;
    }
  };
}

/** Values of JSON, whose fields have names. */
function jsonReader(read: typeof jsonLines): Reader {
  return (file, { parsed, options }) => {
    if (parsed.order) throw wrongColumns("jsonl", "role=name of each field", "an order");
    return read(textOf(file, options), { name: file });
  };
}

export const READERS: Readonly<Record<Format, Reader>> = {
  conll: (file, { parsed, options, shape }) =>
    conllSentences(textOf(file, options), {
      ...conllLines(options),
      columns: conllPlaces(parsed, shape),
      name: file,
    }),

  parallel(files, { parsed, options, shape }) {
    const paths = files.split(",");
    const roles = parallelRoles(paths, parsed, shape);
    const byRole = <T>(of: (path: string) => T) =>
      Object.fromEntries(roles.map((role, i) => [role, of(paths[i]!)]));
    const words = shape.columns.filter(({ kind }) => kind === "words").map(({ name }) => name);
    return parallelLines(
      byRole((path) => textOf(path, options)),
      { aligned: words.filter((name) => roles.includes(name)), names: byRole((path) => path) },
    );
  },

  tsv: tableReader(tsvRecords),
  csv: tableReader(csvRecords),
  jsonl: jsonReader(jsonLines),
  json: jsonReader(jsonItems),
};

function textOf(file: string, { encoding = "utf-8" }: DataOptions): TextSource {
  return readText(file, { encoding });
}

/** How lines of words are cut, and which are none. */
export function conllLines(options: DataOptions): { separator?: string; comment?: string } {
  // No text at all: none, where the model's file has one.
  const [separator, comment] = [delimiterOf(options), options.comments || undefined];
  return {
    ...(separator !== undefined && { separator }),
    ...(comment !== undefined && { comment }),
  };
}

function conllPlaces(parsed: Columns, { columns }: DataShape): Record<string, number> {
  if (!columns.every(({ kind, optional }) => kind === "words" || optional))
    throw new UsageError({
      op: "--format",
      expected: "parallel, tsv, csv or jsonl: an example is a text with a label",
      got: "conll, which has labels for words",
    });
  if (!parsed.order && !parsed.names) return { words: 0, tags: -1 };
  const places = placesOf(parsed);
  if (Object.values(places).every(Number.isInteger)) return places;
  throw wrongColumns("conll", "words,_,tags, or places from 0 such as words=0,tags=2", "names");
}

function parallelRoles(
  paths: readonly string[],
  { order, names }: Columns,
  { columns }: DataShape,
): readonly string[] {
  if (names) throw wrongColumns("parallel", "what each file has, in order", "names");
  const given = order ?? columns.map(({ name }) => name).slice(0, paths.length);
  const needed = columns.filter(({ optional }) => !optional).length;
  if (given.length === paths.length && paths.length >= needed) return given;
  const all = columns.map(({ name, optional }) => (optional ? `${name} (may be left out)` : name));
  throw new UsageError({
    op: "--format parallel",
    expected: `files with commas between, of ${(order ?? all).join(", ")}`,
    got: `${paths.length}: ${paths.join(", ")}`,
  });
}

function wrongColumns(format: Format, expected: string, got: string): UsageError {
  return new UsageError({ op: "--columns", expected: `${expected}, with --format ${format}`, got });
}

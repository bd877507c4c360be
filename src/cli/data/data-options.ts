// How data files are read: the options, and what each of them is for.
import { choice, text, type OptionTable } from "../../core/options.js";
import { encoding } from "../encoding.js";
import { UsageError } from "../usage.js";
import type { Column } from "./columns.js";

export const FORMATS = ["conll", "parallel", "tsv", "csv", "jsonl", "json"] as const;
export type Format = (typeof FORMATS)[number];

export interface DataOptions {
  readonly format?: Format | undefined;
  readonly columns?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly comments?: string | undefined;
  readonly labelNames?: string | undefined;
  readonly labelSeparator?: string | undefined;
  readonly encoding?: string | undefined;
}

/** How lines of words are read. */
export const CONLL_OPTIONS: OptionTable<Pick<DataOptions, "delimiter" | "comments">> = {
  delimiter: text(
    undefined,
    "what separates columns: tab or space or another, for conll and csv (default: any blanks; a comma)",
  ),
  comments: text(undefined, "lines of conll that begin so are no words, such as # (default: none)"),
};

/** Those that every task has. */
const SHARED: OptionTable<Omit<DataOptions, "labelSeparator">> = {
  format: choice(FORMATS, undefined, "format of the data (default: by the files' names)"),
  columns: text(undefined, "what the columns, files or fields are; see below"),
  ...CONLL_OPTIONS,
  labelNames: text(
    undefined,
    "names of labels or tags that are numbers, from 0 on: O,B-PER,I-PER (default: none)",
  ),
  encoding: encoding("text encoding of the data"),
};

const LABEL_SEPARATOR = {
  ...text(
    undefined,
    "a text may have several labels, which this separates, such as | (default: it has one)",
  ),
  form: "a text that is not empty",
  fits: (given: unknown) => typeof given === "string" && given !== "",
};

/** The options of a task that reads such columns. */
export function dataOptions(columns: readonly Column[]): OptionTable {
  const several = columns.some((column) => column.several);
  return { ...SHARED, ...(several && { labelSeparator: LABEL_SEPARATOR }) };
}

/** Options that mean something for some formats only. */
const OF_FORMATS: Readonly<Record<string, readonly Format[]>> = {
  delimiter: ["csv", "conll"],
  comments: ["conll"],
};

/** As a delimiter: what separates columns of words where nothing is said. */
const BLANKS = "blanks";

/** Refuses options that a format would not read. */
export function checkForFormat(format: Format, given: DataOptions): void {
  for (const [name, all] of Object.entries(OF_FORMATS)) {
    const value = given[name as keyof DataOptions];
    const formats = value === BLANKS ? ["conll"] : all;
    if (value !== undefined && !formats.includes(format))
      throw new UsageError({
        op: `--${name}`,
        expected: `--format ${formats.join(" or ")}`,
        got: format,
        cure: format === "tsv" ? "A table with another delimiter than a tab is csv." : undefined,
      });
  }
}

/** Options without those that speak of one format. */
export function ofAnyFormat<Options extends object>(options: Options): Options {
  const any = Object.entries(options).filter(([name]) => !(name in OF_FORMATS));
  return Object.fromEntries(any) as Options;
}

const NAMED: Readonly<Record<string, string | undefined>> = {
  ...{ tab: "\t", "\\t": "\t", space: " " },
  [BLANKS]: undefined,
};

/** The text that `--delimiter` means; undefined: the format's own. */
export function delimiterOf({ delimiter }: DataOptions): string | undefined {
  return delimiter !== undefined && delimiter in NAMED ? NAMED[delimiter] : delimiter;
}

/** Other endings of names. */
const ENDINGS: Readonly<Record<string, Format>> = { ndjson: "jsonl" };

/** By the ending of the name, `.gz` aside; several files are parallel. */
export function formatOf(files: string, otherwise: Format): Format {
  if (files.includes(",")) return "parallel";
  const ending = /\.([a-z]+)$/i.exec(files.replace(/\.gz$/, ""))?.[1]?.toLowerCase() ?? "";
  return FORMATS.find((format) => format === ending) ?? ENDINGS[ending] ?? otherwise;
}

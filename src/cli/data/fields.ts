// What of a file's fields is meant by each column of a task.
import { dirname, resolve } from "node:path";
import { cutAtBlanks } from "../../core/white-space.js";
import { FormatError } from "../../core/errors.js";
import { UsageError } from "../usage.js";
import type { Column, Columns } from "./columns.js";

export type Value = string | readonly string[] | readonly number[] | readonly (readonly number[])[];

/** An example, by column. */
export type Values = Readonly<Record<string, Value>>;

export type Fields = Readonly<Record<string, unknown>>;

/** How labels stand in fields. */
export interface LabelForm {
  /** By number. */
  readonly names?: readonly string[] | undefined;
  readonly separator?: string | undefined;
}

/** Where fields stand. */
export interface FieldPlace {
  readonly file: string;
  /** `"train.tsv, line 3"` */
  readonly text: string;
}

/** What of a row or object is asked for. */
export function valuesIn(
  fields: Fields,
  { names }: Columns,
  columns: readonly Column[],
  form: LabelForm,
  place: FieldPlace,
): Values {
  const values: Record<string, Value> = {};
  for (const column of columns) {
    const { name, optional } = column;
    const field = names?.[name] ?? fieldOf(column, fields);
    const value = fields[field];
    // One that was named is missed.
    if (value === undefined && optional && names?.[name] === undefined) continue;
    const read = column.label
      ? labelsIn(value, column, form, place)
      : VALUES[column.kind](value, place.file);
    values[name] = read ?? refuseField(field, column, columns, fields, place);
  }
  return values;
}

/** The field of a column that nobody named: where there may be several labels, by one name or the other. */
function fieldOf({ name, several }: Column, fields: Fields): string {
  const one = name.replace(/s$/, "");
  return (several && [name, `${one}s`, one].find((field) => field in fields)) || name;
}

/** What of a field is meant; undefined: nothing that could be. */
const VALUES: Readonly<
  Record<Column["kind"], (value: unknown, file: string) => Value | undefined>
> = {
  text: textOf,
  words(value) {
    if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
    const text = textOf(value);
    return text === undefined ? undefined : cutAtBlanks(text);
  },
  numbers: numbersIn,
  file(value, file) {
    const path = textOf(value);
    return path && resolve(dirname(file), path);
  },
};

/** A list of numbers, or of lists of them; undefined where nothing could be one. */
export function numbersIn(
  value: unknown,
): readonly number[] | readonly (readonly number[])[] | undefined {
  const isNumbers = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every(Number.isFinite);
  if (isNumbers(value) || (Array.isArray(value) && value.every(isNumbers))) return value;
  const list = textOf(value)
    ?.trim()
    .split(/[\s,;]+/)
    .map((one) => (one === "" ? NaN : Number(one)));
  return isNumbers(list) ? list : undefined;
}

/** Numbers and booleans as texts. */
function textOf(value: unknown): string | undefined {
  return ["string", "number", "boolean"].includes(typeof value) ? String(value) : undefined;
}

/** The label of a text, its labels where it may have several, or those of its words. */
function labelsIn(
  value: unknown,
  { name, kind, several }: Column,
  { names, separator }: LabelForm,
  place: FieldPlace,
): string | string[] | undefined {
  const named = (label: string): string => {
    const trimmed = label.trim();
    if (trimmed === "")
      throw new FormatError({
        op: "read",
        expected: `a name in ${name}`,
        got: `an empty text (${place.text})`,
      });
    return names ? nameOf(trimmed, names, place) : trimmed;
  };
  const isLabel = (one: unknown): one is string | number =>
    typeof one === "string" || (names !== undefined && Number.isInteger(one));
  const listed = Array.isArray(value) && (kind === "words" || several);
  if (listed) return value.every(isLabel) ? value.map((label) => named(String(label))) : undefined;
  const text = textOf(value);
  if (text === undefined) return undefined;
  if (kind === "words") return cutAtBlanks(text).map(named);
  if (separator === undefined) return named(text);
  return text.trim() === "" ? [] : text.split(separator).map(named);
}

function nameOf(number: string, names: readonly string[], place: FieldPlace): string {
  const name = /^\d+$/.test(number) ? names[Number(number)] : undefined;
  if (name !== undefined) return name;
  throw new FormatError({
    op: "read",
    expected: `a number from 0 to ${names.length - 1}, as --label-names has them`,
    got: `${JSON.stringify(number)} (${place.text})`,
  });
}

/** What `--label-names` says. */
export function parseLabelNames(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(",").map((name) => name.trim());
  if (names.every((name, i) => name !== "" && names.indexOf(name) === i)) return names;
  throw new UsageError({
    op: "--label-names",
    expected: "names with commas between, each once",
    got: text,
  });
}

const EXPECTED: Readonly<Record<Column["kind"], string>> = {
  text: "a text",
  words: "a list of strings, or a text",
  numbers: "a list of numbers, or a text of numbers",
  file: "a path",
};

function refuseField(
  field: string,
  column: Column,
  columns: readonly Column[],
  fields: Fields,
  place: FieldPlace,
): never {
  const { kind, label } = column;
  const value = fields[field];
  const found = JSON.stringify(value);
  throw new FormatError({
    op: "read",
    expected: `"${field}" to be ${EXPECTED[kind]}`,
    got: `${found?.slice(0, 60) ?? `only ${Object.keys(fields).join(", ")}`} (${place.text})`,
    cure: cureFor(),
  });

  function cureFor(): string {
    if (label && Array.isArray(value) && value.every(Number.isInteger))
      return "Tags that are numbers need names, in their order: --label-names O,B-PER,…";
    if (value === undefined && Object.keys(fields).some((name) => /^".*"$/.test(name)))
      return "A table with tabs and quotes is --format csv --delimiter tab.";
    if (value === undefined && Object.keys(fields).length === 1)
      return "Is it one column by another delimiter? Then --delimiter; else --columns role=name,… names it.";
    const needed = columns.filter(({ optional }) => !optional);
    const roles = (needed.length > 0 ? needed : columns).map(({ name }) => name);
    const named = roles.map((name) => `${name}=…`).join(",");
    return `Name the file's columns: --columns ${named}; of a file without a header their order: --columns ${roles.join(",")}.`;
  }
}

/** Words need as many tags. */
export function checkLists(values: Values, columns: readonly Column[], place: FieldPlace): void {
  const lists = columns.filter(({ name, kind }) => kind === "words" && values[name] !== undefined);
  const [first, ...others] = lists.map(({ name }) => ({ name, count: values[name]!.length }));
  const odd = others.find(({ count }) => count !== first?.count);
  if (!first || !odd) return;
  throw new FormatError({
    op: "read",
    expected: `as many ${odd.name} as ${first.name}, ${first.count}`,
    got: `${odd.count} (${place.text})`,
  });
}

import { FormatError } from "../core/errors.js";

/** Where in a text something is wrong. Lines and columns count from 1. */
export interface Place {
  /** The file, or what else the text is called. */
  readonly name: string;
  readonly line: number;
  /** In characters (UTF-16 units), or undefined for the whole line. */
  readonly column?: number | undefined;
}

/** What a reader throws: `readConll: expected 4 columns, got 3 (train.txt, line 17, column 9).` */
export function formatFault(
  op: string,
  expected: string,
  got: string,
  { name, line, column }: Place,
  cure?: string,
): FormatError {
  const at = `${name}, line ${line}${column === undefined ? "" : `, column ${column}`}`;
  return new FormatError({ op, expected, got: `${got} (${at})`, cure });
}

export interface NamedSource {
  /** What errors call the text: its file. Default `"the text"`. */
  name?: string | undefined;
}

export const UNNAMED = "the text";

/** What was read, and where it stands. */
export interface Located<T> {
  readonly value: T;
  /** The line at which it begins, or its number among the items of an array; from 1. */
  readonly at: number;
  readonly unit: "line" | "item";
}

/** What was read alone. */
export async function* valuesOf<T>(read: AsyncIterable<Located<T>>): AsyncGenerator<T, void> {
  for await (const { value } of read) yield value;
}

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
  name?: string;
}

export const UNNAMED = "the text";

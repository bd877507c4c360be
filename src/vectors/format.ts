// The formats of word vectors, and what is wrong with a file.
import { FormatError } from "../core/errors.js";

/**
 * - `"word2vec-text"`: a line with the numbers of words and of dimensions, then a line for each word: the word and its
 *   numbers, a blank before each.
 * - `"word2vec-binary"`: the same first line; then each word, a blank, its numbers as float32 with the lowest byte first. Some
 *   writers end a vector with a line end.
 * - `"glove"`: as `"word2vec-text"`, without the first line. A word may have blanks in it.
 */
export type VectorFormat = "word2vec-text" | "word2vec-binary" | "glove";

export const VECTOR_FORMATS: readonly VectorFormat[] = [
  "word2vec-text",
  "word2vec-binary",
  "glove",
];

/** Where errors say that a file is wrong. */
export interface FileName {
  readonly op: string;
  readonly name: string;
}

export function lineFault(
  { op, name }: FileName,
  line: number,
  expected: string,
  got: string,
  cure?: string,
): FormatError {
  return new FormatError({ op, expected, got: `${got} (${name}, line ${line})`, cure });
}

export function byteFault(
  { op, name }: FileName,
  byte: number,
  expected: string,
  got: string,
  cure?: string,
): FormatError {
  return new FormatError({ op, expected, got: `${got} (${name}, byte ${byte})`, cure });
}

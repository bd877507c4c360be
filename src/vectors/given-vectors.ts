// Vectors that a program gives: words, and rows of numbers.
import { checkCall } from "../core/check.js";
import { quoted } from "../core/code-points.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { WordTable } from "./word-table.js";

export function tableOf(words: Iterable<string>): WordTable {
  const table = new WordTable();
  const encoder = new TextEncoder();
  for (const word of words) {
    checkCall("WordVectors", [word], "word:string");
    if (table.add(encoder.encode(word))) continue;
    throw new OptionError({
      op: "WordVectors",
      expected: "different words",
      got: `${quoted(word)} twice`,
    });
  }
  return table;
}

/** Numbers of a vector. */
export function dimensionOf(
  words: number,
  vectors: Float32Array | readonly ArrayLike<number>[],
): number {
  const flat = vectors instanceof Float32Array;
  const dimension = flat ? vectors.length / words : (vectors[0]?.length ?? 0);
  const fits = flat || vectors.length === words;
  if (fits && Number.isInteger(dimension) && dimension > 0) return dimension;
  throw new ShapeError({
    op: "WordVectors",
    expected: `a vector of one size for each of ${words} words`,
    got: `${vectors.length} ${flat ? "numbers" : "vectors"}`,
  });
}

/** Rows one behind the other. */
export function joined(rows: readonly ArrayLike<number>[], dimension: number): Float32Array {
  const values = new Float32Array(rows.length * dimension);
  rows.forEach((row, i) => {
    if (row.length !== dimension)
      throw new ShapeError({
        op: "WordVectors",
        expected: `vectors of ${dimension} numbers`,
        got: `one of ${row.length}`,
      });
    values.set(row, i * dimension);
  });
  return values;
}

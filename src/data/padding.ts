import { checkCall } from "../core/check.js";
import { quoted } from "../core/code-points.js";
import { OptionError } from "../core/errors.js";

export interface PaddedSequences {
  /** Row by row, each filled up at its end. */
  readonly ids: Int32Array;
  /** How many ids of each row are its own: the `lengths` of recurrent layers. */
  readonly lengths: Int32Array;
  /** `[rows, time]` of `ids`. */
  readonly shape: readonly [rows: number, time: number];
}

export interface PadOptions {
  /** The id that fills up. Default 0. */
  padding?: number | undefined;
  /** Length of the rows. Default: that of the longest. */
  time?: number | undefined;
}

/**
 * Sequences of different lengths as one array.
 *
 * @throws OptionError for a sequence longer than `time`, and for what is no whole number of 32 bits: nothing is cut off
 *   in silence
 * @example
 * ```ts
 * const { ids, shape, lengths } = padSequences([[5, 6, 7], [8]]);
 * [...ids]; // [5, 6, 7, 8, 0, 0]
 * [shape, [...lengths]]; // [[2, 3], [3, 1]]
 * ```
 */
export function padSequences(
  sequences: readonly ArrayLike<number>[],
  options: PadOptions = {},
): PaddedSequences {
  checkCall("padSequences", arguments, "sequences:list {padding:number time:number}");
  const { padding = 0, time } = options;
  for (const sequence of sequences) checkCall("padSequences", [sequence], "sequence:list");
  const lengths = Int32Array.from(sequences, ({ length }) => length);
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
  const columns = time ?? longest;
  if (!Number.isInteger(columns) || columns < longest) {
    throw new OptionError({
      op: "padSequences",
      expected: `time to be a whole number of at least ${longest}, the length of sequence ${lengths.indexOf(longest)}`,
      got: String(columns),
      cure: "Slice longer sequences before padding.",
    });
  }
  if (!isId(padding)) throw noId(padding, "padding");
  const ids = new Int32Array(sequences.length * columns).fill(padding);
  sequences.forEach((sequence, row) => {
    checkIds(sequence, row);
    ids.set(sequence, row * columns);
  });
  return { ids, lengths, shape: [sequences.length, columns] };
}

function checkIds(sequence: ArrayLike<number>, row: number): void {
  if (sequence instanceof Int32Array) return;
  for (let i = 0; i < sequence.length; i++)
    if (!isId(sequence[i])) throw noId(sequence[i], `position ${i} of sequence ${row}`);
}

/** Whether an Int32Array holds it as it is. */
function isId(value: unknown): value is number {
  return typeof value === "number" && (value | 0) === value;
}

function noId(value: unknown, place: string): OptionError {
  return new OptionError({
    op: "padSequences",
    expected: "whole numbers of 32 bits",
    got: `${typeof value === "string" ? quoted(value) : String(value)} at ${place}`,
  });
}

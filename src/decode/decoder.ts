import { described } from "../core/described.js";
import { checkCall, checkCount, checkKeys } from "../core/check.js";
import { IndexError, ShapeError } from "../core/errors.js";

/** What `model.decoder(…)` takes, beside what a model writes about. */
export interface DecoderOptions {
  /** Rows at the start: one a prompt. Default: those of the memory that the model reads, or 1. */
  rows?: number | undefined;
  /** Rows at the most, for which the buffers are made: rows · beams, or rows · samples. Default: `rows`. */
  capacity?: number | undefined;
}

/**
 * A model at work as a writer, token by token, on a batch of rows: what {@link greedy}, {@link sample} and
 * {@link beamSearch} need to know of a language model, a translator, a captioner, a composer.
 *
 * Each row is a text in progress with a state of its own, whatever that is made of: a recurrent state, keys and
 * values, which row of the memory it reads (what an encoder made of a source, an image). It begins where the model begins
 * before the first token. The model gives the rows their first state; the first token (a start token, a prompt) is fed
 * by `step` as any other.
 *
 * - Rows are independent: the logits of a row depend on its source and the ids it has read, by no bit on the other
 *   rows, their number or their order. So a batch gives what its rows give one by one (in the plain build).
 * - Buffers are made once, for `capacity` rows; `step` and `select` allocate nothing. What grows with the length, as
 *   keys and values do, grows in blocks.
 * - Rows index the memory: `select` moves indices, never what the encoder made.
 * - The model computes as in `eval()`, without a graph. Its weights must not change while the decoder is in use.
 * - One decoder serves one search, which leaves the rows wherever it ended. Who made it disposes of it.
 */
export interface Decoder {
  /** Rows now: what `step` reads and writes. */
  readonly rows: number;
  /** Rows at the most. */
  readonly capacity: number;
  /** Size of the vocabulary that it writes: logits a row. */
  readonly classes: number;

  /**
   * Feeds one id to each row.
   *
   * @param ids one a row, `[rows]`; what can be read may be more than what is written, such as a start token
   * @param logits where the logits of what comes next go, `[rows, classes]`, all overwritten: -Infinity for what is
   *   out of the question, never NaN or Infinity. Without, the rows only read (a prompt), and the output layer
   *   can be left out. Neither array is kept
   * @throws ShapeError for arrays of another length; IndexError for an id that cannot be read; ScopeError after
   *   `dispose()`
   */
  step(ids: Int32Array, logits?: Float32Array): void;

  /**
   * Reorders, repeats or drops rows: afterwards there are `rows.length`, and row i goes on where row `rows[i]` was.
   *
   * @param rows 1 to `capacity` indices below the number of rows, in any order; not kept
   * @throws ShapeError for none or too many; IndexError for an index out of range; ScopeError after `dispose()`
   */
  select(rows: Int32Array): void;

  /** Frees its buffers. */
  dispose(): void;
}

/**
 * Reads {@link DecoderOptions}: for who implements a decoder.
 *
 * @param sources rows of what the model writes about; default 1
 * @throws OptionError for what are no counts, or a capacity below the rows
 */
export function readDecoderOptions(
  op: string,
  options: DecoderOptions,
  sources = 1,
): { rows: number; capacity: number } {
  checkCall("readDecoderOptions", arguments, "op:string options:object sources?:number");
  checkKeys(op, options, "rows:number capacity:number");
  const { rows, capacity } = options;
  const first = rows ?? sources;
  checkCount(op, "rows", first);
  checkCount(op, "capacity", capacity ?? first, first);
  return { rows: first, capacity: capacity ?? first };
}

/** Refuses what {@link Decoder.step} must refuse, but for the range of ids: for who implements one. */
export function checkStep(
  op: string,
  decoder: Pick<Decoder, "rows" | "classes">,
  ids: Int32Array,
  logits: Float32Array | undefined,
): void {
  checkCall("checkStep", arguments, "op:string decoder:object ids:Int32Array logits?:Float32Array");
  const { rows, classes } = decoder;
  if (ids.length !== rows)
    throw new ShapeError({
      op,
      expected: `an id for each of ${rows} rows`,
      got: `${ids.length} ids`,
    });
  if (logits !== undefined && logits.length !== rows * classes)
    throw new ShapeError({
      op,
      expected: `room for logits [rows=${rows}, classes=${classes}]`,
      got: `for ${logits.length}`,
    });
}

/** Refuses what {@link Decoder.select} must refuse: for who implements one. */
export function checkSelect(
  op: string,
  decoder: Pick<Decoder, "rows" | "capacity">,
  rows: Int32Array,
): void {
  checkCall("checkSelect", arguments, "op:string decoder:object rows:Int32Array");
  if (rows.length < 1 || rows.length > decoder.capacity)
    throw new ShapeError({
      op,
      expected: `1 to ${decoder.capacity} rows`,
      got: described(rows.length),
      cure: "Make the decoder with the capacity that you need.",
    });
  for (const row of rows)
    if (!(row >= 0 && row < decoder.rows))
      throw new IndexError({
        op,
        expected: `rows from 0 to ${decoder.rows - 1}`,
        got: described(row),
      });
}

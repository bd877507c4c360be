// Truncated backpropagation through time over one long stream of ids (a text), in the layout of PyTorch's
// word_language_model example: the stream is cut into `batch` rows that are read side by side, `time` ids at a
// time, so that a state can be carried from each window to the next.
import { checkCall, checkCount } from "../core/check.js";
import { described } from "../core/described.js";
import { IndexError, OptionError } from "../core/errors.js";

/** A step of training: for each row, some ids and, for each of them, the one that follows it. */
export interface StreamWindow {
  /** Its place among the windows, from 0: where the state must be reset. */
  readonly index: number;
  /** Row by row. */
  readonly input: Int32Array;
  readonly target: Int32Array;
  /** `[batch, time]` of both. */
  readonly shape: readonly [batch: number, time: number];
}

export interface StreamWindowsOptions {
  /** Rows that are read side by side. */
  batch: number;
  /** Ids of each row in a window. */
  time: number;
  /** Leave out a last window that is shorter than the others. Default false, as in PyTorch's example. */
  dropLast?: boolean | undefined;
}

/**
 * The windows over a stream: iterate over them (as often as you like), or take one with `at`. Each is made
 * when it is asked for. Rows have ⌊ids / batch⌋ ids; what is left at the stream's end is not used, and the
 * first id of a row is never a target, its last never an input.
 *
 * @example
 * ```ts
 * const windows = new StreamWindows(Int32Array.from({ length: 13 }, (_, i) => i), { batch: 2, time: 3 });
 * const [first] = [...windows];
 * [first!.shape, [...first!.input]]; // [[2, 3], [0, 1, 2, 6, 7, 8]]
 * [...first!.target]; // [1, 2, 3, 7, 8, 9]
 * ```
 */
export class StreamWindows implements Iterable<StreamWindow> {
  /** Number of windows. */
  readonly length: number;
  readonly batch: number;
  readonly time: number;
  readonly #ids: Int32Array;
  /** Ids in a row. */
  readonly #row: number;

  /** @throws OptionError for a stream that is too short for one window */
  constructor(ids: Int32Array, options: StreamWindowsOptions) {
    checkCall(
      "StreamWindows",
      arguments,
      "ids:Int32Array {batch!:number time!:number dropLast:boolean}",
    );
    const { batch, time, dropLast = false } = options;
    checkCount("StreamWindows", "batch", batch);
    checkCount("StreamWindows", "time", time);
    this.batch = batch;
    this.time = time;
    this.#ids = ids;
    this.#row = Math.floor(ids.length / batch);
    const steps = this.#row - 1;
    this.length = dropLast ? Math.floor(steps / time) : Math.ceil(steps / time);
    if (this.length < 1) {
      const least = batch * (dropLast ? time + 1 : 2);
      throw new OptionError({
        op: "StreamWindows",
        expected: `at least ${least} ids for ${batch} rows`,
        got: `${ids.length}`,
        cure: dropLast
          ? "Use a smaller batch or time, or more text."
          : "Use fewer rows, or more text.",
      });
    }
  }

  /** @throws IndexError outside 0..length-1 */
  at(index: number): StreamWindow {
    checkCall("StreamWindows.at", arguments, "index?");
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw new IndexError({
        op: "StreamWindows.at",
        expected: `an index from 0 to ${this.length - 1}`,
        got: described(index),
      });
    }
    const start = index * this.time;
    const time = Math.min(this.time, this.#row - 1 - start);
    const input = new Int32Array(this.batch * time);
    const target = new Int32Array(this.batch * time);
    for (let row = 0; row < this.batch; row++) {
      const from = row * this.#row + start;
      input.set(this.#ids.subarray(from, from + time), row * time);
      target.set(this.#ids.subarray(from + 1, from + 1 + time), row * time);
    }
    return { index, input, target, shape: [this.batch, time] };
  }

  /** The windows from an index on: a run that stopped before window `n` goes on with `from(n)`. */
  from(index: number): Generator<StreamWindow, void> {
    checkCall("StreamWindows.from", arguments, "index:number");
    checkCount("StreamWindows.from", "index", index, 0);
    return this.#from(index);
  }

  *#from(index: number): Generator<StreamWindow, void> {
    for (let i = index; i < this.length; i++) yield this.at(i);
  }

  [Symbol.iterator](): Generator<StreamWindow, void> {
    return this.from(0);
  }
}

import { BYTES_PER_ELEMENT } from "../core/dtype.js";
import { running } from "../core/running.js";
import { allocateBlock, type Storage } from "../tensor/storage.js";
import { kernels } from "../wasm/backend.js";
import { CheckedView } from "../wasm/memory.js";
import type { Decoder } from "./decoder.js";
import { notLogits } from "./logits.js";

/** A decoder with the buffers of a search: what rows read next, the logits, the log-probabilities of one row. */
export class Steps {
  /** What each row reads next. */
  readonly ids: Int32Array;
  /** The row that each row of the next step goes on from. */
  readonly from: Int32Array;
  readonly #op: string;
  readonly #decoder: Decoder;
  readonly #logits: Float32Array;
  readonly #block: Storage;
  readonly #row: CheckedView;
  #count = 0;

  /** @param rows the most that the search needs */
  constructor(op: string, decoder: Decoder, rows: number) {
    running.op = op;
    const { classes } = decoder;
    this.#op = op;
    this.#decoder = decoder;
    this.ids = new Int32Array(rows);
    this.from = new Int32Array(rows);
    this.#logits = new Float32Array(rows * classes);
    this.#block = allocateBlock(classes * BYTES_PER_ELEMENT);
    this.#row = new CheckedView(this.#block.ptr, classes);
  }

  /** Feeds the first `rows` of `ids`; without `reads`, no row needs logits. */
  feed(rows: number, reads: boolean): void {
    this.#count++;
    const ids = this.ids.subarray(0, rows);
    if (reads) this.#decoder.step(ids, this.#logits.subarray(0, rows * this.#decoder.classes));
    else this.#decoder.step(ids);
  }

  /** The logits of a row, as the decoder wrote them. */
  logits(row: number): Float32Array {
    const { classes } = this.#decoder;
    return this.#logits.subarray(row * classes, (row + 1) * classes);
  }

  /**
   * The log-probabilities of a row, none above 0: valid until the next call, the caller's to change.
   *
   * @throws NumericError for logits that are NaN, Infinity, or -Infinity all of them
   */
  logProbabilities(row: number): Float32Array {
    const values = this.#row.current;
    const { ptr } = this.#block;
    values.set(this.logits(row));
    kernels().logSoftmaxForward(ptr, ptr, 1, values.length, NaN);
    // Either all are NaN or none.
    if (Number.isNaN(values[0]))
      throw notLogits(this.#op, this.logits(row), ` in row ${row} of step ${this.#count}`);
    return values;
  }

  /** The log-probability of an id in the row that was last asked for, unless it was changed. */
  logProbability(id: number): number {
    return this.#row.current[id]!;
  }

  /** Goes on with `rows` rows: where each of them stood is in `from`. */
  select(rows: number): void {
    const { from } = this;
    let same = rows === this.#decoder.rows;
    for (let row = 0; same && row < rows; row++) same = from[row] === row;
    if (!same) this.#decoder.select(from.subarray(0, rows));
  }

  dispose(): void {
    this.#block.free();
  }
}

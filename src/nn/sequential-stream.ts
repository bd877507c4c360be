import { IndexError, ScopeError, ShapeError } from "../core/errors.js";
import { readStateBytes, writeStateBytes, type StateHeader } from "./state-bytes.js";
import type { Stage } from "./steps.js";

/**
 * A chain of layers that runs step by step, made by {@link streamOf}: the same bits as `forward` gives for the whole
 * sequence. It owns copies of the weights as they were when it was made, and `push` leaves nothing in kernel memory.
 *
 * `X` is what a step is: a Float32Array of `rows · inputSize` numbers, or an Int32Array of `rows` ids.
 */
export class SequentialStream<X extends Float32Array | Int32Array = Float32Array> {
  /** Numbers of a row's output. */
  readonly outputSize: number;
  /** Rows at the start, and at the most. */
  readonly batch: number;
  readonly #stages: readonly Stage[];
  #rows: number;
  #live = true;

  /** @internal */
  constructor(stages: readonly Stage[], batch: number, rows = batch) {
    this.#stages = stages;
    this.batch = batch;
    this.#rows = rows;
    this.outputSize = stages.at(-1)!.outputSize;
  }

  /** Rows now: `batch`, or as {@link select} left them. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * One time step.
   *
   * @param x of every row, row by row
   * @param out where the output goes, `rows · outputSize` numbers; default: an array of the stream's own, overwritten
   *   by the next push
   * @throws ShapeError for another number of numbers or ids; IndexError for an id outside the table
   */
  push(x: X, out?: Float32Array): Float32Array {
    this.#check("push");
    const expected = this.#rows * this.outputSize;
    if (out && out.length !== expected)
      throw new ShapeError({
        op: "streamOf.push",
        expected: `room for ${expected} numbers`,
        got: String(out.length),
      });
    let current: Float32Array | Int32Array = x;
    for (const stage of this.#stages) current = stage.push(current as never);
    const result = current as Float32Array;
    if (!out) return result;
    out.set(result);
    return out;
  }

  /**
   * Reorders, repeats or drops rows: afterwards there are `order.length`, and row i goes on where row `order[i]` was.
   *
   * @param order 1 to `batch` indices of rows, in any order
   * @throws ShapeError for none or too many; IndexError for an index out of range
   */
  select(order: Int32Array): void {
    this.#check("select");
    const op = "streamOf.select";
    if (order.length < 1 || order.length > this.batch)
      throw new ShapeError({ op, expected: `1 to ${this.batch} rows`, got: String(order.length) });
    const wrong = order.find((row) => !(row >= 0 && row < this.#rows));
    if (wrong !== undefined)
      throw new IndexError({
        op,
        expected: `rows from 0 to ${this.#rows - 1}`,
        got: String(wrong),
      });
    for (const stage of this.#stages) stage.select(order);
    this.#rows = order.length;
  }

  /** Back to the start: `batch` rows of zeros. */
  reset(): void {
    this.#check("reset");
    for (const stage of this.#stages) stage.reset();
    this.#rows = this.batch;
  }

  /** Another stream with the same weights (shared) and a copy of the state. */
  clone(): SequentialStream<X> {
    this.#check("clone");
    const stages = this.#stages.map((stage) => stage.clone());
    return new SequentialStream<X>(stages, this.batch, this.#rows);
  }

  /** The state of all its layers as bytes, with a version and a checksum: {@link fromBytes} reads them. */
  toBytes(): Uint8Array {
    this.#check("toBytes");
    return writeStateBytes(this.#header(), this.#slabs("toBytes"));
  }

  /**
   * Continues from a state that {@link toBytes} gave, of a stream of the same layers and rows.
   *
   * @throws FormatError for bytes that are damaged or of another stream; the state is left as it is
   */
  fromBytes(bytes: Uint8Array): void {
    this.#check("fromBytes");
    const values = readStateBytes(bytes, this.#header());
    let start = 0;
    for (const slab of this.#slabs("fromBytes")) {
      slab.set(values.subarray(start, start + slab.length));
      start += slab.length;
    }
  }

  /** Frees its memory. */
  dispose(): void {
    if (!this.#live) return;
    this.#live = false;
    for (const stage of this.#stages) stage.dispose();
  }

  #header(): StateHeader {
    const all = this.#stages.map((stage) => stage.header());
    return {
      cell: `sequential of ${
        all
          .map(({ cell }) => cell)
          .filter(Boolean)
          .join(", ") || "no state"
      }`,
      sizes: [this.#rows, ...all.flatMap(({ sizes }) => sizes)],
      values: all.reduce((sum, { values }) => sum + values, 0),
    };
  }

  #slabs(op: string): Float32Array[] {
    return this.#stages.flatMap((stage) => stage.slabs(op));
  }

  #check(op: string): void {
    if (!this.#live)
      throw new ScopeError({
        op: `streamOf.${op}`,
        expected: "a live stream",
        got: "one that was disposed of",
      });
  }
}

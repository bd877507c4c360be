import { FormatError, IndexError, ScopeError, ShapeError } from "../core/errors.js";
import { OTHER_STREAM, type Stage } from "./steps.js";

/**
 * A chain of layers that runs step by step, made by {@link streamOf}: the same bits as `forward` gives for the whole
 * sequence. It owns copies of the weights as they were when it was made, and `push` leaves nothing in kernel memory.
 *
 * `X` is what a step is: a Float32Array of `rows · inputSize` numbers, or an Int32Array of `rows` ids.
 *
 * @example
 * ```ts
 * const model = new Sequential(new LSTM(2, 8), new Linear(8, 1));
 * const stream = streamOf(model);
 * stream.push(Float32Array.of(1, 2)).length; // 1
 * stream.dispose();
 * ```
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

  /** The state of all its layers as bytes, each with a version and a checksum: {@link fromBytes} reads them. */
  toBytes(): Uint8Array {
    this.#check("toBytes");
    const parts = this.#stages.map((stage) => stage.toBytes());
    const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + 4 + length, 0));
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (const part of parts) {
      view.setUint32(at, part.length, true);
      bytes.set(part, at + 4);
      at += 4 + part.length;
    }
    return bytes;
  }

  /**
   * Continues from a state that {@link toBytes} gave, of a stream of the same layers and rows.
   *
   * @throws FormatError for bytes that are damaged or of another stream; the state is left as it is
   */
  fromBytes(bytes: Uint8Array): void {
    this.#check("fromBytes");
    const parts = partsOf(bytes, this.#stages.length);
    const before = this.#stages.map((stage) => stage.toBytes());
    try {
      this.#stages.forEach((stage, i) => stage.fromBytes(parts[i]!));
    } catch (error) {
      this.#stages.forEach((stage, i) => stage.fromBytes(before[i]!));
      throw error;
    }
  }

  /** Frees its memory. */
  dispose(): void {
    if (!this.#live) return;
    this.#live = false;
    for (const stage of this.#stages) stage.dispose();
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

/** The stages' bytes, each behind its length. */
function partsOf(bytes: Uint8Array, count: number): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let end = 0;
  while (end + 4 <= bytes.length) {
    const start = end + 4;
    end = start + view.getUint32(end, true);
    parts.push(bytes.subarray(start, end));
  }
  if (parts.length !== count || end !== bytes.length) throw new FormatError(OTHER_STREAM);
  return parts;
}

import { checkCall } from "../../core/check.js";
import { FormatError, ScopeError, ShapeError } from "../../core/errors.js";
import { attendStepScratchBytes } from "../../ops/attention/step.js";
import { RotaryAngles } from "../../ops/rotary-angles.js";
import { CheckedView } from "../../wasm/memory.js";
import type { Ptr } from "../../wasm/ptr.js";
import { checkRows } from "../check-rows.js";
import { SharedWeights } from "../decoder/shared-weights.js";
import type { LayerNorm } from "../layer-norm.js";
import type { RMSNorm } from "../rms-norm.js";
import { readStateBytes, writeStateBytes, type StateHeader } from "../state-bytes.js";
import { KeptSteps } from "./kept-steps.js";
import type { TransformerLayer } from "./layer.js";
import { StepBuffers } from "./stream-buffers.js";
import { checkAlike, packLayer, packNorm } from "./stream-layers.js";
import type { StreamSources } from "./stream-sources.js";
import { StackStep, type StreamParts } from "./stream-step.js";

/** A position is written as two whole numbers below this, which are exact in float32. */
const DIGIT = 1 << 23;

/**
 * A causal stack step by step: it keeps the keys and values of what it has read, so that a step costs no more than its own
 * products and one look at each kept step. Packed copies of the weights are as they were when it began; `push` allocates
 * nothing but, now and then, more room for keys and values. Rows are independent of each other, to the bit in the plain build,
 * where a stream gives the bits of `forward` with `causal: true` in evaluation mode (to rounding where a `window` slides).
 *
 * @example
 * ```ts
 * const encoder = new TransformerEncoder(new TransformerEncoderLayer(4, 2, { dimFeedforward: 8 }), 2);
 * const stream = encoder.stream();
 * stream.push(Float32Array.of(1, 2, 3, 4)).length; // 4
 * const saved = stream.toBytes();
 * stream.fromBytes(saved);
 * stream.dispose();
 * ```
 */
export class TransformerStream {
  /** Numbers of a row that `push` takes, and that it gives. */
  readonly inputSize: number;
  readonly outputSize: number;
  /** Rows at the start, and after `reset()`. */
  readonly batch: number;
  /** Rows at the most. */
  readonly capacity: number;
  readonly #shared: StreamParts;
  readonly #buffers: StepBuffers;
  readonly #kept: KeptSteps;
  readonly #step: StackStep;
  readonly #angles: RotaryAngles | undefined;
  readonly #angleView: CheckedView;
  /** The source of each row. */
  readonly #sources: Int32Array;
  readonly #before: Int32Array;
  #position = 0;
  #rows = 0;
  #input!: CheckedView;
  #output!: CheckedView;
  #own!: Float32Array;

  /** @internal Made by a stack's `stream()`. */
  constructor(shared: StreamParts, batch: number) {
    const { dModel, heads, hidden, capacity, rotary, layers } = shared;
    const size = dModel / heads;
    this.inputSize = this.outputSize = dModel;
    this.batch = batch;
    this.capacity = capacity;
    this.#shared = shared;
    shared.holders++;
    const scratchBytes = attendStepScratchBytes(size);
    this.#buffers = new StepBuffers(capacity, { dModel, hidden, size, scratchBytes });
    this.#kept = new KeptSteps(layers.length, capacity, dModel, shared.window);
    this.#angles = rotary && new RotaryAngles(size, rotary.base);
    this.#angleView = new CheckedView(this.#buffers.angles, size);
    this.#sources = new Int32Array(capacity);
    this.#before = new Int32Array(capacity);
    this.#step = new StackStep(shared, this.#buffers, this.#kept);
    this.#begin();
  }

  /** @internal Packs the weights of layers, which are alike in what they share. */
  static of_(
    op: string,
    given: readonly TransformerLayer[],
    norm: LayerNorm | RMSNorm | undefined,
    batch: number,
    capacity: number,
    sources?: StreamSources,
  ): TransformerStream {
    checkAlike(op, given);
    const [{ dModel, numHeads: heads, options }] = given as [TransformerLayer];
    const packer = new SharedWeights(capacity, op);
    const layers = given.map((layer) => packLayer(packer, layer));
    const { rotary, window } = options;
    const hidden = Math.max(...layers.map(({ linear1 }) => linear1.sizes.n));
    return new TransformerStream(
      {
        ...{ op, packer, layers, dModel, heads, hidden, rotary, window, capacity, sources },
        norm: norm && packNorm(packer, norm),
        holders: 0,
      },
      batch,
    );
  }

  /** Rows now: `batch`, or as {@link select} left them. */
  get rows(): number {
    return this.#rows;
  }

  /** Steps that were read since the start. */
  get position(): number {
    return this.#position;
  }

  /**
   * One time step.
   *
   * @param x `rows · inputSize` numbers, row by row
   * @param out where the output goes, as many; default: an array of the stream's own, overwritten by the next push
   * @throws ShapeError for arrays of another length; ScopeError after `dispose()`
   */
  push(x: Float32Array, out: Float32Array = this.#own): Float32Array {
    const { op } = this.#shared;
    // Told apart before: a check of every argument would show in a stream.
    if (!(x instanceof Float32Array && out instanceof Float32Array) || arguments.length > 2)
      checkCall(`${op}.push`, arguments, "x:Float32Array out?:Float32Array");
    this.#live("push");
    const expected = this.#own.length;
    if (x.length !== expected || out.length !== expected)
      throw new ShapeError({
        op: `${op}.push`,
        expected: `${expected} numbers in and room for ${expected} out`,
        got: `${x.length} and ${out.length}`,
      });
    this.#input.current.set(x);
    this.run_();
    out.set(this.#output.current);
    return out;
  }

  /** @internal Where a step's input goes, `rows · inputSize` numbers, before {@link run_}. */
  get input_(): Ptr {
    return this.#buffers.x;
  }

  /** @internal One step of what stands at the input; where the output is, until the next one. */
  run_(): Ptr {
    this.#kept.begin(this.#rows);
    this.#buffers.setCounts(this.#rows, this.#kept.count);
    if (this.#angles) {
      this.#angles.write(this.#angleView.current, 0);
      this.#angles.advance();
    }
    this.#step.run(this.#rows);
    this.#position++;
    return this.#buffers.x;
  }

  /**
   * Reorders, repeats or drops rows, as a beam search does: afterwards there are `order.length`, and row i goes on where row
   * `order[i]` was.
   *
   * @param order 1 to `capacity` indices of rows, in any order
   * @throws ShapeError for none or too many; IndexError for an index out of range; ScopeError after `dispose()`
   */
  select(order: Int32Array): void {
    const op = `${this.#shared.op}.select`;
    checkCall(op, arguments, "order:list");
    this.#live("select");
    checkRows(op, order, this.#rows, this.capacity);
    this.#kept.select(order);
    this.#before.set(this.#sources);
    for (let i = 0; i < order.length; i++) this.#sources[i] = this.#before[order[i]!]!;
    this.#resize(order.length);
  }

  /** Back to the start: `batch` rows that have read nothing. */
  reset(): void {
    this.#live("reset");
    this.#kept.clear();
    this.#begin();
  }

  /** Another stream with the same weights (shared) and a copy of what was read. */
  clone(): TransformerStream {
    this.#live("clone");
    const copy = new TransformerStream(this.#shared, this.batch);
    copy.#kept.copyFrom(this.#kept, this.#rows);
    copy.#sources.set(this.#sources);
    copy.#seek(this.#position);
    copy.#resize(this.#rows);
    return copy;
  }

  /** What it keeps, as bytes with a version and a checksum: store them, send them, {@link fromBytes} reads them. */
  toBytes(): Uint8Array {
    this.#live("toBytes");
    const place = Float32Array.of(this.#position % DIGIT, Math.floor(this.#position / DIGIT));
    const sources = Float32Array.from(this.#sources.subarray(0, this.#rows));
    return writeStateBytes(this.#header(this.#kept.count), [place, sources, ...this.#views()]);
  }

  /**
   * Goes on from a state that {@link toBytes} gave, of a stream of the same sizes and rows.
   *
   * @throws FormatError for bytes that are damaged or of another stream; the state is left as it is
   */
  fromBytes(bytes: Uint8Array): void {
    const op = `${this.#shared.op}.fromBytes`;
    checkCall(op, arguments, "bytes:Uint8Array");
    this.#live("fromBytes");
    const fixed = writeStateBytes(this.#header(0), []).length / 4 + 2 + this.#rows;
    const width = 2 * this.#shared.dModel * this.#shared.layers.length * this.#rows;
    const count = Math.max(0, Math.floor((bytes.length / 4 - fixed) / width));
    const values = readStateBytes(bytes, this.#header(count));
    const position = values[0]! + values[1]! * DIGIT;
    const known = this.#shared.sources?.lengths.length ?? 1;
    const sources = values.subarray(2, 2 + this.#rows);
    const most = Math.min(position, this.#shared.window ?? Infinity);
    if (count > most || sources.some((source) => source >= known))
      throw new FormatError({ op, expected: "the state of such a stream", got: "that of another" });
    this.#kept.resize(this.#rows, count);
    let start = 2 + this.#rows;
    for (const view of this.#views()) {
      view.set(values.subarray(start, start + view.length));
      start += view.length;
    }
    this.#sources.set(sources);
    this.#seek(position);
    this.#resize(this.#rows);
  }

  /** Frees its memory. */
  dispose(): void {
    if (!this.#buffers.live) return;
    this.#buffers.free();
    this.#kept.free();
    if (--this.#shared.holders > 0) return;
    this.#shared.packer.release();
    this.#shared.sources?.free();
  }

  #begin(): void {
    const sources = this.#shared.sources?.lengths.length ?? 1;
    for (let row = 0; row < this.batch; row++) this.#sources[row] = row % sources;
    this.#seek(0);
    this.#resize(this.batch);
  }

  #seek(position: number): void {
    this.#position = position;
    this.#angles?.seek(position);
  }

  #resize(rows: number): void {
    const { sources, dModel } = this.#shared;
    this.#buffers.setSlots(rows, this.#kept.slots);
    if (sources) this.#buffers.setSources(rows, this.#sources, sources.lengths);
    if (rows === this.#rows) return;
    this.#rows = rows;
    this.#input = new CheckedView(this.#buffers.x, rows * dModel);
    this.#output = new CheckedView(this.#buffers.x, rows * dModel);
    this.#own = new Float32Array(rows * dModel);
  }

  #views(): Float32Array[] {
    return this.#shared.layers.flatMap((_, layer) =>
      Array.from({ length: this.#rows }, (__, row) => this.#kept.view(layer, row)),
    );
  }

  #header(count: number): StateHeader {
    const { layers, dModel, op } = this.#shared;
    const rows = this.#rows;
    return {
      cell: op,
      sizes: [2, layers.length, rows, dModel],
      values: 2 + rows + count * 2 * dModel * layers.length * rows,
    };
  }

  #live(method: string): void {
    if (!this.#buffers.live)
      throw new ScopeError({
        op: `${this.#shared.op}.${method}`,
        expected: "a live stream",
        got: "one that was disposed of",
      });
  }
}

import { checkCall, checkCount } from "../../core/check.js";
import { OptionError, ScopeError, ShapeError } from "../../core/errors.js";
import { attendRows, type Attended, type Queries } from "../../ops/decoder/attend.js";
import { product, rowProduct } from "../../ops/products.js";
import type { PackedLayer } from "../../ops/recurrent/step.js";
import type { Tensor } from "../../tensor/tensor.js";
import { kernels } from "../../wasm/backend.js";
import { CheckedView, copyBytes, i32 } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { checkRows } from "../check-rows.js";
import { checkInputs, type DecoderInputs, type InputSizes } from "./inputs.js";
import { attendedOf, type DecoderParts } from "./parts.js";
import { SharedWeights } from "./shared-weights.js";
import { DecoderStreamMemory } from "./stream-memory.js";

export interface DecoderStreamOptions extends DecoderInputs {
  /**
   * Rows at the start: row i reads row i of the memory, of the encoding and of the state; where there are more rows, those
   * begin again at 0. A multiple of their number. Default: that number, or 1 without any.
   */
  rows?: number | undefined;
  /** Rows at the most, for which the buffers are made. Default: `rows`. */
  capacity?: number | undefined;
}

const OP = "RecurrentDecoder.stream";

/** Rows of what may be no tensor, which is refused later. */
function sourcesOf(given: Tensor | undefined, axis: number): number | undefined {
  return (given as Partial<Tensor> | undefined)?.shape?.[axis];
}

/**
 * A decoder step by step, on a batch of rows: it holds packed copies of the weights as they were when it began (streams share
 * them), the state of each row and its buffers, and `push` allocates nothing. Rows index the memory and the encoding, which must live as long as the stream. Rows are
 * independent of each other, to the bit in the plain build, where a stream gives the bits of `forward` in evaluation mode.
 *
 * @example
 * ```ts
 * const decoder = new RecurrentDecoder(2, 4, { memorySize: 3 });
 * const memory = decoder.memory(randn([2, 5, 3]));
 * const stream = decoder.stream({ memory, capacity: 6 });
 * stream.push(Float32Array.of(1, 2, 3, 4)).length; // 8
 * stream.select(Int32Array.of(0, 0, 1, 1)); // two beams each
 * stream.dispose();
 * ```
 */
export class DecoderStream {
  /** Numbers of a row that `push` takes. */
  readonly inputSize: number;
  /** Numbers of a row that it gives. */
  readonly outputSize: number;
  /** Rows at the most. */
  readonly capacity: number;
  readonly #parts: DecoderParts;
  readonly #sizes: InputSizes;
  readonly #weights: SharedWeights;
  readonly #layers: readonly PackedLayer[];
  readonly #queryWeight: Ptr;
  readonly #combineWeight: Ptr;
  readonly #attended: Attended | undefined;
  readonly #encoding: Tensor | undefined;
  readonly #memory: DecoderStreamMemory;
  readonly #keys: number;
  #rows = 0;
  /** Rows of a step: no stream of several rows goes down to one, whose weights would be packed otherwise. */
  #steps = { batch: 0, hiddenSize: 0, outputSize: 0 };
  #queries: Queries | undefined;
  #input: CheckedView;
  #output: CheckedView;
  #shares: CheckedView;
  #own: Float32Array;
  #ownShares: Float32Array;

  /** @internal Made by `RecurrentDecoder.stream()`. */
  constructor(
    parts: DecoderParts,
    inputSize: number,
    sizes: InputSizes,
    { memory, encoding, state, rows: given, capacity: most }: DecoderStreamOptions,
  ) {
    const sources =
      sourcesOf(memory?.values, 0) ?? sourcesOf(encoding, 0) ?? sourcesOf(state?.h, 1) ?? 1;
    const rows = given ?? sources;
    const capacity = most ?? rows;
    checkCount(OP, "rows", rows);
    checkCount(OP, "capacity", capacity, rows);
    if (rows % sources !== 0)
      throw new OptionError({
        op: OP,
        expected: `rows to be a multiple of ${sources}, the rows of memory, encoding and state`,
        got: String(rows),
        cure: "Begin with one row for each, and take those you need by select().",
      });
    const begun = checkInputs(OP, sizes, sources, { memory, encoding, state });
    const { memorySize: context, encodingSize, hiddenSize: hidden, fedSize: fed } = sizes;
    const { attention, combine, cell, layers } = parts;
    const query = attention?.queryProjection?.weight;
    const vector = combine?.weight.shape[0] ?? 0;
    this.#keys = memory?.values.shape[1] ?? 0;
    this.inputSize = inputSize;
    this.outputSize = (vector || hidden + context) + encodingSize;
    this.capacity = capacity;
    [this.#parts, this.#sizes, this.#encoding] = [parts, sizes, encoding];
    this.#attended = memory && attendedOf(attention!, memory);
    this.#weights = new SharedWeights(capacity);
    this.#layers = layers.map((layer) => ({
      ...cell.pack(layer, this.#weights),
      inputSize: layer.inputWeight.shape[1]!,
    }));
    this.#queryWeight = query ? this.#weights.matrix(query) : 0;
    this.#combineWeight = combine ? this.#weights.matrix(combine.weight) : 0;
    this.#memory = new DecoderStreamMemory(capacity, {
      ...{ input: inputSize, hidden, encoding: encodingSize, context, vector, fed },
      reads: layers.map(({ inputWeight }) => inputWeight.shape[1]!),
      parts: cell.parts.length,
      query: query?.shape[0] ?? 0,
      keys: this.#keys,
      output: this.outputSize,
      scratch: hidden * cell.stepScratch,
    });
    [this.#input, this.#output, this.#shares, this.#own, this.#ownShares] = this.#views(rows);
    this.#begin(begun, sources, rows);
  }

  /** Rows now. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * One step.
   *
   * @param x `rows · inputSize` numbers, row by row
   * @param out where the output goes, `rows · outputSize` numbers; default: an array of the stream's own, overwritten by
   *   the next push
   * @throws ShapeError for arrays of another length; ScopeError after `dispose()`
   */
  push(x: Float32Array, out: Float32Array = this.#own): Float32Array {
    checkCall(`${OP}.push`, arguments, "x:Float32Array out?:Float32Array");
    this.#live("push");
    const input = this.#input.current;
    if (x.length !== input.length || out.length !== this.#own.length)
      throw new ShapeError({
        op: `${OP}.push`,
        expected: `${input.length} numbers in and room for ${this.#own.length} out`,
        got: `${x.length} and ${out.length}`,
      });
    input.set(x);
    this.#step();
    out.set(this.#output.current);
    return out;
  }

  /**
   * One step of who has the input in the kernels' memory: `write` puts it at the address that it gets, `rows · inputSize`
   * numbers.
   *
   * @internal
   * @returns where the output is, until the next step
   */
  run(write: (x: Ptr) => void): Ptr {
    this.#live("push");
    write(this.#memory.x);
    this.#step();
    return this.#memory.output;
  }

  /**
   * The attention's weights in the last step, `rows · keys` numbers, row by row: an array of the stream's own, overwritten
   * by the next call. After `select` they are those of the rows that were there.
   *
   * @throws OptionError without attention
   */
  weights(): Float32Array {
    this.#live("weights");
    if (!this.#attended)
      throw new OptionError({ op: `${OP}.weights`, expected: "attention", got: "none" });
    this.#ownShares.set(this.#shares.current);
    return this.#ownShares;
  }

  /**
   * Reorders, repeats or drops rows: afterwards there are `order.length`, and row i goes on where row `order[i]` was.
   *
   * @param order 1 to `capacity` indices of rows, in any order
   * @throws ShapeError for none or too many; IndexError for an index out of range; ScopeError after `dispose()`
   */
  select(order: Int32Array): void {
    checkCall(`${OP}.select`, arguments, "order:list");
    this.#live("select");
    checkRows(`${OP}.select`, order, this.#rows, this.capacity);
    this.#memory.select(order);
    this.#resize(order.length);
  }

  /** Frees its memory, not that of the memory and the encoding it read. */
  dispose(): void {
    if (!this.#memory.live) return;
    this.#memory.free();
    this.#weights.release();
  }

  /** @param begun what of the state is given; the memory begins as zeros */
  #begin(begun: Readonly<Record<string, Tensor>>, sources: number, rows: number): void {
    const { states, fed } = this.#memory;
    const order = Int32Array.from({ length: rows }, (_, row) => row % sources);
    const { feed, ...parts } = begun;
    // The rows of the sources first, which fit: then one pick makes rows of them.
    if (feed) copyBytes(fed, feed.address(OP), bytesOf(feed.size));
    this.#sizes.parts.forEach((name, p) => {
      const part = parts[name];
      if (!part) return;
      const slab = part.size / states.length;
      states.forEach((own, layer) =>
        copyBytes(own[p]!, at(part.address(OP), layer * slab), bytesOf(slab)),
      );
    });
    i32(this.#memory.sources, sources).set(order.subarray(0, sources));
    this.#memory.select(order);
    this.#resize(rows);
  }

  #resize(rows: number): void {
    const { hiddenSize } = this.#sizes;
    const { query, sources } = this.#memory;
    if (this.#encoding) this.#memory.spread(this.#encoding, OP, rows);
    if (rows === this.#rows) return;
    this.#rows = rows;
    const batch = Math.max(rows, Math.min(this.capacity, 2));
    this.#steps = { batch, hiddenSize, outputSize: hiddenSize };
    const keySize = this.#attended?.keys.shape[2] ?? 0;
    this.#queries = {
      ...{ rows, query, queryRow: keySize, contextRow: this.#sizes.memorySize },
      ...{ index: sources, active: 0 },
    };
    [this.#input, this.#output, this.#shares, this.#own, this.#ownShares] = this.#views(rows);
  }

  /** The input, the output, the weights, and arrays for the last two. */
  #views(rows: number): [CheckedView, CheckedView, CheckedView, Float32Array, Float32Array] {
    const { x, output, weights } = this.#memory;
    const [size, shares] = [rows * this.outputSize, rows * this.#keys];
    return [
      new CheckedView(x, rows * this.inputSize),
      new CheckedView(output, size),
      new CheckedView(weights, shares),
      new Float32Array(size),
      new Float32Array(shares),
    ];
  }

  #step(): void {
    const { cell, combine, residual } = this.#parts;
    const { encodingSize, hiddenSize: H, memorySize: M, fedSize } = this.#sizes;
    const { x, reads, states, sums, scratch, fed, context, output } = this.#memory;
    const layers = this.#layers;
    const gnmt = fedSize > 0 && !combine;
    let below = x;
    for (let layer = 0; layer < layers.length; layer++) {
      const own = layers[layer]!;
      const width = layer === 0 ? this.inputSize : H;
      const feeds = layer === 0 || gnmt ? fedSize : 0;
      let read = below;
      if (width < own.inputSize) {
        read = reads[layer]!;
        this.#copy(at(read, encodingSize), own.inputSize, below, width);
        this.#copy(at(read, encodingSize + width), own.inputSize, fed, feeds);
      }
      const hidden = states[layer]![0]!;
      cell.step(states[layer]!, scratch, read, own, this.#steps);
      if (residual && layer > 0) {
        const sum = sums[layer & 1]!;
        kernels().add(sum, hidden, below, this.#rows * H);
        below = sum;
      } else below = hidden;
      if (gnmt && layer === 0) this.#attend(below, fed);
    }
    if (combine) {
      this.#attend(below, context);
      this.#combine(below);
      return;
    }
    this.#copy(output, this.outputSize, below, H);
    if (gnmt) this.#copy(at(output, H), this.outputSize, fed, M);
  }

  /** The context of each row's query, which is or is made of what the layers gave. */
  #attend(hidden: Ptr, context: Ptr): void {
    const { query, weights } = this.#memory;
    const queries = this.#queries!;
    queries.query = hidden;
    if (this.#queryWeight) {
      this.#product(query, hidden, this.#queryWeight, queries.queryRow, this.#sizes.hiddenSize);
      queries.query = query;
    }
    attendRows(OP, context, weights, this.#attended!, queries);
  }

  /** The attentional vector: to the output, and to what is fed back. */
  #combine(hidden: Ptr): void {
    const { hiddenSize: H, memorySize: M, fedSize } = this.#sizes;
    const { context, joined, vector, output, fed } = this.#memory;
    const A = this.outputSize - this.#sizes.encodingSize;
    this.#copy(joined, M + H, context, M);
    this.#copy(at(joined, M), M + H, hidden, H);
    this.#product(vector, joined, this.#combineWeight, A, M + H);
    kernels().tanhForward(vector, vector, this.#rows * A);
    this.#copy(output, this.outputSize, vector, A);
    this.#copy(fed, fedSize, vector, fedSize);
  }

  #product(to: Ptr, from: Ptr, weight: Ptr, n: number, k: number): void {
    const m = this.#steps.batch;
    if (m === 1) rowProduct(to, from, weight, 0, n, k);
    else product(to, from, weight, { m, n, k });
  }

  /** Rows of `columns` numbers, close together, to rows `stride` apart. */
  #copy(to: Ptr, stride: number, from: Ptr, columns: number): void {
    if (columns > 0) kernels().copyRows(to, from, this.#rows, columns, stride, columns);
  }

  #live(method: string): void {
    if (!this.#memory.live)
      throw new ScopeError({
        op: `${OP}.${method}`,
        expected: "a live stream",
        got: "one that was disposed of",
      });
  }
}

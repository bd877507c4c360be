import { checkCall } from "../../core/check.js";
import { IndexError, ScopeError, ShapeError } from "../../core/errors.js";
import { allocateBlock, type Storage } from "../../tensor/storage.js";
import { buffer, kernels } from "../../wasm/backend.js";
import { CheckedView, i32 } from "../../wasm/memory.js";
import { at, bytesOf, type Ptr } from "../../wasm/ptr.js";
import { SharedWeights } from "../decoder/shared-weights.js";
import { applyLinear, packModule, type PackedLinear } from "../transformer/stream-layers.js";
import type { TransformerStream } from "../transformer/stream.js";
import type { GPT } from "./gpt.js";

const OP = "GPT.stream";

/** Copies of what stands before and behind the layers, which clones share. */
interface Shared {
  readonly packer: SharedWeights;
  readonly table: Ptr;
  /** Learned positions, `[contextLength, dModel]`, or 0. */
  readonly positions: Ptr;
  readonly contextLength: number;
  readonly head: PackedLinear;
  readonly numEmbeddings: number;
  holders: number;
}

/**
 * A {@link GPT} token by token, made by its `stream()`: {@link TransformerStream} between the embedding and the output layer,
 * with the bits that `forward` gives in evaluation mode.
 *
 * @example
 * ```ts
 * const stream = new GPT(10, 8, 2, { numLayers: 1 }).stream();
 * stream.push(Int32Array.of(3)).length; // 10
 * stream.dispose();
 * ```
 */
export class GPTStream {
  /** Logits of a row. */
  readonly outputSize: number;
  readonly #body: TransformerStream;
  readonly #shared: Shared;
  readonly #block: Storage;
  readonly #logits: Ptr;
  #ids: Int32Array;
  #output!: CheckedView;
  #own!: Float32Array;

  /** @internal */
  constructor(gpt: GPT | Shared, batch: number, capacity: number, body?: TransformerStream) {
    this.#shared = "embedding" in gpt ? pack(gpt, capacity) : gpt;
    this.#shared.holders++;
    this.#body = body ?? (gpt as GPT).encoder.stream({ batch, capacity });
    this.outputSize = this.#shared.numEmbeddings;
    const idSpace = Math.ceil(capacity / 16) * 16;
    this.#block = allocateBlock(bytesOf(idSpace + capacity * this.outputSize));
    this.#logits = at(this.#block.ptr, idSpace);
    this.#ids = i32(this.#block.ptr, capacity);
    this.#resize();
  }

  /** Rows now. */
  get rows(): number {
    return this.#body.rows;
  }

  /** Rows at the most. */
  get capacity(): number {
    return this.#body.capacity;
  }

  /** Tokens that were read since the start. */
  get position(): number {
    return this.#body.position;
  }

  /**
   * One token of each row.
   *
   * @param ids `rows` ids
   * @param out where the logits of what comes next go, `rows · outputSize` numbers; default: an array of the stream's own,
   *   overwritten by the next push
   * @throws ShapeError for arrays of another length, or past the last learned position; IndexError for an id out of range
   */
  push(ids: Int32Array, out: Float32Array = this.#own): Float32Array {
    // Told apart before: a check of every argument would show in a stream.
    if (!(ids instanceof Int32Array && out instanceof Float32Array) || arguments.length > 2)
      checkCall(`${OP}.push`, arguments, "ids:Int32Array out?:Float32Array");
    if (out.length !== this.#own.length)
      throw new ShapeError({
        op: `${OP}.push`,
        expected: `room for ${this.#own.length} logits`,
        got: `for ${out.length}`,
      });
    const hidden = this.#read(ids);
    const { head } = this.#shared;
    applyLinear(this.#logits, hidden, head, Math.max(this.rows, Math.min(this.capacity, 2)));
    out.set(this.#output.current);
    return out;
  }

  /**
   * Reads a token of each row without computing what comes next: a prompt.
   *
   * @param ids `rows` ids
   * @throws as {@link push}
   */
  read(ids: Int32Array): void {
    if (!(ids instanceof Int32Array) || arguments.length > 1)
      checkCall(`${OP}.read`, arguments, "ids:Int32Array");
    this.#read(ids);
  }

  /**
   * Reorders, repeats or drops rows: afterwards there are `order.length`, and row i goes on where row `order[i]` was.
   *
   * @param order 1 to `capacity` indices of rows, in any order
   * @throws ShapeError for none or too many; IndexError for an index out of range
   */
  select(order: Int32Array): void {
    checkCall(`${OP}.select`, arguments, "order:list");
    this.#body.select(order);
    this.#resize();
  }

  /** Back to the start. */
  reset(): void {
    this.#body.reset();
    this.#resize();
  }

  /** Another stream with the same weights (shared) and a copy of what was read. */
  clone(): GPTStream {
    return new GPTStream(this.#shared, this.#body.batch, this.capacity, this.#body.clone());
  }

  /** What it keeps, as bytes: {@link fromBytes} reads them. */
  toBytes(): Uint8Array {
    return this.#body.toBytes();
  }

  /**
   * Goes on from a state that {@link toBytes} gave, of a stream of the same sizes and rows.
   *
   * @throws FormatError for bytes that are damaged or of another stream; the state is left as it is
   */
  fromBytes(bytes: Uint8Array): void {
    checkCall(`${OP}.fromBytes`, arguments, "bytes:Uint8Array");
    this.#body.fromBytes(bytes);
  }

  /** Frees its memory. */
  dispose(): void {
    if (this.#block.ptr === 0) return;
    this.#block.free();
    this.#body.dispose();
    if (--this.#shared.holders === 0) this.#shared.packer.release();
  }

  /** Where the last layer's outputs are. */
  #read(ids: Int32Array): Ptr {
    const { table, positions, contextLength, numEmbeddings } = this.#shared;
    const { rows, inputSize, position, input_: x } = this.#body;
    if (this.#block.ptr === 0)
      throw new ScopeError({
        op: `${OP}.push`,
        expected: "a live stream",
        got: "one that was disposed of",
      });
    if (ids.length !== rows)
      throw new ShapeError({ op: `${OP}.push`, expected: `${rows} ids`, got: String(ids.length) });
    if (position >= contextLength)
      throw new ShapeError({
        op: `${OP}.push`,
        expected: `at most ${contextLength} tokens, as many as there are learned positions`,
        got: `token number ${position + 1}`,
        cure: 'reset() begins anew; a model with positions: "rotary" goes on without an end.',
      });
    if (this.#ids.buffer !== buffer()) this.#ids = i32(this.#block.ptr, this.capacity);
    this.#ids.set(ids);
    const wrong = kernels().gatherRows(x, table, this.#block.ptr, rows, numEmbeddings, inputSize);
    if (wrong >= 0)
      throw new IndexError({
        op: `${OP}.push`,
        expected: `ids from 0 to ${numEmbeddings - 1}`,
        got: `${ids[wrong]} in row ${wrong}`,
      });
    if (positions !== 0)
      for (let row = 0; row < rows; row++) {
        const vector = at(x, row * inputSize);
        kernels().add(vector, vector, at(positions, position * inputSize), inputSize);
      }
    return this.#body.run_();
  }

  #resize(): void {
    const size = this.rows * this.outputSize;
    if (this.#own?.length === size) return;
    this.#output = new CheckedView(this.#logits, size);
    this.#own = new Float32Array(size);
  }
}

function pack(gpt: GPT, capacity: number): Shared {
  const packer = new SharedWeights(capacity, OP);
  return {
    packer,
    table: packer.sum(gpt.embedding.weight),
    positions: packer.sum(gpt.positions?.weight),
    contextLength: gpt.contextLength ?? Infinity,
    head: packModule(packer, gpt.head),
    numEmbeddings: gpt.head.weight.shape[0]!,
    holders: 0,
  };
}

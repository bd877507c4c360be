// Layers of a Transformer one on the other.
import { checkCall, checkCount } from "../../core/check.js";
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import type { Lengths } from "../../ops/lengths.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { LayerNorm } from "../layer-norm.js";
import { Module } from "../module.js";
import { RMSNorm } from "../rms-norm.js";
import {
  checkMemory,
  DECODER_FORWARD,
  TransformerDecoderLayer,
  type TransformerDecoderForwardOptions,
} from "./decoder-layer.js";
import { TransformerEncoderLayer } from "./encoder-layer.js";
import { checkSequence, cleared, type SelfAttentionOptions } from "./layer.js";
import { StreamSources } from "./stream-sources.js";
import { TransformerStream } from "./stream.js";

export interface TransformerStackOptions {
  /** Behind the last layer; layers with `normFirst` need one. Default: none. */
  norm?: LayerNorm | RMSNorm | undefined;
}

export interface TransformerStreamOptions {
  /** Rows at the start. Default 1. */
  batch?: number | undefined;
  /** Rows at the most, for which the buffers are made. Default: batch. */
  capacity?: number | undefined;
}

export interface TransformerDecoderStreamOptions {
  /** Steps of the memory that count in each row. Default: all. */
  memoryLengths?: Lengths | undefined;
  /** Rows at the start: row i reads row i of the memory, and begins again at 0. Default: the rows of the memory. */
  rows?: number | undefined;
  /** Rows at the most, for which the buffers are made. Default: `rows`. */
  capacity?: number | undefined;
}

function checkStack(
  op: string,
  layer: unknown,
  Layer: new (...given: never[]) => Module,
  numLayers: number,
  norm: unknown,
): void {
  if (!(layer instanceof Layer))
    throw new OptionError({ op, expected: `a ${Layer.name}`, got: described(layer) });
  checkCount(op, "numLayers", numLayers);
  if (norm !== undefined && !(norm instanceof LayerNorm || norm instanceof RMSNorm))
    throw new OptionError({
      op,
      expected: "norm to be a LayerNorm or an RMSNorm",
      got: described(norm),
    });
}

function alike<Layer>(first: Layer & { another_(): Layer }, count: number): Layer[] {
  return [first, ...Array.from({ length: count - 1 }, () => first.another_())];
}

/**
 * A stack of {@link TransformerEncoderLayer}: with `causal: true` in `forward`, the body of a language model. Parameters as
 * PyTorch's: `layers.0.self_attn.in_proj_weight`, …, `norm`.
 *
 * @example
 * ```ts
 * const layer = new TransformerEncoderLayer(16, 4, { dimFeedforward: 32, normFirst: true });
 * const encoder = new TransformerEncoder(layer, 2, { norm: new LayerNorm(16) });
 * encoder.forward(randn([2, 5, 16]), { causal: true }).shape; // [2, 5, 16]
 * ```
 */
export class TransformerEncoder extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "TransformerEncoder";
  readonly layers: readonly TransformerEncoderLayer[];
  readonly norm: LayerNorm | RMSNorm | undefined;

  /**
   * @param encoderLayer the first layer; the others have its options and initial weights of their own
   * @param numLayers how many there are in all
   */
  constructor(
    encoderLayer: TransformerEncoderLayer,
    numLayers: number,
    options: TransformerStackOptions = {},
  ) {
    const op = "TransformerEncoder";
    checkCall(op, arguments, "encoderLayer numLayers {norm:object}");
    super();
    checkStack(op, encoderLayer, TransformerEncoderLayer, numLayers, options.norm);
    this.layers = alike<TransformerEncoderLayer>(encoderLayer, numLayers);
    this.norm = options.norm;
  }

  /**
   * @param x `[batch, time, dModel]`
   * @returns the same shape. What lies past a length counts nowhere, NaN included, and is 0 in the result
   * @throws ShapeError for shapes that do not fit; IndexError for lengths outside 0..time
   */
  forward(x: Tensor, options: SelfAttentionOptions = {}): Tensor {
    const op = "TransformerEncoder";
    checkCall(
      `${op}.forward`,
      arguments,
      "x:tensor {lengths:list|tensor mask:tensor causal:boolean}",
    );
    const { dModel, options: settings } = this.layers[0]!;
    const how = checkSequence(op, "input", x, dModel, options, settings);
    const last = this.layers.reduce((y, layer) => layer.run_(y, how), cleared(x, how.lengths));
    return cleared(this.norm ? this.norm.forward(last) : last, how.lengths);
  }

  /**
   * The stack step by step, each step seeing those before it.
   *
   * @param options.batch rows at the start. Default 1
   * @param options.capacity rows at the most. Default: batch
   */
  stream(options: TransformerStreamOptions = {}): TransformerStream {
    const op = "TransformerEncoder.stream";
    checkCall(op, arguments, "{batch:number capacity:number}");
    const { batch = 1, capacity = batch } = options;
    checkCount(op, "batch", batch);
    checkCount(op, "capacity", capacity, batch);
    return TransformerStream.of_(op, this.layers, this.norm, batch, capacity);
  }
}

/**
 * A stack of {@link TransformerDecoderLayer}, which all read one memory. Parameters as PyTorch's:
 * `layers.0.multihead_attn.in_proj_weight`, …, `norm`.
 *
 * @example
 * ```ts
 * const layer = new TransformerDecoderLayer(16, 4, { dimFeedforward: 32 });
 * const decoder = new TransformerDecoder(layer, 2);
 * decoder.forward(randn([2, 5, 16]), randn([2, 7, 16]), { causal: true }).shape; // [2, 5, 16]
 * ```
 */
export class TransformerDecoder extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "TransformerDecoder";
  readonly layers: readonly TransformerDecoderLayer[];
  readonly norm: LayerNorm | RMSNorm | undefined;

  /**
   * @param decoderLayer the first layer; the others have its options and initial weights of their own
   * @param numLayers how many there are in all
   */
  constructor(
    decoderLayer: TransformerDecoderLayer,
    numLayers: number,
    options: TransformerStackOptions = {},
  ) {
    const op = "TransformerDecoder";
    checkCall(op, arguments, "decoderLayer numLayers {norm:object}");
    super();
    checkStack(op, decoderLayer, TransformerDecoderLayer, numLayers, options.norm);
    this.layers = alike<TransformerDecoderLayer>(decoderLayer, numLayers);
    this.norm = options.norm;
  }

  /**
   * @param x `[batch, time, dModel]`, as PyTorch not causal by itself
   * @param memory `[batch, memory's time, dModel]`
   * @returns the shape of x. What lies past a length counts nowhere, NaN included, and is 0 in the result
   * @throws ShapeError for shapes that do not fit; IndexError for lengths out of range
   */
  forward(x: Tensor, memory: Tensor, options: TransformerDecoderForwardOptions = {}): Tensor {
    const op = "TransformerDecoder";
    checkCall(`${op}.forward`, arguments, `x:tensor memory:tensor {${DECODER_FORWARD}}`);
    const { dModel, options: settings } = this.layers[0]!;
    const how = checkSequence(op, "input", x, dModel, options, settings);
    const read = checkMemory(op, x, memory, dModel, options);
    const first = cleared(x, how.lengths);
    const last = this.layers.reduce((y, layer) => layer.run_(y, read, how), first);
    return cleared(this.norm ? this.norm.forward(last) : last, how.lengths);
  }

  /**
   * @internal Where the last layer looks in the memory: the weights of each head, `[batch, heads, time, memory's time]`.
   * Arguments as for {@link forward}.
   */
  looks_(x: Tensor, memory: Tensor, options: TransformerDecoderForwardOptions): Tensor {
    const op = "TransformerDecoder";
    const { dModel, options: settings } = this.layers[0]!;
    const how = checkSequence(op, "input", x, dModel, options, settings);
    const read = checkMemory(op, x, memory, dModel, options);
    const before = this.layers.slice(0, -1);
    const first = cleared(x, how.lengths);
    const below = before.reduce((y, layer) => layer.run_(y, read, how), first);
    return this.layers.at(-1)!.looks_(below, read, how);
  }

  /**
   * The stack step by step, each step seeing those before it and a memory whose keys and values are projected once: rows
   * index it, and reordering them moves none of it.
   *
   * @param memory `[sources, time, dModel]`
   * @throws ShapeError for a memory of another shape; IndexError for lengths out of range; OptionError for rows that are no
   *   multiple of the sources
   */
  stream(memory: Tensor, options: TransformerDecoderStreamOptions = {}): TransformerStream {
    const op = "TransformerDecoder.stream";
    checkCall(
      op,
      arguments,
      "memory:tensor {memoryLengths:list|tensor rows:number capacity:number}",
    );
    const { memoryLengths } = options;
    const read = scope(() => {
      const given = checkMemory(op, memory, memory, this.layers[0]!.dModel, { memoryLengths });
      return new StreamSources(op, this.layers, given.memory, given.lengths);
    });
    const sources = memory.shape[0]!;
    const { rows = sources, capacity = rows } = options;
    try {
      checkCount(op, "rows", rows);
      checkCount(op, "capacity", capacity, rows);
      if (rows % sources !== 0)
        throw new OptionError({
          op,
          expected: `rows to be a multiple of ${sources}, the rows of the memory`,
          got: String(rows),
        });
      return TransformerStream.of_(op, this.layers, this.norm, rows, capacity, read);
    } catch (error) {
      read.free();
      throw error;
    }
  }
}

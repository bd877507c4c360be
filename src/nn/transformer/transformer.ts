import { checkCall, checkCount } from "../../core/check.js";
import type { Lengths } from "../../ops/lengths.js";
import type { Tensor } from "../../tensor/tensor.js";
import * as initializers from "../initializers.js";
import { Module } from "../module.js";
import { TransformerDecoderLayer } from "./decoder-layer.js";
import { TransformerEncoderLayer } from "./encoder-layer.js";
import { LAYER_OPTIONS, normOf, type TransformerLayerOptions } from "./options.js";
import { TransformerDecoder, TransformerEncoder } from "./stack.js";

export interface TransformerOptions extends TransformerLayerOptions {
  /** Layers of the encoder. Default 6. */
  numEncoderLayers?: number | undefined;
  /** Layers of the decoder. Default 6. */
  numDecoderLayers?: number | undefined;
}

export interface TransformerForwardOptions {
  /** Steps of the source that count in each row; the decoder sees no others. Default: all. */
  sourceLengths?: Lengths | undefined;
  /** int32, not 0 where a step of the source may see another; broadcasts with `[batch, heads, source, source]`. */
  sourceMask?: Tensor<"int32"> | undefined;
  /** Steps of the target that count in each row. Default: all. */
  targetLengths?: Lengths | undefined;
  /** int32, not 0 where a step of the target may see another; broadcasts with `[batch, heads, target, target]`. */
  targetMask?: Tensor<"int32"> | undefined;
  /** int32, not 0 where a step of the target may see one of the source; broadcasts with `[batch, heads, target, source]`. */
  memoryMask?: Tensor<"int32"> | undefined;
  /** Whether a step of the target sees only itself and what comes before it, as translation needs it. Default false. */
  causal?: boolean | undefined;
}

/**
 * An encoder and a decoder, each with a normalization behind it; batch first. Vaswani et al.: Attention Is All You Need
 * (2017). Parameters as PyTorch's: `encoder.layers.0.self_attn.in_proj_weight`, …, `encoder.norm`, `decoder.…`; matrices are
 * drawn from U(-b, b) with b = √(6 / (rows + columns)).
 *
 * @example
 * ```ts
 * const model = new Transformer(16, 4, { numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 32 });
 * const [source, target] = [randn([2, 7, 16]), randn([2, 5, 16])];
 * model.forward(source, target, { sourceLengths: [7, 4], causal: true }).shape; // [2, 5, 16]
 * ```
 */
export class Transformer extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Transformer";
  readonly encoder: TransformerEncoder;
  readonly decoder: TransformerDecoder;

  /**
   * @param dModel features of a step. Default 512
   * @param numHeads heads of attention, a divisor of dModel. Default 8
   */
  constructor(dModel = 512, numHeads = 8, options: TransformerOptions = {}) {
    const op = "Transformer";
    checkCall(
      op,
      arguments,
      `dModel?:number numHeads?:number {numEncoderLayers:number numDecoderLayers:number ${LAYER_OPTIONS}}`,
    );
    super();
    const { numEncoderLayers = 6, numDecoderLayers = 6, ...layer } = options;
    checkCount(op, "numEncoderLayers", numEncoderLayers);
    checkCount(op, "numDecoderLayers", numDecoderLayers);
    const first = new TransformerEncoderLayer(dModel, numHeads, { ...layer, window: undefined });
    const norm = normOf(dModel, first.options);
    this.encoder = new TransformerEncoder(first, numEncoderLayers, { norm });
    this.decoder = new TransformerDecoder(
      new TransformerDecoderLayer(dModel, numHeads, layer),
      numDecoderLayers,
      { norm: normOf(dModel, first.options) },
    );
    if (TRAINING)
      for (const parameter of this.parameters())
        if (parameter.shape.length > 1) initializers.xavierUniform(parameter);
  }

  /**
   * @param source `[batch, source's time, dModel]`
   * @param target `[batch, target's time, dModel]`
   * @returns the shape of the target; what lies past a length counts nowhere, and is 0 in the result
   * @throws ShapeError for shapes that do not fit; IndexError for lengths out of range
   */
  forward(source: Tensor, target: Tensor, options: TransformerForwardOptions = {}): Tensor {
    checkCall(
      "Transformer.forward",
      arguments,
      "source:tensor target:tensor {sourceLengths:list|tensor sourceMask:tensor targetLengths:list|tensor targetMask:tensor memoryMask:tensor causal:boolean}",
    );
    const { sourceLengths, sourceMask, targetLengths, targetMask, memoryMask, causal } = options;
    const memory = this.encoder.forward(source, { lengths: sourceLengths, mask: sourceMask });
    return this.decoder.forward(target, memory, {
      ...{ lengths: targetLengths, mask: targetMask, causal },
      ...{ memoryLengths: sourceLengths, memoryMask },
    });
  }
}

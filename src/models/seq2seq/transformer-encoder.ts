// What reads the source: vectors of tokens → layers of a Transformer, each step seeing all others.
import type { Embedding } from "../../nn/embedding.js";
import { xavierUniform } from "../../nn/initializers.js";
import { LayerNorm } from "../../nn/layer-norm.js";
import type { Module } from "../../nn/module.js";
import type { LearnedPositions } from "../../nn/positions.js";
import { TransformerEncoderLayer } from "../../nn/transformer/encoder-layer.js";
import type { TransformerLayerOptions } from "../../nn/transformer/options.js";
import { TransformerEncoder } from "../../nn/transformer/stack.js";
import type { TransformerSettings } from "./options.js";
import type { Side } from "./side.js";
import { selectLengths, selectRows, SourceEncoder, type ReadSources } from "./source-encoder.js";
import { positionsOf, scaledVectors, TransformerInput } from "./transformer-input.js";

export class TransformerSourceEncoder extends SourceEncoder {
  readonly embedding: Embedding;
  readonly positions: LearnedPositions | undefined;
  /** With a normalization behind the last layer, as PyTorch's `Transformer` has it. */
  readonly transformer: TransformerEncoder;
  readonly size: number;
  readonly #input: TransformerInput;

  /** @param source what can be read */
  constructor(source: Side, options: TransformerSettings) {
    super();
    const { hiddenSize, numHeads, numLayers } = options;
    this.size = hiddenSize;
    this.embedding = scaledVectors(source.size, options);
    this.positions = positionsOf(options);
    this.#input = new TransformerInput(this.embedding, this.positions, options);
    const layer = new TransformerEncoderLayer(hiddenSize, numHeads, layerOptions(options));
    this.transformer = new TransformerEncoder(layer, numLayers, {
      norm: new LayerNorm(hiddenSize),
    });
    beginLayers(this.transformer);
  }

  forward(batch: readonly Int32Array[]): ReadSources {
    const { x, lengths } = this.#input.forward(batch, this.training);
    return { output: this.transformer.forward(x, { lengths }), lengths };
  }

  selected({ output, lengths }: ReadSources, rows: Int32Array): ReadSources {
    return { output: selectRows(output, 0, rows), lengths: selectLengths(lengths, rows) };
  }
}

/** What the layers of encoder and decoder are like. */
export function layerOptions({
  dimFeedforward,
  dropout,
  normFirst,
  positions,
}: TransformerSettings): TransformerLayerOptions {
  return { dimFeedforward, dropout, normFirst, rotary: positions === "rotary" };
}

/** First weights of layers: matrices as Vaswani et al. have them, U(-b, b) with b = √(6 / (rows + columns)). */
export function beginLayers(layers: Module): void {
  if (!TRAINING) return;
  for (const parameter of layers.parameters())
    if (parameter.shape.length > 1) xavierUniform(parameter);
}

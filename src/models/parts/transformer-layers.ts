// Transformer layers over a sequence of vectors of any size, each step seeing all others.
import { Linear } from "../../nn/linear.js";
import { LayerNorm } from "../../nn/layer-norm.js";
import { Module } from "../../nn/module.js";
import { TransformerEncoderLayer } from "../../nn/transformer/encoder-layer.js";
import { TransformerEncoder } from "../../nn/transformer/stack.js";
import type { Lengths } from "../../ops/lengths.js";
import type { Tensor } from "../../tensor/tensor.js";

export interface TransformerLayersOptions {
  readonly numLayers: number;
  readonly numHeads: number;
  readonly dropout: number;
}

/** A projection to `size`, then layers that normalize what they read, with GELU and rotary positions, and a normalization. */
export class TransformerLayers extends Module {
  readonly size: number;
  readonly project: Linear;
  readonly layers: TransformerEncoder;

  constructor(inputSize: number, size: number, options: TransformerLayersOptions) {
    super();
    const { numLayers, numHeads, dropout } = options;
    const layer = new TransformerEncoderLayer(size, numHeads, {
      ...{ dimFeedforward: 4 * size, dropout, activation: "gelu", normFirst: true, rotary: true },
    });
    this.size = size;
    this.project = new Linear(inputSize, size);
    this.layers = new TransformerEncoder(layer, numLayers, { norm: new LayerNorm(size) });
  }

  /** x `[batch, time, inputSize]` → `[batch, time, size]`, 0 past the lengths. */
  forward(x: Tensor, lengths: Lengths): Tensor {
    return this.layers.forward(this.project.forward(x), { lengths });
  }
}

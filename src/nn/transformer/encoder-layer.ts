import { checkCall } from "../../core/check.js";
import type { Tensor } from "../../tensor/tensor.js";
import {
  checkSequence,
  cleared,
  TransformerLayer,
  type SelfAttention,
  type SelfAttentionOptions,
} from "./layer.js";
import { LAYER_OPTIONS, type TransformerLayerOptions } from "./options.js";

/**
 * Self-attention and a feed-forward network, each with a residual connection and a normalization; batch first. Vaswani et al.:
 * Attention Is All You Need (2017); with `normFirst` the form of Xiong et al. (2020), which trains without a long warmup.
 * With `causal: true` in `forward` it is a layer of a language model. Parameters as PyTorch's: `self_attn.in_proj_weight`, …,
 * `linear1`, `linear2`, `norm1`, `norm2`.
 *
 * @example
 * ```ts
 * const layer = new TransformerEncoderLayer(16, 4, { dimFeedforward: 32 });
 * layer.forward(randn([2, 5, 16]), { lengths: [5, 3] }).shape; // [2, 5, 16]
 * ```
 */
export class TransformerEncoderLayer extends TransformerLayer {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "TransformerEncoderLayer";

  /**
   * @param dModel features of a step
   * @param numHeads heads of attention, a divisor of dModel
   */
  constructor(dModel: number, numHeads: number, options: TransformerLayerOptions = {}) {
    checkCall("TransformerEncoderLayer", arguments, `dModel numHeads {${LAYER_OPTIONS}}`);
    super("TransformerEncoderLayer", dModel, numHeads, options);
  }

  /**
   * @param x `[batch, time, dModel]`
   * @returns the same shape. What lies past a length counts nowhere, NaN included, and is 0 in the result
   * @throws ShapeError for shapes that do not fit; IndexError for lengths outside 0..time
   */
  forward(x: Tensor, options: SelfAttentionOptions = {}): Tensor {
    const op = "TransformerEncoderLayer";
    checkCall(
      `${op}.forward`,
      arguments,
      "x:tensor {lengths:list|tensor mask:tensor causal:boolean}",
    );
    const how = checkSequence(op, "input", x, this.dModel, options, this.options);
    return cleared(this.run_(cleared(x, how.lengths), how), how.lengths);
  }

  /** @internal The same of what was checked and cleared. */
  run_(x: Tensor, how: SelfAttention): Tensor {
    const attended = this.added_(x, this.norm1, (y) => this.attendToSelf_(y, how));
    return this.added_(attended, this.norm2, (y) => this.feedForward_(y));
  }

  /** @internal A new layer with the same options. */
  another_(): TransformerEncoderLayer {
    return new TransformerEncoderLayer(this.dModel, this.numHeads, this.options);
  }
}

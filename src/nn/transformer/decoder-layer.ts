import { checkCall } from "../../core/check.js";
import { ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import { checkLengths, type Lengths } from "../../ops/lengths.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { LayerNorm } from "../layer-norm.js";
import { MultiheadAttention } from "../multihead-attention.js";
import type { RMSNorm } from "../rms-norm.js";
import {
  checkSequence,
  cleared,
  TransformerLayer,
  type SelfAttention,
  type SelfAttentionOptions,
} from "./layer.js";
import { LAYER_OPTIONS, normOf, type TransformerLayerOptions } from "./options.js";

export interface TransformerDecoderForwardOptions extends SelfAttentionOptions {
  /** Steps of the memory that count in each row: integers 0..memory's time. Default: all. */
  memoryLengths?: Lengths | undefined;
  /** int32, not 0 where a step may see one of the memory; broadcasts with `[batch, heads, time, memory's time]`. */
  memoryMask?: Tensor<"int32"> | undefined;
}

/** The options for `checkCall`. */
export const DECODER_FORWARD =
  "lengths:list|tensor mask:tensor causal:boolean memoryLengths:list|tensor memoryMask:tensor";

/** What a decoder reads beside its own sequence, checked. */
export interface Memory {
  readonly memory: Tensor;
  readonly lengths: Int32Array | undefined;
  readonly mask: Tensor<"int32"> | undefined;
}

/**
 * Self-attention, attention to a memory (what an encoder gave), and a feed-forward network, each with a residual connection
 * and a normalization; batch first. Parameters as PyTorch's: `self_attn`, `multihead_attn`, `linear1`, `linear2`, `norm1`,
 * `norm2`, `norm3`.
 *
 * @example
 * ```ts
 * const layer = new TransformerDecoderLayer(16, 4, { dimFeedforward: 32 });
 * const memory = randn([2, 7, 16]);
 * layer.forward(randn([2, 5, 16]), memory, { causal: true, memoryLengths: [7, 4] }).shape; // [2, 5, 16]
 * ```
 */
export class TransformerDecoderLayer extends TransformerLayer {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "TransformerDecoderLayer";
  readonly multihead_attn: MultiheadAttention;
  readonly norm3: LayerNorm | RMSNorm;

  /**
   * @param dModel features of a step, of the sequence and of the memory
   * @param numHeads heads of either attention, a divisor of dModel
   */
  constructor(dModel: number, numHeads: number, options: TransformerLayerOptions = {}) {
    checkCall("TransformerDecoderLayer", arguments, `dModel numHeads {${LAYER_OPTIONS}}`);
    super("TransformerDecoderLayer", dModel, numHeads, options);
    const { bias, dropout } = this.options;
    this.multihead_attn = new MultiheadAttention(dModel, numHeads, { bias, dropout });
    this.norm3 = normOf(dModel, this.options);
  }

  /**
   * @param x `[batch, time, dModel]`, as PyTorch not causal by itself
   * @param memory `[batch, memory's time, dModel]`
   * @returns the shape of x. What lies past a length counts nowhere, NaN included, and is 0 in the result
   * @throws ShapeError for shapes that do not fit; IndexError for lengths out of range
   */
  forward(x: Tensor, memory: Tensor, options: TransformerDecoderForwardOptions = {}): Tensor {
    const op = "TransformerDecoderLayer";
    checkCall(`${op}.forward`, arguments, `x:tensor memory:tensor {${DECODER_FORWARD}}`);
    const how = checkSequence(op, "input", x, this.dModel, options, this.options);
    const read = checkMemory(op, x, memory, this.dModel, options);
    return cleared(this.run_(cleared(x, how.lengths), read, how), how.lengths);
  }

  /** @internal The same of what was checked and cleared. */
  run_(x: Tensor, { memory, lengths, mask }: Memory, how: SelfAttention): Tensor {
    const own = this.added_(x, this.norm1, (y) => this.attendToSelf_(y, how));
    const read = this.added_(
      own,
      this.norm2,
      (y) => this.multihead_attn.forward(y, memory, memory, { lengths, mask }).output,
    );
    return this.added_(read, this.norm3, (y) => this.feedForward_(y));
  }

  /** @internal The weights of its attention to the memory, `[batch, heads, time, memory's time]`, of what was checked and cleared. */
  looks_(x: Tensor, { memory, lengths, mask }: Memory, how: SelfAttention): Tensor {
    const own = this.added_(x, this.norm1, (y) => this.attendToSelf_(y, how));
    const query = this.options.normFirst ? this.norm2.forward(own) : own;
    const options = { lengths, mask, needWeights: true } as const;
    return this.multihead_attn.forward(query, memory, memory, options).weights;
  }

  /** @internal A new layer with the same options. */
  another_(): TransformerDecoderLayer {
    return new TransformerDecoderLayer(this.dModel, this.numHeads, this.options);
  }
}

/** Refuses a memory that is none of `[batch, time, dModel]`; what is past its lengths is cleared. */
export function checkMemory(
  op: string,
  x: Tensor,
  memory: Tensor,
  dModel: number,
  { memoryLengths, memoryMask: mask }: TransformerDecoderForwardOptions,
): Memory {
  const { shape } = memory;
  const [batch, time] = [x.shape[0]!, shape[1]!];
  if (shape.length !== 3 || shape[0] !== batch || shape[2] !== dModel)
    throw new ShapeError({
      op,
      expected: `memory [${batch}, time, ${dModel}]`,
      got: formatShape(shape),
    });
  const lengths = checkLengths(op, memoryLengths, batch, time, "memoryLengths");
  return { memory: cleared(memory, lengths), lengths, mask };
}

// What the layers of encoders and decoders have in common.
import { OptionError, ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import { attendHeads } from "../../ops/attention/heads.js";
import { dropout } from "../../ops/dropout.js";
import { checkLengths, maskOfLengths, type Lengths } from "../../ops/lengths.js";
import { linear } from "../../ops/linear.js";
import { reshape } from "../../ops/reshape.js";
import { rotateHeads } from "../../ops/rotary.js";
import { where } from "../../ops/where.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { LayerNorm } from "../layer-norm.js";
import { Linear } from "../linear.js";
import { Module } from "../module.js";
import { MultiheadAttention } from "../multihead-attention.js";
import type { RMSNorm } from "../rms-norm.js";
import {
  activationOf,
  layerSettings,
  normOf,
  type TransformerLayerOptions,
  type TransformerLayerSettings,
} from "./options.js";
import { slidingMask } from "./sliding-mask.js";

/** How a sequence attends to itself. */
export interface SelfAttentionOptions {
  /** Steps that count in each row: integers 0..time. Default: all. */
  lengths?: Lengths | undefined;
  /** int32, not 0 where a step may see another; broadcasts with `[batch, heads, time, time]`. */
  mask?: Tensor<"int32"> | undefined;
  /** Whether a step sees only itself and what comes before it. Default false. */
  causal?: boolean | undefined;
}

/** {@link SelfAttentionOptions}, once they are checked, for all layers of a stack. */
export interface SelfAttention {
  readonly lengths: Int32Array | undefined;
  readonly mask: Tensor<"int32"> | undefined;
  readonly causal: boolean;
}

/** Self-attention and a feed-forward network, each added to what it reads. */
export abstract class TransformerLayer extends Module {
  readonly dModel: number;
  readonly numHeads: number;
  /** @internal */
  readonly options: TransformerLayerSettings;
  readonly self_attn: MultiheadAttention;
  readonly linear1: Linear;
  readonly linear2: Linear;
  readonly norm1: LayerNorm | RMSNorm;
  readonly norm2: LayerNorm | RMSNorm;

  constructor(op: string, dModel: number, numHeads: number, options: TransformerLayerOptions) {
    super();
    const settings = layerSettings(op, dModel, numHeads, options);
    const { dimFeedforward, bias, dropout } = settings;
    this.dModel = dModel;
    this.numHeads = numHeads;
    this.options = settings;
    this.self_attn = new MultiheadAttention(dModel, numHeads, { bias, dropout });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias });
    this.linear2 = new Linear(dimFeedforward, dModel, { bias });
    this.norm1 = normOf(dModel, settings);
    this.norm2 = normOf(dModel, settings);
  }

  /** A part with its normalization and the sum with what it reads. */
  protected added_(x: Tensor, norm: LayerNorm | RMSNorm, part: (x: Tensor) => Tensor): Tensor {
    const { normFirst, dropout: p } = this.options;
    const dropped = (y: Tensor): Tensor => (this.training && p > 0 ? dropout(y, p) : y);
    return normFirst
      ? x.add(dropped(part(norm.forward(x))))
      : norm.forward(x.add(dropped(part(x))));
  }

  protected attendToSelf_(x: Tensor, { lengths, mask, causal }: SelfAttention): Tensor {
    const { in_proj_weight, in_proj_bias, out_proj } = this.self_attn;
    const { dModel, numHeads: heads, options } = this;
    const { rotary, window } = options;
    const projected = linear(x, in_proj_weight!, in_proj_bias);
    const [, time, columns] = projected.shape as [number, number, number];
    const size = dModel / heads;
    const turned = { ...rotary!, columns, time, heads: 2 * heads, size, start: 0 };
    const qkv = rotary ? rotateHeads(projected, turned) : projected;
    const attended = attendHeads([qkv], {
      ...{ heads, lengths, causal },
      mask:
        window !== undefined && causal && window < time ? slidingMask(time, window, mask) : mask,
      dropout: this.training ? options.dropout : 0,
    });
    return out_proj.forward(attended);
  }

  protected feedForward_(x: Tensor): Tensor {
    const { activation, dropout: p } = this.options;
    const hidden = activationOf(activation)(this.linear1.forward(x));
    return this.linear2.forward(this.training && p > 0 ? dropout(hidden, p) : hidden);
  }
}

/** Refuses an input that is no `[batch, time, dModel]`, and options that do not fit it. */
export function checkSequence(
  op: string,
  name: string,
  x: Tensor,
  dModel: number,
  { lengths, mask, causal = false }: SelfAttentionOptions,
  { window }: Pick<TransformerLayerOptions, "window">,
): SelfAttention {
  const [batch, time] = x.shape as [number, number];
  if (x.shape.length !== 3 || x.shape[2] !== dModel)
    throw new ShapeError({
      op,
      expected: `${name} [batch, time, ${dModel}]`,
      got: formatShape(x.shape),
      cure: `The last axis must equal dModel (${dModel}).`,
    });
  if (window !== undefined && !causal)
    throw new OptionError({
      op: `${op}.forward`,
      expected: `causal: true of layers with window ${window}, the steps that a step looks back`,
      got: "causal: false, the default",
    });
  return { lengths: checkLengths(op, lengths, batch, time), mask, causal };
}

/** Zeros past the rows' lengths: nothing there may count, NaN included. */
export function cleared(x: Tensor, lengths: Int32Array | undefined): Tensor {
  if (!lengths) return x;
  const [batch, time] = x.shape as [number, number];
  return where(reshape(maskOfLengths(lengths, time), [batch, time, 1]), x, 0);
}

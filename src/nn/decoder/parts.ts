// What a decoder is made of, as its ways to run share it.
import type { Cell } from "../../ops/recurrent/layer.js";
import type { LayerWeights } from "../../ops/recurrent/weights.js";
import type { Attended } from "../../ops/decoder/attend.js";
import { dropout } from "../../ops/dropout.js";
import { ones } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Shape } from "../../core/shape.js";
import type { Attention, AttentionMemory } from "../attention.js";
import type { Linear } from "../linear.js";

export interface DecoderParts {
  readonly cell: Cell;
  readonly layers: readonly LayerWeights[];
  readonly hiddenSize: number;
  readonly attention: Attention | undefined;
  /** Makes the attentional vector of [context | h]. */
  readonly combine: Linear | undefined;
  readonly residual: boolean;
  /** Probabilities of dropping, 0 in evaluation mode. */
  readonly dropout: number;
  readonly recurrentDropout: number;
  /** Whether dropout drops the same units at every step. */
  readonly locked: boolean;
}

/** A memory as the attention's kernels take it. */
export function attendedOf(
  attention: Attention,
  { keys, values, mask }: AttentionMemory,
): Attended {
  const scale = attention.score === "scaledDot" ? 1 / Math.sqrt(attention.querySize) : 1;
  return { keys, values, mask, v: attention.scoreProjection?.weight, scale };
}

/** 0 where a unit is dropped, 1 / (1 - p) where it is kept; undefined where nothing is. */
export function keepMask(shape: Shape, p: number): Tensor | undefined {
  return p > 0 ? dropout(ones(shape), p) : undefined;
}

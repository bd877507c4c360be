// The loss beside a few sampled tokens, instead of beside all.
import { sampledSoftmaxLoss, type SampledSoftmaxOptions } from "../../losses/sampled-softmax.js";
import { unigramSampler } from "../../losses/class-samplers.js";
import type { Linear } from "../../nn/linear.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Which tokens a training compares with the right ones. */
export type TokenSampling = Pick<SampledSoftmaxOptions, "sampler" | "samples">;

/** How often tokens are sampled, as plain data. */
export interface SampledTokens {
  readonly samples: number;
  /** By token: how often it is in the text. */
  readonly counts: Float64Array;
}

export function countTokens(
  samples: number | undefined,
  ids: Int32Array,
  tokens: number,
): SampledTokens | undefined {
  if (samples === undefined) return undefined;
  const counts = new Float64Array(tokens);
  for (const id of ids) counts[id]!++;
  return { samples, counts };
}

/** Tokens by their frequency in a text; undefined: all are compared. */
export function tokenSampling(tokens: SampledTokens | undefined): TokenSampling | undefined {
  return tokens && { sampler: unigramSampler(tokens.counts), samples: tokens.samples };
}

export function sampledLoss(
  { weight, bias }: Linear,
  hidden: Tensor,
  target: Tensor<"int32">,
  sampling: TokenSampling,
): Tensor {
  return sampledSoftmaxLoss(hidden, target, weight, { bias, ...sampling });
}

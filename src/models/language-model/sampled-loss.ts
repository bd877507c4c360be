// The loss beside a few sampled tokens, instead of beside all.
import { sampledSoftmaxLoss, type SampledSoftmaxOptions } from "../../losses/sampled-softmax.js";
import { unigramSampler } from "../../losses/class-samplers.js";
import type { Linear } from "../../nn/linear.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Which tokens a training compares with the right ones. */
export type TokenSampling = Pick<SampledSoftmaxOptions, "sampler" | "samples">;

/** Tokens by their frequency in a text; undefined: all are compared. */
export function tokenSampling(
  samples: number | undefined,
  ids: Int32Array,
  tokens: number,
): TokenSampling | undefined {
  if (samples === undefined) return undefined;
  const counts = new Float64Array(tokens);
  for (const id of ids) counts[id]!++;
  return { sampler: unigramSampler(counts), samples };
}

export function sampledLoss(
  { weight, bias }: Linear,
  hidden: Tensor,
  target: Tensor<"int32">,
  sampling: TokenSampling,
): Tensor {
  return sampledSoftmaxLoss(hidden, target, weight, { bias, ...sampling });
}

// Attention of all heads of a batch, read where the projections wrote them.
import { scaledDotProductAttention } from "../attention.js";
import { maskOfLengths } from "../lengths.js";
import { permute } from "../permute.js";
import { reshape } from "../reshape.js";
import { split } from "../slice.js";
import { bothAllow } from "../attention.js";
import type { Tensor } from "../../tensor/tensor.js";

/** @internal What {@link attendHeads} does beside its products. */
export interface HeadsOptions {
  readonly heads: number;
  /** What the products are multiplied with. Default 1 / √size. */
  readonly scale?: number | undefined;
  /** Whether a query sees only keys up to its own position, counted from the last of both. Default false. */
  readonly causal?: boolean | undefined;
  /** Keys that count in each row, checked before (`checkLengths`). Default: all. */
  readonly lengths?: Int32Array | undefined;
  /** int32, not 0 where a query may see a key; broadcasts with `[batch, heads, queries, keys]`. */
  readonly mask?: Tensor<"int32"> | undefined;
  /** Probability of dropping a weight. Default 0. */
  readonly dropout?: number | undefined;
}

/**
 * @internal softmax(scale · q kᵀ) · v of each head, whose features stand side by side.
 *
 * @param from one, two or three tensors: `[qkv]`, `[batch, time, 3 · heads · size]`, as one projection writes them; `[q, kv]`,
 *   `[batch, queries, heads · size]` and `[batch, keys, 2 · heads · size]`; or `[q, k, v]`
 * @returns `[batch, queries, heads · size]`
 */
export function attendHeads(from: readonly Tensor[], options: HeadsOptions): Tensor {
  const { heads, scale, causal, lengths, mask, dropout } = options;
  const [first, second, third] = from as [Tensor, Tensor?, Tensor?];
  let parts: Tensor[];
  if (!second) parts = split(first, first.shape[2]! / 3, -1);
  else if (third) parts = [first, second, third];
  else parts = [first, ...split(second, second.shape[2]! / 2, -1)];
  const [q, k, v] = parts.map((x) =>
    permute(reshape(x, [x.shape[0]!, x.shape[1]!, heads, x.shape[2]! / heads]), [0, 2, 1, 3]),
  ) as [Tensor, Tensor, Tensor];
  const keys = k.shape[2]!;
  const counted = lengths && reshape(maskOfLengths(lengths, keys), [k.shape[0]!, 1, 1, keys]);
  const { output } = scaledDotProductAttention(q, k, v, {
    ...{ scale, causal, dropout },
    mask: bothAllow(counted, mask),
  });
  const [batch, , queries] = output.shape as [number, number, number];
  return reshape(permute(output, [0, 2, 1, 3]), [batch, queries, heads * output.shape[3]!]);
}

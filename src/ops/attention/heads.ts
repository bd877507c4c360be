// Attention of all heads of a batch, read where the projections wrote them.
import { ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { dropping, fusedAttention, type Place } from "./fused.js";
import { maskFor } from "./mask.js";

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
 * @internal softmax(scale · q kᵀ) · v of each head, whose features stand side by side. A query that may see no key gives
 * zeros; what it may not see has no influence, NaN included.
 *
 * @param from one, two or three tensors: `[qkv]`, `[batch, time, 3 · heads · size]`, as one projection writes them; `[q, kv]`,
 *   `[batch, queries, heads · size]` and `[batch, keys, 2 · heads · size]`; or `[q, k, v]`
 * @returns `[batch, queries, heads · size]`
 */
export function attendHeads(from: readonly Tensor[], options: HeadsOptions): Tensor {
  const { heads, causal = false, lengths, mask, dropout = 0 } = options;
  const op = "attention";
  const places = placesOf(from);
  const partOf = ({ input, width }: Wide): Part => {
    const [, time, row] = from[input]!.shape as [number, number, number];
    return { time, size: width / heads, strides: [time * row, width / heads, row] };
  };
  const [query, key, value] = [partOf(places[0]), partOf(places[1]), partOf(places[2])];
  const batch = from[0]!.shape[0]!;
  const { size } = query;
  const { scale = 1 / Math.sqrt(size) } = options;
  const [queries, keys] = [query.time, key.time];
  const weights = [batch, heads, queries, keys];
  const strided = mask && maskFor(op, mask, weights);
  if (mask && !strided)
    throw new ShapeError({
      op,
      expected: `a mask that broadcasts with [batch, heads, queries, keys] ${formatShape(weights)}`,
      got: formatShape(mask.shape),
    });
  const width = heads * value.size;
  return fusedAttention(
    { from, query: places[0], key: places[1], value: places[2] },
    {
      ...{ batch, heads, queries, keys, size, valueSize: value.size },
      ...{ query: query.strides, key: key.strides, value: value.strides },
      output: [queries * width, value.size, width],
      ...{ mask: strided, lengths, causal, scale },
      ...dropping(op, dropout, batch * heads * queries * keys),
    },
    [batch, queries, width],
  );
}

/** Queries, keys or values of all heads. */
interface Part {
  readonly time: number;
  readonly size: number;
  readonly strides: readonly [number, number, number];
}

/** Where queries, keys and values begin. */
function placesOf(from: readonly Tensor[]): [Wide, Wide, Wide] {
  const widths = from.map(({ shape }) => shape[2]!);
  const part = (input: number, index: number, parts: number): Wide => {
    const width = widths[input]! / parts;
    return { input, first: index * width, width };
  };
  if (from.length === 1) return [part(0, 0, 3), part(0, 1, 3), part(0, 2, 3)];
  if (from.length === 2) return [part(0, 0, 1), part(1, 0, 2), part(1, 1, 2)];
  return [part(0, 0, 1), part(1, 0, 1), part(2, 0, 1)];
}

interface Wide extends Place {
  /** Features of all heads. */
  readonly width: number;
}

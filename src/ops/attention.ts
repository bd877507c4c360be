// Attention: values mixed by how well their keys meet a query.
import { checkCall } from "../core/check.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, sizeOf } from "../core/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { mul } from "./arithmetic.js";
import { dropout } from "./dropout.js";
import { matmul } from "./matmul.js";
import { maskedSoftmax, softmax } from "./softmax.js";
import { causalMask } from "./triangle.js";
import { where } from "./where.js";
import { dropping, fusedAttention } from "./attention/fused.js";
import { maskFor } from "./attention/mask.js";
import { requireFloat } from "./check.js";

/** What attention gives: the weights only where `needWeights` asked for them. */
export type Attended<NeedWeights extends boolean = false> = NeedWeights extends true
  ? AttendedWithWeights
  : AttendedOutput;

export interface AttendedOutput {
  /** The mixed values, `[…, queries, values' size]`. */
  readonly output: Tensor;
}

export interface AttendedWithWeights extends AttendedOutput {
  /** How much each query takes of each key, `[…, queries, keys]`: rows sum to 1, or to 0 where nothing is allowed. */
  readonly weights: Tensor;
}

export interface NeedWeightsOption<NeedWeights extends boolean = false> {
  /** Whether the result has the weights too. Default false. */
  needWeights?: NeedWeights | undefined;
}

export interface ScaledDotProductOptions<
  NeedWeights extends boolean = false,
> extends NeedWeightsOption<NeedWeights> {
  /** int32, not 0 where a query may see a key; broadcasts with `[…, queries, keys]`. */
  mask?: Tensor<"int32"> | undefined;
  /** Whether query i sees only keys up to its own position, counted from the last of both. Default false. */
  causal?: boolean | undefined;
  /** What the products are multiplied with. Default 1 / √size. */
  scale?: number | undefined;
  /** Probability of dropping a weight. Default 0. */
  dropout?: number | undefined;
}

/** @internal softmax(scores) · values, over the allowed keys; `p` is the probability of dropping a weight. */
export function mix(
  scores: Tensor,
  values: Tensor,
  mask: Tensor<"int32"> | undefined,
  p = 0,
): AttendedWithWeights {
  const weights = mask ? maskedSoftmax(scores, mask) : softmax(scores);
  return { output: matmul(dropout(weights, p), values), weights };
}

/** @internal What was asked for of what was computed. */
export function attended<NeedWeights extends boolean>(
  all: AttendedWithWeights,
  { needWeights }: NeedWeightsOption<NeedWeights>,
): Attended<NeedWeights> {
  return (needWeights ? all : { output: all.output }) as Attended<NeedWeights>;
}

/** @internal Both masks at once. */
export function bothAllow(
  a: Tensor<"int32"> | undefined,
  b: Tensor<"int32"> | undefined,
): Tensor<"int32"> | undefined {
  return a && b ? where(a, b, 0) : (a ?? b);
}

/**
 * `softmax(query · keyᵀ / √size) · value`. Vaswani et al.: Attention Is All You Need (2017). A query
 * that may see no key gets zeros.
 *
 * With as many queries as keys `causal` is PyTorch's; with fewer, the last query sees all keys, as a
 * decoder that continues needs it.
 *
 * @param query `[…, queries, size]`
 * @param key `[…, keys, size]`
 * @param value `[…, keys, size of values]`
 * @returns the output; with `needWeights: true` the weights too
 * @throws ShapeError for shapes that do not fit; DTypeError for int32 or a float32 mask
 */
export function scaledDotProductAttention<NeedWeights extends boolean = false>(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: ScaledDotProductOptions<NeedWeights> = {},
): Attended<NeedWeights> {
  checkCall(
    "scaledDotProductAttention",
    arguments,
    "query:tensor key:tensor value:tensor {mask:tensor causal:boolean scale:number dropout:number needWeights:boolean}",
  );
  const name = "scaledDotProductAttention";
  const size = query.shape.at(-1)!;
  const fits = [query, key, value].every(({ shape }) => shape.length >= 2);
  if (!fits || key.shape.at(-1) !== size || key.shape.at(-2) !== value.shape.at(-2))
    throw new ShapeError({
      op: name,
      expected:
        "query [..., queries, size], key [..., keys, size] and value [..., keys, size of values]",
      got: [query, key, value].map(({ shape }) => formatShape(shape)).join(", "),
    });
  const fused = options.needWeights ? undefined : byKernel(query, key, value, options);
  if (fused) return { output: fused } as Attended<NeedWeights>;
  const { mask, causal = false, scale = 1 / Math.sqrt(size) } = options;
  const order = causal ? causalMask(query.shape.at(-2)!, key.shape.at(-2)) : undefined;
  const scores = matmul(mul(query, scale), key, { transposeB: true });
  return attended(mix(scores, value, bothAllow(mask, order), options.dropout), options);
}

/** The output by one kernel call; undefined where leading axes or the mask broadcast in a way that it does not serve. */
function byKernel(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: ScaledDotProductOptions<boolean>,
): Tensor | undefined {
  const name = "scaledDotProductAttention";
  requireFloat(name, query, key, value);
  const [queries, size] = query.shape.slice(-2) as [number, number];
  const [keys, valueSize] = value.shape.slice(-2) as [number, number];
  const leading = query.shape.slice(0, -2);
  const isSame = ({ shape }: Tensor): boolean =>
    shape.length === query.shape.length && leading.every((n, axis) => n === shape[axis]);
  const { mask, causal = false, scale = 1 / Math.sqrt(size), dropout = 0 } = options;
  const strided = mask && maskFor(name, mask, [...leading, queries, keys]);
  if (size === 0 || !isSame(key) || !isSame(value) || (mask && !strided)) return undefined;
  const heads = leading.at(-1) ?? 1;
  const batch = sizeOf(leading.slice(0, -1));
  /** Of matrices one behind the other. */
  const dense = (rows: number, columns: number) =>
    [heads * rows * columns, rows * columns, columns] as const;
  const place = (input: number) => ({ input, first: 0 });
  return fusedAttention(
    { from: [query, key, value], query: place(0), key: place(1), value: place(2) },
    {
      ...{ batch, heads, queries, keys, size, valueSize },
      ...{ query: dense(queries, size), key: dense(keys, size), value: dense(keys, valueSize) },
      output: dense(queries, valueSize),
      ...{ mask: strided, lengths: undefined, causal, scale },
      ...dropping(name, dropout, batch * heads * queries * keys),
    },
    [...leading, queries, valueSize],
  );
}

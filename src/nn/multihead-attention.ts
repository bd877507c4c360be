import { described } from "../core/described.js";
import { checkCall, checkCount, checkProbability } from "../core/check.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { attendHeads } from "../ops/attention/heads.js";
import {
  bothAllow,
  scaledDotProductAttention,
  type Attended,
  type NeedWeightsOption,
} from "../ops/attention.js";
import { checkLengths, maskOfLengths, type Lengths } from "../ops/lengths.js";
import { linear } from "../ops/linear.js";
import { permute } from "../ops/permute.js";
import { reshape } from "../ops/reshape.js";
import { split } from "../ops/slice.js";
import { where } from "../ops/where.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { filledParameter, uniformParameter } from "./init.js";
import { Linear } from "./linear.js";
import { Module } from "./module.js";

export interface MultiheadAttentionOptions {
  /** Whether to learn biases. Default true. */
  bias?: boolean | undefined;
  /** Probability of dropping a weight, in training. Default 0. */
  dropout?: number | undefined;
  /** Features of a key. Default: embedDim. */
  kdim?: number | undefined;
  /** Features of a value. Default: embedDim. */
  vdim?: number | undefined;
}

export interface MultiheadForwardOptions<
  NeedWeights extends boolean = false,
> extends NeedWeightsOption<NeedWeights> {
  /** int32, not 0 where a query may see a key; broadcasts with `[batch, heads, queries, keys]`. */
  mask?: Tensor<"int32"> | undefined;
  /** Whether a query sees only keys up to its own position. Default false. */
  causal?: boolean | undefined;
  /** Keys that count in each row: integers 0..keys. Default: all. */
  lengths?: Lengths | undefined;
}

/**
 * Attention of several heads, each over a part of the features; batch first. Vaswani et al.: Attention
 * Is All You Need (2017). Parameters as PyTorch's: `in_proj_weight` `[3 · embedDim, embedDim]` (query, key, value)
 * from U(-b, b) with b = √(6 / (4 · embedDim)), `in_proj_bias` zeros, `out_proj.weight` from
 * U(-1/√embedDim, 1/√embedDim), `out_proj.bias` zeros. With keys or values of another size, instead of `in_proj_weight`:
 * `q_proj_weight` `[embedDim, embedDim]`, `k_proj_weight` `[embedDim, kdim]` and `v_proj_weight` `[embedDim, vdim]`, each from
 * U(-b, b) with b = √(6 / (rows + columns)).
 *
 * @example
 * ```ts
 * const attention = new MultiheadAttention(16, 4);
 * const x = randn([2, 5, 16]);
 * attention.forward(x, x, x).output.shape; // [2, 5, 16]
 * ```
 */
export class MultiheadAttention extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "MultiheadAttention";
  readonly embedDim: number;
  readonly numHeads: number;
  readonly kdim: number;
  readonly vdim: number;
  readonly dropout: number;
  readonly in_proj_weight: Parameter | undefined;
  readonly q_proj_weight: Parameter | undefined;
  readonly k_proj_weight: Parameter | undefined;
  readonly v_proj_weight: Parameter | undefined;
  readonly in_proj_bias: Parameter | undefined;
  readonly out_proj: Linear;

  constructor(embedDim: number, numHeads: number, options: MultiheadAttentionOptions = {}) {
    checkCall(
      "MultiheadAttention",
      arguments,
      "embedDim numHeads {bias:boolean dropout:number kdim:number vdim:number}",
    );
    super();
    const { bias = true, dropout = 0, kdim = embedDim, vdim = embedDim } = options;
    checkCount("MultiheadAttention", "embedDim", embedDim);
    checkCount("MultiheadAttention", "numHeads", numHeads);
    checkCount("MultiheadAttention", "kdim", kdim);
    checkCount("MultiheadAttention", "vdim", vdim);
    checkProbability("MultiheadAttention", dropout);
    if (embedDim % numHeads !== 0)
      throw new OptionError({
        op: "MultiheadAttention",
        expected: `numHeads that divide embedDim (${embedDim})`,
        got: described(numHeads),
      });
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.dropout = dropout;
    this.kdim = kdim;
    this.vdim = vdim;
    const weight = (rows: number, columns: number) =>
      uniformParameter([rows, columns], Math.sqrt(6 / (rows + columns)));
    const together = kdim === embedDim && vdim === embedDim;
    this.in_proj_weight = together ? weight(3 * embedDim, embedDim) : undefined;
    this.q_proj_weight = together ? undefined : weight(embedDim, embedDim);
    this.k_proj_weight = together ? undefined : weight(embedDim, kdim);
    this.v_proj_weight = together ? undefined : weight(embedDim, vdim);
    this.in_proj_bias = bias ? filledParameter([3 * embedDim], 0) : undefined;
    this.out_proj = new Linear(embedDim, embedDim, { bias });
    this.out_proj.bias?.set(new Float32Array(embedDim));
  }

  /**
   * @param query `[batch, queries, embedDim]`
   * @param key `[batch, keys, kdim]`. Default: the query (self-attention).
   * @param value `[batch, keys, vdim]`. Default: the key.
   * @returns output `[batch, queries, embedDim]`; with `needWeights: true` the weights of each head too,
   *   `[batch, heads, queries, keys]` (PyTorch's with `average_attn_weights=False`). What lies past a length counts
   *   nowhere, NaN included
   * @throws ShapeError for shapes that do not fit; IndexError for lengths outside 0..keys
   */
  forward<NeedWeights extends boolean = false>(
    query: Tensor,
    key: Tensor = query,
    value: Tensor = key,
    options: MultiheadForwardOptions<NeedWeights> = {},
  ): Attended<NeedWeights> {
    checkCall(
      "MultiheadAttention.forward",
      arguments,
      "query:tensor key?:tensor value?:tensor {mask:tensor causal:boolean lengths:list|tensor needWeights:boolean}",
    );
    const op = "MultiheadAttention";
    const [batch, keys] = key.shape as [number, number, number];
    const sizes = { query: this.embedDim, key: this.kdim, value: this.vdim };
    for (const [name, { shape }] of Object.entries({ query, key, value }))
      if (shape.length !== 3 || shape[2] !== sizes[name as "key"] || shape[0] !== batch)
        throw new ShapeError({
          op,
          expected: `${name} [${name === "key" ? "batch" : batch}, time, ${sizes[name as "key"]}]`,
          got: formatShape(shape),
        });
    if (value.shape[1] !== keys)
      throw new ShapeError({
        op,
        expected: `value [${batch}, ${keys}, ${this.vdim}], as many steps as key`,
        got: formatShape(value.shape),
      });
    const counts = checkLengths(op, options.lengths, batch, keys);
    const counted = counts && maskOfLengths(counts, keys);
    const projected = this.#projected(query, key, value, counted);
    const { causal = false, mask, needWeights } = options;
    const dropout = this.training ? this.dropout : 0;
    const { numHeads: heads, embedDim } = this;
    if (!needWeights) {
      const mixed = attendHeads(projected, { heads, causal, lengths: counts, mask, dropout });
      return { output: this.out_proj.forward(mixed) } as Attended<NeedWeights>;
    }
    const [q, k, v] = projected.flatMap((x) =>
      split(x, embedDim, -1).map((part) =>
        permute(reshape(part, [batch, x.shape[1]!, heads, embedDim / heads]), [0, 2, 1, 3]),
      ),
    ) as [Tensor, Tensor, Tensor];
    const allowed = bothAllow(counted && reshape(counted, [batch, 1, 1, keys]), mask);
    const mixed = scaledDotProductAttention(q, k, v, {
      ...{ mask: allowed, causal, dropout, needWeights },
    });
    const joined = reshape(permute(mixed.output, [0, 2, 1, 3]), query.shape);
    return { ...mixed, output: this.out_proj.forward(joined) };
  }

  /**
   * Query, key and value side by side in one tensor, two or three, as `attendHeads` takes them; keys that do not count
   * cleared, so that NaN there does not reach the weights' gradients.
   */
  #projected(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    counted: Tensor<"int32"> | undefined,
  ): Tensor[] {
    const { embedDim } = this;
    const clear = (x: Tensor): Tensor =>
      counted ? where(reshape(counted, [...counted.shape, 1]), x, 0) : x;
    const keys = clear(key);
    const values = value === key ? keys : clear(value);
    // Of self-attention, what does not count as a key is no query either: NaN there would reach the weights.
    const queries = query === key ? keys : query;
    const { in_proj_weight: weight, in_proj_bias: bias } = this;
    if (weight && queries === keys && values === keys) return [linear(keys, weight, bias)];
    if (weight && values === keys) {
      const sizes = [embedDim, 2 * embedDim];
      const [ofQuery, ofKeys] = split(weight, sizes) as [Tensor, Tensor];
      const biases = bias && split(bias, sizes);
      return [linear(queries, ofQuery, biases?.[0]), linear(keys, ofKeys, biases?.[1])];
    }
    const weights = weight
      ? split(weight, embedDim)
      : [this.q_proj_weight!, this.k_proj_weight!, this.v_proj_weight!];
    const biases = bias && split(bias, embedDim);
    return [queries, keys, values].map((x, i) => linear(x, weights[i]!, biases?.[i]));
  }
}

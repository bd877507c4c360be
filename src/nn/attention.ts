import { described } from "../core/described.js";
import { checkCall, checkCount, checkKeys } from "../core/check.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { tanh } from "../ops/unary.js";
import { add, mul } from "../ops/arithmetic.js";
import { attended, mix, type Attended, type NeedWeightsOption } from "../ops/attention.js";
import { requireInt } from "../ops/check.js";
import { checkLengths, maskOfLengths, type Lengths } from "../ops/lengths.js";
import { matmul } from "../ops/matmul.js";
import { reshape, squeeze, unsqueeze } from "../ops/reshape.js";
import { where } from "../ops/where.js";
import type { Tensor } from "../tensor/tensor.js";
import { Linear } from "./linear.js";
import { Module } from "./module.js";

/** How a query q and a key k meet. */
export type AttentionScore = "dot" | "scaledDot" | "general" | "additive";

export interface AttentionOptions {
  /**
   * `"dot"`: qᵀk; `"scaledDot"`: qᵀk / √size; `"general"`: qᵀWk; `"additive"`: vᵀ tanh(W_q q + W_k k).
   */
  score: AttentionScore;
  /** Features of a query. */
  querySize: number;
  /** Features of a key. Default: querySize; of the dot scores, no other. */
  keySize?: number | undefined;
  /** Size of v in the additive score. Default: querySize. */
  hiddenSize?: number | undefined;
  /** Whether the learned projections add biases; of the scores "general" and "additive" only. Default false. */
  bias?: boolean | undefined;
}

export interface MemoryOptions {
  /** What is mixed, `[batch, time, size]`. Default: the keys. */
  values?: Tensor | undefined;
  /** Keys that count in each row: integers 0..time. Default: all. */
  lengths?: Lengths | undefined;
  /** int32 `[batch, time]`, not 0 where a key counts; instead of lengths. */
  mask?: Tensor<"int32"> | undefined;
}

/** Keys and values made ready for queries, once for all steps of a decoder. */
export interface AttentionMemory {
  /** `[batch, time, …]`, projected as the score needs it. */
  readonly keys: Tensor;
  /** `[batch, time, size]` */
  readonly values: Tensor;
  /** int32 `[batch, 1, time]`, where some keys do not count. */
  readonly mask: Tensor<"int32"> | undefined;
}

/**
 * Attention of an encoder-decoder: each query mixes the values by how well their keys meet it. Scores
 * by Luong, Pham, Manning: Effective Approaches to Attention-based Neural Machine Translation (2015), dot and
 * general; by Bahdanau, Cho, Bengio: Neural Machine Translation by Jointly Learning to Align and Translate
 * (2015), additive. Weights are learned, by default without biases, from U(-1/√in, 1/√in): `keyProjection.weight`
 * `[querySize, keySize]` of the general score; `queryProjection.weight` `[hiddenSize, querySize]`,
 * `keyProjection.weight` `[hiddenSize, keySize]` and `scoreProjection.weight` `[1, hiddenSize]` of the additive.
 *
 * @example
 * ```ts
 * const attention = new Attention({ score: "additive", querySize: 8, keySize: 16 });
 * const memory = attention.memory(randn([2, 5, 16]), { lengths: [5, 3] });
 * attention.forward(randn([2, 8]), memory).output.shape; // [2, 16]
 * ```
 */
export class Attention extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Attention";
  readonly score: AttentionScore;
  readonly querySize: number;
  readonly keySize: number;
  readonly queryProjection: Linear | undefined;
  readonly keyProjection: Linear | undefined;
  readonly scoreProjection: Linear | undefined;

  constructor(options: AttentionOptions) {
    checkCall(
      "Attention",
      arguments,
      "{score!:string querySize!:number keySize:number hiddenSize:number bias:boolean}",
    );
    super();
    const { score, querySize, keySize = querySize, hiddenSize = querySize, bias = false } = options;
    if (!["dot", "scaledDot", "general", "additive"].includes(score))
      throw new OptionError({
        op: "Attention",
        expected: 'score to be "dot", "scaledDot", "general" or "additive"',
        got: described(score),
      });
    checkCount("Attention", "querySize", querySize);
    checkCount("Attention", "keySize", keySize);
    const additive = score === "additive";
    if (!additive && options.hiddenSize !== undefined)
      throw new OptionError({
        op: "Attention",
        expected: "hiddenSize with the additive score only",
        got: `it with "${score}"`,
      });
    if (bias && !additive && score !== "general")
      throw new OptionError({
        op: "Attention",
        expected: 'bias with the scores "general" and "additive", which have weights',
        got: `it with "${score}"`,
      });
    if (!additive && score !== "general" && keySize !== querySize)
      throw new OptionError({
        op: "Attention",
        expected: `keys as long as queries (${querySize}) for "${score}"`,
        got: described(keySize),
        cure: 'Use "general" or "additive".',
      });
    const linear = (from: number, to: number) => new Linear(from, to, { bias });
    this.score = score;
    this.querySize = querySize;
    this.keySize = keySize;
    this.queryProjection = additive ? linear(querySize, hiddenSize) : undefined;
    this.keyProjection =
      additive || score === "general"
        ? linear(keySize, additive ? hiddenSize : querySize)
        : undefined;
    this.scoreProjection = additive ? linear(hiddenSize, 1) : undefined;
  }

  /**
   * Makes keys ready: projects them, and clears what does not count, so that nothing there, NaN included,
   * ever counts. A decoder does it once, and each of its steps then costs time in proportion to the keys.
   *
   * @param keys `[batch, time, keySize]`
   * @throws ShapeError for shapes that do not fit; IndexError for lengths outside 0..time; OptionError for
   *   lengths beside a mask
   */
  memory(keys: Tensor, options: MemoryOptions = {}): AttentionMemory {
    checkCall(
      "Attention.memory",
      arguments,
      "keys:tensor {values:tensor lengths:list|tensor mask:tensor}",
    );
    const { values = keys, lengths } = options;
    const [batch, time] = keys.shape as [number, number, number];
    if (keys.shape.length !== 3 || keys.shape[2] !== this.keySize)
      throw new ShapeError({
        op: "Attention",
        expected: `keys [batch, time, ${this.keySize}]`,
        got: formatShape(keys.shape),
      });
    if (values.shape.length !== 3 || values.shape[0] !== batch || values.shape[1] !== time)
      throw new ShapeError({
        op: "Attention",
        expected: `values [${batch}, ${time}, size]`,
        got: formatShape(values.shape),
      });
    if (lengths !== undefined && options.mask)
      throw new OptionError({ op: "Attention", expected: "lengths or a mask", got: "both" });
    const counts = checkLengths("Attention", lengths, batch, time);
    const mask = options.mask ?? (counts && maskOfLengths(counts, time));
    if (!mask) return { keys: this.#projected(keys), values, mask };
    requireInt("Attention", "mask", mask);
    if (mask.shape.length !== 2 || mask.shape[0] !== batch || mask.shape[1] !== time)
      throw new ShapeError({
        op: "Attention",
        expected: `a mask [${batch}, ${time}]`,
        got: formatShape(mask.shape),
      });
    const steps = unsqueeze(mask, 2);
    const cleared = where(steps, keys, 0);
    return {
      keys: this.#projected(cleared),
      values: values === keys ? cleared : where(steps, values, 0),
      mask: unsqueeze(mask, 1),
    };
  }

  #projected(keys: Tensor): Tensor {
    return this.keyProjection ? this.keyProjection.forward(keys) : keys;
  }

  /**
   * @param query `[batch, queries, querySize]`, or one query a row, `[batch, querySize]`
   * @param memory from {@link Attention.memory}
   * @returns output `[batch, queries, size]`; with `needWeights: true` the weights too, `[batch, queries, time]`. Both
   *   are without the axis of queries where the query has none, and zeros where no key counts
   * @throws ShapeError for shapes that do not fit
   */
  forward<NeedWeights extends boolean = false>(
    query: Tensor,
    memory: AttentionMemory,
    options: NeedWeightsOption<NeedWeights> = {},
  ): Attended<NeedWeights> {
    checkCall("Attention.forward", arguments, "query:tensor memory:object {needWeights:boolean}");
    const { shape } = query;
    checkKeys("Attention.forward", memory, "keys!:tensor values!:tensor mask:tensor");
    const { keys, values, mask } = memory;
    if (
      (shape.length !== 2 && shape.length !== 3) ||
      shape.at(-1) !== this.querySize ||
      shape[0] !== keys.shape[0]
    )
      throw new ShapeError({
        op: "Attention",
        expected: `a query [${keys.shape[0]}, queries, ${this.querySize}], or without the axis of queries`,
        got: formatShape(shape),
      });
    if (values.shape[0] !== keys.shape[0] || values.shape[1] !== keys.shape[1])
      throw new ShapeError({
        op: "Attention",
        expected: `values [${keys.shape[0]}, ${keys.shape[1]}, size], as many as keys`,
        got: formatShape(values.shape),
      });
    if (shape.length === 3) return attended(mix(this.#scores(query, keys), values, mask), options);
    const { output, weights } = mix(this.#scores(unsqueeze(query, 1), keys), values, mask);
    return attended({ output: squeeze(output, 1), weights: squeeze(weights, 1) }, options);
  }

  #scores(query: Tensor, keys: Tensor): Tensor {
    if (this.queryProjection && this.scoreProjection) {
      const queries = unsqueeze(this.queryProjection.forward(query), 2);
      const scores = this.scoreProjection.forward(tanh(add(queries, unsqueeze(keys, 1))));
      return reshape(scores, scores.shape.slice(0, -1));
    }
    const scaled = this.score === "scaledDot" ? mul(query, 1 / Math.sqrt(this.querySize)) : query;
    return matmul(scaled, keys, { transposeB: true });
  }
}

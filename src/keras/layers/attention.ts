// Attention of a query to values: by products, additive, of several heads.
import { scaledDotProductAttention } from "../../ops/attention.js";
import { add, mul } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { permute, transpose } from "../../ops/permute.js";
import { sum } from "../../ops/reduce.js";
import { softmax } from "../../ops/softmax.js";
import { causalMask } from "../../ops/triangle.js";
import { tanh } from "../../ops/unary.js";
import { where } from "../../ops/where.js";
import { linear } from "../../ops/linear.js";
import { Parameter } from "../../tensor/parameter.js";
import type { Tensor } from "../../tensor/tensor.js";
import {
  KerasLayer,
  sizeIn,
  unknownOption,
  type CallOptions,
  type LayerParts,
  type MakeLayer,
  type Value,
} from "../layer.js";
import type { WeightReader } from "../weights.js";

/** What Keras takes from a masked score. */
const MASKED = 1e9;

/** `Attention` and `AdditiveAttention`: no weights but a scale. */
class AttentionLayer extends KerasLayer {
  readonly scale: Parameter | undefined;
  readonly concat_score_weight: Parameter | undefined;
  readonly #causal: boolean;
  readonly #additive: boolean;

  constructor(parts: LayerParts) {
    super(parts);
    const { config, weights, type } = parts;
    this.#additive = type === "AdditiveAttention" || config.score_mode === "concat";
    this.#causal = config.causal === true;
    const scaled =
      type === "AdditiveAttention" ? config.use_scale !== false : config.use_scale === true;
    if (scaled)
      this.scale = new Parameter(weights.take("scale", weights.peek() ?? [], () => this.scale!));
    if (config.score_mode === "concat")
      this.concat_score_weight = new Parameter(
        weights.take("concat_score_weight", [], () => this.concat_score_weight!),
      );
  }

  /** @internal */
  call([query, value, key = value]: readonly Value[], { causal }: CallOptions): Value[] {
    const [q, v, k] = [query!, value!, key!].map(({ x }) => this.axes(x, 3)) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const scores = this.#scores(q, k);
    const [batch, queries, keys] = scores.shape as [number, number, number];
    let counted = scores;
    if (value!.mask) counted = hidden(counted, value!.mask.tensor().reshape([batch, 1, keys]));
    if (causal || this.#causal) {
      // Counted from the first of both, whatever their numbers.
      const square = causalMask(Math.max(queries, keys)).slice(0, 0, queries).slice(1, 0, keys);
      counted = hidden(counted, square.reshape([1, queries, keys]));
    }
    const output = matmul(softmax(counted, -1), v);
    const { mask } = query!;
    return [
      { x: mask ? where(mask.tensor().reshape([batch, queries, 1]), output, 0) : output, mask },
    ];
  }

  #scores(q: Tensor, k: Tensor): Tensor {
    if (!this.#additive) {
      const scores = matmul(q, transpose(k, 1, 2));
      return this.scale ? mul(scores, this.scale) : scores;
    }
    const [batch, queries, size] = q.shape as [number, number, number];
    const sums = add(
      q.reshape([batch, queries, 1, size]),
      k.reshape([batch, 1, k.shape[1]!, size]),
    );
    // The weight of the sum stands inside the tangent in one layer, outside in the other.
    if (this.concat_score_weight)
      return mul(
        sum(tanh(this.scale ? mul(sums, this.scale) : sums), -1),
        this.concat_score_weight,
      );
    return sum(this.scale ? mul(tanh(sums), this.scale) : tanh(sums), -1);
  }
}

function hidden(scores: Tensor, seen: Tensor<"int32">): Tensor {
  return where(seen, scores, scores.sub(MASKED));
}

/** A projection to heads, or from them. */
class Projection {
  readonly kernel: Parameter;
  readonly bias: Parameter | undefined;

  constructor(
    weights: WeightReader,
    kernel: readonly (number | undefined)[],
    bias: readonly (number | undefined)[] | undefined,
  ) {
    this.kernel = new Parameter(weights.take("kernel", kernel, () => this.kernel));
    if (bias) this.bias = new Parameter(weights.take("bias", bias, () => this.bias!));
  }

  /** x `[batch, time, in]` by the kernel as a matrix of so many rows. */
  run(x: Tensor, rows: number): Tensor {
    const columns = this.kernel.size / rows;
    return linear(
      x,
      transpose(this.kernel.reshape([rows, columns]), 0, 1),
      this.bias?.reshape([columns]),
    );
  }
}

class MultiHeadAttentionLayer extends KerasLayer {
  // Plain objects of Parameters are parts of a module; these are records of them.
  readonly query: { readonly kernel: Parameter; readonly bias?: Parameter | undefined };
  readonly key: MultiHeadAttentionLayer["query"];
  readonly value: MultiHeadAttentionLayer["query"];
  readonly attention_output: MultiHeadAttentionLayer["query"];
  readonly #projections: readonly Projection[];
  readonly #heads: number;
  readonly #keySize: number;
  readonly #valueSize: number;

  constructor(parts: LayerParts) {
    super(parts);
    const { config, weights } = parts;
    const axes: unknown = config.attention_axes;
    if (!(
      axes === undefined ||
      axes === null ||
      (Array.isArray(axes) && axes.length === 1 && axes[0] === 1)
    ))
      throw unknownOption(parts, "attention_axes", axes);
    this.#heads = sizeIn(parts, "num_heads");
    this.#keySize = sizeIn(parts, "key_dim");
    this.#valueSize =
      config.value_dim === undefined || config.value_dim === null
        ? this.#keySize
        : sizeIn(parts, "value_dim");
    const bias = config.use_bias !== false;
    const dense = (name: string, size: number): Projection => {
      const own = [this.#heads, size];
      return new Projection(
        weights.child(`${name}_dense`, name),
        [undefined, ...own],
        bias ? own : undefined,
      );
    };
    const [query, key, value] = [
      dense("query", this.#keySize),
      dense("key", this.#keySize),
      dense("value", this.#valueSize),
    ];
    const output = new Projection(
      weights.child("output_dense", "attention_output"),
      [this.#heads, this.#valueSize, undefined],
      bias ? [undefined] : undefined,
    );
    this.#projections = [query, key, value, output];
    [this.query, this.key, this.value, this.attention_output] = [query, key, value, output].map(
      ({ kernel, bias: own }) => ({ kernel, bias: own }),
    ) as [
      MultiHeadAttentionLayer["query"],
      MultiHeadAttentionLayer["query"],
      MultiHeadAttentionLayer["query"],
      MultiHeadAttentionLayer["query"],
    ];
  }

  /** @internal */
  call([query, value, key = value]: readonly Value[], { causal }: CallOptions): Value[] {
    const [batch, queries] = query!.x.shape as [number, number];
    const heads = this.#heads;
    const split = (input: Value, projection: Projection, size: number): Tensor => {
      const x = this.axes(input.x, 3);
      const y = projection.run(x, x.shape[2]!).reshape([batch, x.shape[1]!, heads, size]);
      return permute(y, [0, 2, 1, 3]);
    };
    const [forQuery, forKey, forValue, output] = this.#projections as [
      Projection,
      Projection,
      Projection,
      Projection,
    ];
    const mask = value!.mask?.tensor().reshape([batch, 1, 1, value!.x.shape[1]!]);
    const mixed = scaledDotProductAttention(
      split(query!, forQuery, this.#keySize),
      split(key!, forKey, this.#keySize),
      split(value!, forValue, this.#valueSize),
      { mask, causal },
    );
    const rows = heads * this.#valueSize;
    const joined = permute(mixed.output, [0, 2, 1, 3]).reshape([batch, queries, rows]);
    return [{ x: output.run(joined, rows), mask: query!.mask }];
  }
}

export const attentionLayers: Readonly<Record<string, MakeLayer>> = {
  Attention: (parts) => new AttentionLayer(parts),
  AdditiveAttention: (parts) => new AttentionLayer(parts),
  MultiHeadAttention: (parts) => new MultiHeadAttentionLayer(parts),
};

import { checkCall, checkCount } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape, sameShape } from "../core/shape.js";
import { embedding } from "../ops/embedding.js";
import { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { fillZero } from "../wasm/memory.js";
import { at, bytesOf } from "../wasm/ptr.js";
import { normalParameter } from "./init.js";
import { Module } from "./module.js";
import { reprOf } from "./repr.js";

export interface EmbeddingOptions {
  /** An id whose vector is never trained, and starts at zero where the table is new. */
  paddingIdx?: number | undefined;
  /** A table to share instead of a new one, `[numEmbeddings, embeddingDim]`: another layer's, to tie them. */
  weight?: Parameter | undefined;
}

export interface PretrainedOptions {
  /** Whether the table stays as it is in training. Default true, as in PyTorch. */
  freeze?: boolean | undefined;
  /** An id whose vector is never trained. */
  paddingIdx?: number | undefined;
}

/**
 * A table of vectors by id: `weight` `[numEmbeddings, embeddingDim]`, from N(0, 1).
 *
 * @example
 * ```ts
 * const embedding = new Embedding(100, 16, { paddingIdx: 0 });
 * embedding.forward(tensor([[4, 2, 0]], { dtype: "int32" })).shape; // [1, 3, 16]
 * ```
 */
export class Embedding extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Embedding";
  readonly weight: Parameter;
  readonly paddingIdx: number | undefined;

  /**
   * @param numEmbeddings how many ids there are, from 0
   * @param embeddingDim numbers in the vector of each
   */
  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingOptions = {}) {
    checkCall(
      "Embedding",
      arguments,
      "numEmbeddings embeddingDim {paddingIdx:number weight:tensor}",
    );
    super();
    const { paddingIdx, weight } = options;
    checkCount("Embedding", "numEmbeddings", numEmbeddings);
    checkCount("Embedding", "embeddingDim", embeddingDim);
    if (
      paddingIdx !== undefined &&
      !(Number.isInteger(paddingIdx) && paddingIdx >= 0 && paddingIdx < numEmbeddings)
    )
      throw new OptionError({
        op: "Embedding",
        expected: `paddingIdx from 0 to ${numEmbeddings - 1}`,
        got: described(paddingIdx),
      });
    const shape = [numEmbeddings, embeddingDim];
    if (weight && !sameShape(weight.shape, shape))
      throw new ShapeError({
        op: "Embedding",
        expected: `a weight to share of shape ${formatShape(shape)}`,
        got: formatShape(weight.shape),
      });
    this.weight = weight ?? normalParameter(shape);
    this.paddingIdx = paddingIdx;
    if (paddingIdx !== undefined && !weight) {
      const row = at(this.weight.address("Embedding"), paddingIdx * embeddingDim);
      fillZero(row, bytesOf(embeddingDim));
    }
  }

  /**
   * A layer with a copy of given vectors: GloVe's, word2vec's, another model's.
   *
   * ```ts
   * Embedding.fromPretrained(tensor(vectors), { freeze: false })
   * ```
   *
   * @param weights `[numEmbeddings, embeddingDim]`; of a Parameter to be shared, take the option `weight`
   * @throws ShapeError for another number of axes; DTypeError for int32
   */
  static fromPretrained(weights: Tensor, options: PretrainedOptions = {}): Embedding {
    const op = "Embedding.fromPretrained";
    checkCall(op, arguments, "weights:tensor {freeze:boolean paddingIdx:number}");
    const { freeze = true, ...rest } = options;
    const [numEmbeddings, embeddingDim] = weights.shape;
    if (weights.shape.length !== 2)
      throw new ShapeError({
        op,
        expected: "weights [numEmbeddings, embeddingDim]",
        got: formatShape(weights.shape),
      });
    const weight = new Parameter(weights, { requiresGrad: TRAINING && !freeze });
    return new Embedding(numEmbeddings!, embeddingDim!, { ...rest, weight });
  }

  /** ids int32 `[…]` → `[…, embeddingDim]` */
  forward(ids: Tensor<"int32">): Tensor {
    checkCall("Embedding.forward", arguments, "ids:tensor");
    return embedding(ids, this.weight, this.paddingIdx);
  }

  protected override extraRepr(): string {
    return reprOf(this.weight.shape, this, { paddingIdx: undefined });
  }
}

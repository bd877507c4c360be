import { described } from "../core/described.js";
import { checkCall, checkCount } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { embedding } from "../ops/embedding.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { fillZero } from "../wasm/memory.js";
import { at, bytesOf } from "../wasm/ptr.js";
import { normalParameter } from "./init.js";
import { Module } from "./module.js";
import { reprOf } from "./repr.js";

export interface EmbeddingOptions {
  /** An id whose vector starts at zero and is never trained. */
  paddingIdx?: number;
}

/** A table of vectors by id: `weight` `[numEmbeddings, embeddingDim]`, from N(0, 1). */
export class Embedding extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Embedding";
  readonly weight: Parameter;
  readonly paddingIdx: number | undefined;

  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingOptions = {}) {
    checkCall("Embedding", arguments, "numEmbeddings embeddingDim {paddingIdx:number}");
    super();
    const { paddingIdx } = options;
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
    this.weight = normalParameter([numEmbeddings, embeddingDim]);
    this.paddingIdx = paddingIdx;
    if (paddingIdx !== undefined) {
      const row = at(this.weight.address("Embedding"), paddingIdx * embeddingDim);
      fillZero(row, bytesOf(embeddingDim));
    }
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

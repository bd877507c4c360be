import { checkCall, checkCount } from "../../core/check.js";
import { described } from "../../core/described.js";
import { OptionError, ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import { dropout } from "../../ops/dropout.js";
import type { Tensor } from "../../tensor/tensor.js";
import { Embedding } from "../embedding.js";
import * as initializers from "../initializers.js";
import { Linear } from "../linear.js";
import { Module } from "../module.js";
import { LearnedPositions } from "../positions.js";
import type { StateSource } from "../state-dict.js";
import { TransformerEncoderLayer } from "../transformer/encoder-layer.js";
import { normOf, type FeedForwardActivation } from "../transformer/options.js";
import { TransformerEncoder, type TransformerStreamOptions } from "../transformer/stack.js";
import { GPT_OPTIONS, type GPTOptions } from "./options.js";
import { readGPT2 } from "./state.js";
import { GPTStream } from "./stream.js";

export interface FromGPT2Options {
  /** Heads of attention: the state does not tell. */
  numHeads: number;
  /** `"gelu"` for nanoGPT, `"geluTanh"` for GPT-2 and minGPT. */
  activation: FeedForwardActivation;
  /** Probability of dropping, in training. Default 0. */
  dropout?: number | undefined;
}

/**
 * A language model of the kind of GPT-2 (Radford et al. 2019): embedding, causal Transformer layers that normalize what they
 * read, a normalization, and an output layer that shares the embedding's weight. Weights begin as GPT-2's: N(0, 0.02²), of the
 * products that add to the residual stream N(0, 0.02² / (2 · layers)), biases zeros. Parameters: `embedding.weight`,
 * `positions.weight` where these are learned, `encoder.layers.0.self_attn.in_proj_weight`, …, `encoder.norm`, `head.weight`.
 *
 * @example
 * ```ts
 * const gpt = new GPT(65, 16, 4, { numLayers: 2, contextLength: 32, bias: false });
 * gpt.forward(zeros([2, 7], { dtype: "int32" })).shape; // [2, 7, 65]
 * ```
 */
export class GPT extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "GPT";
  readonly dropout: number;
  readonly embedding: Embedding;
  readonly positions: LearnedPositions | undefined;
  readonly encoder: TransformerEncoder;
  readonly head: Linear;

  /**
   * @param numEmbeddings how many tokens there are, from 0
   * @param dModel features of a token's vector
   * @param numHeads heads of attention, a divisor of dModel
   */
  constructor(numEmbeddings: number, dModel: number, numHeads: number, options: GPTOptions = {}) {
    checkCall("GPT", arguments, `numEmbeddings dModel numHeads {${GPT_OPTIONS}}`);
    super();
    const { numLayers = 6, tieWeights = true, positions = "learned", ...rest } = options;
    const { contextLength, dropout = 0, activation = "gelu", ...layer } = rest;
    checkPositions(positions, contextLength);
    checkCount("GPT", "dModel", dModel);
    checkCount("GPT", "numLayers", numLayers);
    const learned = positions === "learned";
    const first = new TransformerEncoderLayer(dModel, numHeads, {
      dimFeedforward: 4 * dModel,
      ...layer,
      ...{ dropout, activation, normFirst: true },
      rotary: learned ? false : positions === "rotary" ? true : positions,
    });
    this.dropout = dropout;
    this.embedding = new Embedding(numEmbeddings, dModel);
    this.positions = learned ? new LearnedPositions(contextLength ?? 1024, dModel) : undefined;
    this.encoder = new TransformerEncoder(first, numLayers, {
      norm: normOf(dModel, first.options),
    });
    this.head = new Linear(dModel, numEmbeddings, {
      bias: false,
      ...(tieWeights && { weight: this.embedding.weight }),
    });
    if (TRAINING) begin(this, numLayers);
  }

  /**
   * A model with weights of GPT-2's names: of nanoGPT, of minGPT, or of Hugging Face's GPT-2, whose matrices lie the other way
   * round. Sizes, biases and tied weights follow from the state; masks in it are left out.
   *
   * ```ts
   * const gpt = GPT.fromGPT2(loadSafetensors(bytes), { numHeads: 4, activation: "gelu" });
   * ```
   *
   * @param state `transformer.wte.weight`, `transformer.h.0.attn.c_attn.weight`, …; `transformer.` may be missing, and
   *   `_orig_mod.` or `module.` may stand before all
   * @throws StateDictError for a state with missing, unexpected or wrong-shaped tensors
   */
  static fromGPT2(state: StateSource, options: FromGPT2Options): GPT {
    const op = "GPT.fromGPT2";
    checkCall(op, arguments, "state:object {numHeads!:number activation!:string dropout:number}");
    const { numHeads, ...others } = options;
    const { sizes, tensors, dispose } = readGPT2(op, state);
    const { numEmbeddings, dModel, ...found } = sizes;
    try {
      const gpt = new GPT(numEmbeddings, dModel, numHeads, { ...found, ...others });
      try {
        gpt.loadStateDict(tensors);
        return gpt;
      } catch (error) {
        gpt.dispose();
        throw error;
      }
    } finally {
      dispose();
    }
  }

  /** Tokens of a text at the most; undefined with rotary positions. */
  get contextLength(): number | undefined {
    return this.positions?.weight.shape[0];
  }

  /**
   * @param ids int32 `[batch, time]`
   * @returns logits of what follows each token, `[batch, time, numEmbeddings]`
   * @throws ShapeError for another number of axes, or more steps than there are learned positions; IndexError for an id out
   *   of range
   */
  forward(ids: Tensor<"int32">): Tensor {
    checkCall("GPT.forward", arguments, "ids:tensor");
    return this.head.forward(this.hidden(ids));
  }

  /**
   * What the output layer reads: for losses that need no logits of all tokens, such as `sampledSoftmaxLoss`.
   *
   * @param ids int32 `[batch, time]`
   * @returns `[batch, time, dModel]`
   * @throws as {@link forward}
   */
  hidden(ids: Tensor<"int32">): Tensor {
    checkCall("GPT.hidden", arguments, "ids:tensor");
    const { contextLength } = this;
    if (ids.shape.length !== 2 || ids.shape[1]! > (contextLength ?? Infinity))
      throw new ShapeError({
        op: "GPT",
        expected: `ids [batch, time${contextLength ? ` up to ${contextLength}` : ""}]`,
        got: formatShape(ids.shape),
        cure: contextLength
          ? 'A larger contextLength, or positions: "rotary", takes longer texts.'
          : undefined,
      });
    const vectors = this.embedding.forward(ids);
    const placed = this.positions ? this.positions.forward(vectors) : vectors;
    const first = this.training && this.dropout > 0 ? dropout(placed, this.dropout) : placed;
    return this.encoder.forward(first, { causal: true });
  }

  /**
   * The model token by token, with the keys and values of what it has read.
   *
   * @param options.batch texts side by side at the start. Default 1
   * @param options.capacity texts at the most. Default: batch
   */
  stream(options: TransformerStreamOptions = {}): GPTStream {
    const op = "GPT.stream";
    checkCall(op, arguments, "{batch:number capacity:number}");
    const { batch = 1, capacity = batch } = options;
    checkCount(op, "batch", batch);
    checkCount(op, "capacity", capacity, batch);
    return new GPTStream(this, batch, capacity);
  }
}

function checkPositions(positions: unknown, contextLength: number | undefined): void {
  const known = positions === "learned" || positions === "rotary" || typeof positions === "object";
  if (!known)
    throw new OptionError({
      op: "GPT",
      expected: 'positions to be "learned", "rotary" or options of rotary ones',
      got: described(positions),
    });
  if (contextLength === undefined) return;
  checkCount("GPT", "contextLength", contextLength);
  if (positions !== "learned")
    throw new OptionError({
      op: "GPT",
      expected: "contextLength beside learned positions only",
      got: `${contextLength} with rotary ones, which have no end`,
      cure: "window is how many steps a step sees.",
    });
}

/** GPT-2's initial weights. */
function begin(gpt: GPT, numLayers: number): void {
  for (const [name, parameter] of gpt.namedParameters()) {
    if (name.endsWith("bias")) initializers.zero(parameter);
    else if (parameter.shape.length > 1) {
      const adds = name.endsWith("out_proj.weight") || name.endsWith("linear2.weight");
      initializers.normal(parameter, 0, adds ? 0.02 / Math.sqrt(2 * numLayers) : 0.02);
    }
  }
}

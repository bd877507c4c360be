// Words as vectors, made of their letters: what endings, prefixes and capitals tell, also of words never seen.
import { checkCall, checkCount, checkKeys } from "../core/check.js";
import { ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { checkLengths, maskOfLengths, type Lengths } from "../ops/lengths.js";
import { permute, transpose } from "../ops/permute.js";
import { poolSequence } from "../ops/pool-sequence.js";
import { reshape, unsqueeze } from "../ops/reshape.js";
import { where } from "../ops/where.js";
import type { Tensor } from "../tensor/tensor.js";
import { Conv1d } from "./conv.js";
import { Embedding } from "./embedding.js";
import { LSTM } from "./lstm.js";
import { Module } from "./module.js";

export interface CharacterCNNOptions {
  /** Size of a character's vector. Default 30. */
  embeddingSize?: number | undefined;
  /** Size of a word's vector. Default 30. */
  filters?: number | undefined;
  /** Characters that a filter sees at once. Default 3. */
  kernelSize?: number | undefined;
}

export interface CharacterLSTMOptions {
  /** Size of a character's vector. Default 25. */
  embeddingSize?: number | undefined;
  /** Size of the state of each direction: half of a word's vector. Default 25. */
  hiddenSize?: number | undefined;
}

export interface CharacterForwardOptions {
  /** Characters that count in each word: integers 0..characters. Default: all. */
  lengths?: Lengths | undefined;
}

/**
 * The largest response of each filter over a word's characters (Santos & Zadrozny 2014; Ma & Hovy 2016):
 * embedding → convolution, as long as the word → maximum.
 *
 * @example
 * ```ts
 * const letters = new CharacterCNN(30);
 * const words = zeros([6, 12], { dtype: "int32" }); // ids of the letters of 6 words
 * letters.forward(words).shape[0]; // 6
 * ```
 */
export class CharacterCNN extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "CharacterCNN";
  readonly embedding: Embedding;
  readonly conv: Conv1d;
  /** Size of a word's vector. */
  readonly outputSize: number;

  /** @param numCharacters ids of characters */
  constructor(numCharacters: number, options: CharacterCNNOptions = {}) {
    checkCall(
      "CharacterCNN",
      arguments,
      "numCharacters {embeddingSize:number filters:number kernelSize:number}",
    );
    super();
    const { embeddingSize = 30, filters = 30, kernelSize = 3 } = options;
    checkCount("CharacterCNN", "kernelSize", kernelSize);
    this.embedding = new Embedding(numCharacters, embeddingSize);
    this.conv = new Conv1d(embeddingSize, filters, kernelSize, { padding: "same" });
    this.outputSize = filters;
  }

  /**
   * ids int32 `[words, characters]` → `[words, filters]`; zeros for a word of length 0.
   *
   * @throws ShapeError for another number of axes or of lengths; IndexError for an id or a length out of range
   */
  forward(ids: Tensor<"int32">, options: CharacterForwardOptions = {}): Tensor {
    checkCall("CharacterCNN.forward", arguments, "ids:tensor {lengths:list|tensor}");
    const { lengths, vectors } = embedded("CharacterCNN", this.embedding, ids, options);
    // Values past a word's end must not reach into it through the window.
    const cleared =
      lengths && where(unsqueeze(maskOfLengths(lengths, ids.shape[1]!), 2), vectors, 0);
    const responses = this.conv.forward(transpose(cleared ?? vectors, 1, 2));
    const steps = transpose(responses, 1, 2);
    return poolSequence(steps, { mode: "max", ...(lengths && { lengths }) });
  }
}

/**
 * What an LSTM knows of a word when it has read its characters forwards, and backwards (Ling et al. 2015; Lample
 * et al. 2016): the last states of both directions.
 *
 * @example
 * ```ts
 * const letters = new CharacterLSTM(30);
 * const words = ones([6, 12], { dtype: "int32" });
 * letters.forward(words, { lengths: new Int32Array(6).fill(12) }).shape[0]; // 6
 * ```
 */
export class CharacterLSTM extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "CharacterLSTM";
  readonly embedding: Embedding;
  readonly lstm: LSTM;
  /** Size of a word's vector: 2 · hiddenSize. */
  readonly outputSize: number;

  /** @param numCharacters ids of characters */
  constructor(numCharacters: number, options: CharacterLSTMOptions = {}) {
    checkCall("CharacterLSTM", arguments, "numCharacters {embeddingSize:number hiddenSize:number}");
    super();
    const { embeddingSize = 25, hiddenSize = 25 } = options;
    this.embedding = new Embedding(numCharacters, embeddingSize);
    this.lstm = new LSTM(embeddingSize, hiddenSize, { bidirectional: true });
    this.outputSize = 2 * hiddenSize;
  }

  /**
   * ids int32 `[words, characters]` → `[words, 2 · hiddenSize]`; zeros for a word of length 0.
   *
   * @throws ShapeError for another number of axes or of lengths; IndexError for an id or a length out of range
   */
  forward(ids: Tensor<"int32">, options: CharacterForwardOptions = {}): Tensor {
    checkCall("CharacterLSTM.forward", arguments, "ids:tensor {lengths:list|tensor}");
    const { lengths, vectors } = embedded("CharacterLSTM", this.embedding, ids, options);
    const { state } = this.lstm.forward(vectors, lengths && { lengths });
    return reshape(permute(state.h, [1, 0, 2]), [ids.shape[0]!, this.outputSize]);
  }
}

function embedded(
  op: string,
  embedding: Embedding,
  ids: Tensor<"int32">,
  options: CharacterForwardOptions,
): { lengths: Int32Array | undefined; vectors: Tensor } {
  checkKeys(op, options, "lengths");
  if (ids.shape.length !== 2)
    throw new ShapeError({
      op,
      expected: "ids [words, characters]",
      got: formatShape(ids.shape),
    });
  const [words, characters] = ids.shape as [number, number];
  const lengths = checkLengths(op, options.lengths, words, characters);
  return { lengths, vectors: embedding.forward(ids) };
}

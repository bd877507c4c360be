import { quoted } from "../../core/code-points.js";
import { checkProbability } from "../../core/check.js";
import { OptionError } from "../../core/errors.js";
import { padSequences } from "../../data/padding.js";
import { Embedding } from "../../nn/embedding.js";
import { normal } from "../../nn/initializers.js";
import { Module } from "../../nn/module.js";
import { dropout } from "../../ops/dropout.js";
import { ones, tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import type { Encoded, InputData, InputLayer, Sequences } from "./input.js";

export interface TextInputOptions {
  /** Size of a token's vector. Default 128. */
  embeddingSize?: number;
  /**
   * Probability of reading a token as the unknown one, in training: so the model learns what to make of
   * words it never saw. Needs a vocabulary with an unknown token. Default 0.
   */
  wordDropout?: number;
}

/** Standard deviation of the first vectors: with PyTorch's 1, short trainings hardly move them. */
const INITIAL_STD = 0.1;

/** Texts as the learned vectors of their tokens. */
export class TextInput extends Module implements InputLayer<string> {
  readonly tokenizer: Tokenizer;
  readonly embedding: Embedding;
  readonly wordDropout: number;

  constructor(
    tokenizer: Tokenizer,
    { embeddingSize = 128, wordDropout = 0 }: TextInputOptions = {},
  ) {
    super();
    checkProbability("TextInput", wordDropout);
    if (wordDropout > 0 && tokenizer.vocabulary.unknown === undefined)
      throw new OptionError({
        op: "TextInput",
        expected: "a vocabulary with an unknown token, for wordDropout",
        got: "one without",
      });
    this.tokenizer = tokenizer;
    this.wordDropout = wordDropout;
    this.embedding = new Embedding(tokenizer.size, embeddingSize);
    if (TRAINING) normal(this.embedding.weight, 0, INITIAL_STD);
  }

  get size(): number {
    return this.embedding.weight.shape[1]!;
  }

  encode(op: string, text: string): Int32Array {
    if (typeof text === "string") return this.tokenizer.encode(text);
    throw new OptionError({
      op,
      expected: "a text",
      got: quoted(JSON.stringify(text) ?? String(text)),
      cure: "This model was made for texts.",
    });
  }

  timeOf(ids: Encoded): number {
    return ids.length;
  }

  forward(batch: readonly Encoded[]): Sequences {
    const longest = batch.reduce((most, { length }) => Math.max(most, length), 1);
    const { ids, lengths, shape } = padSequences(batch, { time: longest });
    if (this.training && this.wordDropout > 0) this.#dropWords(ids, shape);
    return { x: this.embedding.forward(tensor(ids, { shape })), lengths };
  }

  toJSON(): InputData {
    const { tokenizer, size, wordDropout } = this;
    return { type: "text", tokenizer: tokenizer.toJSON(), embeddingSize: size, wordDropout };
  }

  #dropWords(ids: Int32Array, shape: readonly [number, number]): void {
    const unknown = this.tokenizer.vocabulary.id(this.tokenizer.vocabulary.unknown!);
    const kept = scope(() => dropout(ones(shape), this.wordDropout).data());
    for (let i = 0; i < ids.length; i++) if (kept[i] === 0) ids[i] = unknown;
  }
}

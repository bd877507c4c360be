// A recurrent language model over characters or words: it learns to say what comes next.
import { noGrad } from "../autograd/mode.js";
import { OptionError } from "../core/errors.js";
import { Sampler, type SamplingOptions } from "../decode/sampler.js";
import type { StopCondition } from "../decode/stop.js";
import { crossEntropy } from "../losses/cross-entropy.js";
import { perplexity } from "../metrics/perplexity.js";
import type { Carry } from "../nn/carry.js";
import { Dropout } from "../nn/dropout.js";
import { Embedding } from "../nn/embedding.js";
import { Linear } from "../nn/linear.js";
import { LSTM, type LSTMState } from "../nn/lstm.js";
import { Module } from "../nn/module.js";
import { tensor } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { tokenizerFromJSON, type Tokenizer } from "../text/tokenizer.js";
import { inEvaluation } from "./in-evaluation.js";
import { loadModel, saveModel, type ModelKind } from "./model-file.js";

export interface LanguageModelOptions {
  /** Size of a token's vector. Default 128. */
  embeddingSize?: number;
  /** Size of the LSTM's state. Default 256. */
  hiddenSize?: number;
  /** LSTM layers. Default 1. */
  numLayers?: number;
  /** Probability of dropping, in training: of embeddings, between layers, and before the output. Default 0. */
  dropout?: number;
  /**
   * Whether the output layer shares the embedding's weight (Press & Wolf 2017): fewer parameters, better
   * with large vocabularies. Needs embeddingSize = hiddenSize. Default false.
   */
  tieWeights?: boolean;
}

export interface GenerateOptions extends SamplingOptions {
  /** Tokens to generate at the most. Default 200. */
  length?: number;
  /** Ends the text earlier; the token at which it stops is part of the text. */
  stop?: StopCondition;
}

/** A mean negative log-likelihood per token, in nats, and its exponential. */
export interface LanguageModelScore {
  readonly loss: number;
  readonly perplexity: number;
}

const KIND: ModelKind = { name: "LanguageModel", kind: "language-model", version: 1 };

/**
 * Embedding → LSTM → linear, with dropout between; the tokens are characters or words, as its tokenizer
 * cuts them.
 */
export class LanguageModel extends Module {
  readonly tokenizer: Tokenizer;
  readonly options: Readonly<Required<LanguageModelOptions>>;
  readonly embedding: Embedding;
  readonly lstm: LSTM;
  readonly head: Linear;
  readonly dropout: Dropout;

  constructor(
    tokenizer: Tokenizer,
    {
      embeddingSize = 128,
      hiddenSize = 256,
      numLayers = 1,
      dropout = 0,
      tieWeights = false,
    }: LanguageModelOptions = {},
  ) {
    super();
    if (tieWeights && embeddingSize !== hiddenSize)
      throw new OptionError({
        op: "LanguageModel",
        expected: "embeddingSize equal to hiddenSize for tied weights",
        got: `${embeddingSize} and ${hiddenSize}`,
      });
    this.tokenizer = tokenizer;
    this.options = { embeddingSize, hiddenSize, numLayers, dropout, tieWeights };
    this.embedding = new Embedding(tokenizer.size, embeddingSize);
    this.lstm = new LSTM(embeddingSize, hiddenSize, {
      numLayers,
      dropout: numLayers > 1 ? dropout : 0,
    });
    this.head = new Linear(hiddenSize, tokenizer.size, {
      ...(tieWeights && { weight: this.embedding.weight }),
    });
    this.dropout = new Dropout(dropout);
  }

  /** ids `[batch, time]` → logits `[batch, time, tokens]` of what follows each, and the state at the end. */
  forward(
    ids: Tensor<"int32">,
    { state }: { state?: LSTMState } = {},
  ): { logits: Tensor; state: LSTMState } {
    const vectors = this.dropout.forward(this.embedding.forward(ids));
    const { output, state: end } = this.lstm.forward(vectors, state && { state });
    return { logits: this.head.forward(this.dropout.forward(output)), state: end };
  }

  /** A state to carry from window to window in training. */
  carry(batch: number): Carry<LSTMState> {
    return this.lstm.carry(batch);
  }

  /** Mean cross-entropy over a window, from the carried state, which moves on to the window's end. */
  loss(input: Tensor<"int32">, target: Tensor<"int32">, carry: Carry<LSTMState>): Tensor {
    const { logits, state } = this.forward(input, { state: carry });
    carry.set(state);
    return crossEntropy(logits, target);
  }

  /** How well it predicts a text: each token from all before it. Dropout is off meanwhile. */
  evaluate(text: string | Int32Array): LanguageModelScore {
    const ids = typeof text === "string" ? this.tokenizer.encode(text) : text;
    if (ids.length < 2)
      throw new OptionError({
        op: "evaluate",
        expected: "at least two tokens",
        got: String(ids.length),
      });
    return inEvaluation(this, () => {
      const carry = this.carry(1);
      let sum = 0;
      for (let start = 0; start < ids.length - 1; start += EVALUATION_WINDOW) {
        const end = Math.min(start + EVALUATION_WINDOW, ids.length - 1);
        const shape = [1, end - start];
        const input = ids.subarray(start, end);
        const target = ids.subarray(start + 1, end + 1);
        const loss = scope(() =>
          this.loss(tensor(input, { shape }), tensor(target, { shape }), carry).item(),
        );
        sum += loss * (end - start);
      }
      carry.dispose();
      const loss = sum / (ids.length - 1);
      return { loss, perplexity: perplexity(loss) };
    });
  }

  /**
   * Goes on with a text, token by token: `for (const piece of model.generate("Call me")) write(piece)`.
   * The pieces are what follows the prompt, white space included; a token for unknown words is never
   * among them. The same seed gives the same text on every engine with the plain build.
   *
   * @param prompt what comes before; not part of what is generated
   * @throws OptionError for an empty prompt
   */
  *generate(prompt: string, options: GenerateOptions = {}): Generator<string, void> {
    const { length = 200, stop, ...sampling } = options;
    const ids = this.tokenizer.encode(prompt);
    if (ids.length === 0)
      throw new OptionError({
        op: "generate",
        expected: "a prompt of at least one token",
        got: JSON.stringify(prompt),
      });
    const sampler = new Sampler(sampling);
    const decode = this.tokenizer.decoder(prompt);
    const stream = this.lstm.stream();
    try {
      const hidden = new Float32Array(this.lstm.hiddenSize);
      for (const id of ids) stream.push(this.#vector(id), hidden);
      const generated: number[] = [];
      while (generated.length < length) {
        const id = sampler.sample(this.#logits(hidden));
        generated.push(id);
        yield decode(id);
        if (stop?.(generated)) return;
        stream.push(this.#vector(id), hidden);
      }
    } finally {
      stream.dispose();
    }
  }

  /** The model in one safetensors file: weights under PyTorch's names; tokenizer and options as metadata. */
  save(): Uint8Array<ArrayBuffer> {
    return saveModel(this, KIND, { options: this.options, tokenizer: this.tokenizer });
  }

  /**
   * The model that {@link save} wrote.
   *
   * @throws FormatError for a file that is damaged, or holds something else
   */
  static load(bytes: Uint8Array): LanguageModel {
    return loadModel(
      bytes,
      KIND,
      ["tokenizer", "options"],
      ({ tokenizer, options }) =>
        new LanguageModel(tokenizerFromJSON(tokenizer), options as LanguageModelOptions),
    );
  }

  /** A token's vector. */
  #vector(id: number): Float32Array {
    return scope(() => noGrad(() => this.embedding.forward(tensor(Int32Array.of(id))).data()));
  }

  /** Of what may come next: any token but the one for unknown words, which nobody can read. */
  #logits(hidden: Float32Array): Float32Array {
    const logits = scope(() =>
      noGrad(() => this.head.forward(tensor(hidden, { shape: [1, hidden.length] })).data()),
    );
    const { unknown } = this.tokenizer.vocabulary;
    if (unknown !== undefined) logits[this.tokenizer.vocabulary.id(unknown)] = -Infinity;
    return logits;
  }
}

/** Tokens an evaluation reads at once. */
const EVALUATION_WINDOW = 512;

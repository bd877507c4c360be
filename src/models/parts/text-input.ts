import { cannotTrain } from "../../core/inference.js";
import { checkCall } from "../../core/check.js";
import { checkLike } from "../../core/check-like.js";
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import { padSequences } from "../../data/padding.js";
import type { Embedding } from "../../nn/embedding.js";
import { Module } from "../../nn/module.js";
import { dropout } from "../../ops/dropout.js";
import { ones, tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import {
  api,
  checkOptions,
  flag,
  pickOptions,
  probability,
  readOptions,
  whole,
  type OptionTable,
} from "../../core/options.js";
import type { Encoded, InputKind, InputLayer, Sequences } from "./input.js";
import { TOKENS_BY_THE_TEXT, TokenCounter, type TokenOptions } from "../../text/tokens.js";
import { fillVectors, vectorSize, withWords, type PretrainedOptions } from "./pretrained.js";
import { wordVectors } from "./word-vectors.js";

export interface TextInputOptions {
  /** Size of a token's vector. Default 128. */
  embeddingSize?: number | undefined;
  /**
   * Probability of reading a token as the unknown one, in training: so the model learns what to make of
   * words it never saw. Needs a vocabulary with an unknown token. Default: 0; of `text()` 0.1, without an unknown token 0.
   */
  wordDropout?: number | undefined;
  /** Whether the tokens' vectors stay as they are in training, such as those of `vectors`. Default false. */
  freezeVectors?: boolean | undefined;
}

export interface TextOptions extends TokenOptions, TextInputOptions, PretrainedOptions {}

const INPUT_OPTIONS: OptionTable<TextInputOptions> = {
  embeddingSize: whole(1, 128, "size of a token's vector"),
  wordDropout: probability(0, "share of the words read as unknown in training"),
  freezeVectors: flag(false, "keep the tokens' vectors as they are in training"),
};

export const TEXT_OPTIONS: OptionTable<TextOptions> = {
  ...TOKENS_BY_THE_TEXT,
  ...INPUT_OPTIONS,
  wordDropout: probability(
    undefined,
    "share of the tokens read as unknown in training (default: 0.1)",
  ),
  vectors: api("object", "word vectors to begin with"),
};

/** Where words may be unknown at all. */
const WORD_DROPOUT = 0.1;

/**
 * Texts, as input of a model that is built: how they become tokens, and the tokens vectors.
 *
 * @throws BackendError in `hiddenstate/infer`, which does not train
 * @example
 * ```ts
 * const examples = [
 *   { input: "what a film", label: "good" },
 *   { input: "so dull", label: "bad" },
 * ];
 * const model = SequenceClassifier.build(examples, { input: text({ embeddingSize: 16 }), hiddenSize: 16 });
 * model.labels.tokens; // ["bad", "good"]
 * ```
 */
export function text(options: TextOptions = {}): InputKind<string> {
  if (!TRAINING) throw cannotTrain("text");
  checkCall("text", arguments, "options?:object");
  checkOptions("text", TEXT_OPTIONS, options);
  return {
    type: "text",
    counter(op) {
      if (!TRAINING) throw cannotTrain(op);
      const tokens = pickOptions(TOKENS_BY_THE_TEXT, options);
      const counter = new TokenCounter(op, tokens, TOKENS_BY_THE_TEXT);
      return {
        add: (input) => counter.add(checkedText(op, input)),
        get chosen() {
          return counter.chosen;
        },
        layer() {
          const { vectors } = options;
          const tokenizer = withWords(
            counter.openTokenizer,
            options.tokenizer ? undefined : vectors,
          );
          const knowsUnknown = tokenizer.vocabulary.unknown !== undefined;
          const wordDropout = options.wordDropout ?? (knowsUnknown ? WORD_DROPOUT : 0);
          const own = { ...pickOptions(INPUT_OPTIONS, options), wordDropout };
          if (!vectors) return new TextInput(tokenizer, own);
          const embeddingSize = vectorSize(op, vectors, own.embeddingSize);
          const layer = new TextInput(tokenizer, { ...own, embeddingSize });
          fillVectors(layer.embedding, tokenizer.vocabulary.tokens, vectors);
          return layer;
        },
      };
    },
  };
}

/**
 * Texts as the learned vectors of their tokens.
 *
 * @example
 * ```ts
 * const input = new TextInput(WordTokenizer.build("a film a play"));
 * new SequenceClassifier(["good", "bad"], input, { hiddenSize: 8 }).labels.size; // 2
 * ```
 */
export class TextInput extends Module implements InputLayer<string> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "TextInput";
  readonly tokenizer: Tokenizer;
  readonly embedding: Embedding;
  readonly wordDropout: number;
  readonly freezeVectors: boolean;

  constructor(tokenizer: Tokenizer, options: TextInputOptions = {}) {
    checkCall("TextInput", arguments, "tokenizer:object options?:object");
    super();
    checkLike("TextInput", "a tokenizer", "decoder", tokenizer);
    const settings = readOptions("TextInput", INPUT_OPTIONS, options);
    const { embeddingSize, wordDropout, freezeVectors } = settings;
    if (wordDropout > 0 && tokenizer.vocabulary.unknown === undefined)
      throw new OptionError({
        op: "TextInput",
        expected: "a vocabulary with an unknown token, for wordDropout",
        got: "one without",
      });
    this.tokenizer = tokenizer;
    this.wordDropout = wordDropout;
    this.freezeVectors = freezeVectors;
    this.embedding = wordVectors(tokenizer.size, embeddingSize);
    if (TRAINING && freezeVectors) this.embedding.weight.requiresGrad = false;
  }

  get size(): number {
    return this.embedding.weight.shape[1]!;
  }

  encode(op: string, text: string): Int32Array {
    return this.tokenizer.encode(checkedText(op, text));
  }

  timeOf(ids: Encoded): number {
    return ids.length;
  }

  unknownIn(ids: Encoded): number {
    const { vocabulary } = this.tokenizer;
    if (vocabulary.unknown === undefined) return 0;
    const unknown = vocabulary.id(vocabulary.unknown);
    let count = 0;
    for (const id of ids) if (id === unknown) count++;
    return count;
  }

  forward(batch: readonly Encoded[]): Sequences {
    const longest = batch.reduce((most, { length }) => Math.max(most, length), 1);
    const { ids, lengths, shape } = padSequences(batch, { time: longest });
    if (this.training && this.wordDropout > 0) this.#dropWords(ids, shape);
    return { x: this.embedding.forward(tensor(ids, { shape })), lengths };
  }

  toJSON() {
    const { tokenizer, size, wordDropout } = this;
    return {
      type: "text" as const,
      tokenizer: tokenizer.toJSON(),
      embeddingSize: size,
      wordDropout,
      ...(this.freezeVectors && { freezeVectors: true }),
    };
  }

  #dropWords(ids: Int32Array, shape: readonly [number, number]): void {
    const unknown = this.tokenizer.vocabulary.id(this.tokenizer.vocabulary.unknown!);
    const kept = scope(() => dropout(ones(shape), this.wordDropout).data());
    for (let i = 0; i < ids.length; i++) if (kept[i] === 0) ids[i] = unknown;
  }
}

function checkedText(op: string, text: unknown): string {
  if (typeof text === "string") return text;
  throw new OptionError({
    op,
    expected: "a text",
    got: described(text),
    cure: "This model reads texts.",
  });
}

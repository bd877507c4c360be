import { checkAlone } from "../../core/check-like.js";
import { checkCall } from "../../core/check.js";
import { quoted } from "../../core/code-points.js";
import { FormatError } from "../../core/errors.js";
import { SubwordEncoder } from "../subwords/encoder.js";
import { Merges } from "../subwords/merges.js";
import type { EncodeSubwordsOptions, SubwordDecoder } from "../subwords/scheme.js";
import type { Vocabulary } from "../vocabulary.js";
import { AddedTokenFinder, addedTokensOf } from "./added-tokens.js";
import { decoderOf, type TokensDecoder } from "./decoders.js";
import { OP, partOf, type Part } from "./fields.js";
import { bpeModelOf } from "./model.js";
import { normalizerOf } from "./normalizers.js";
import { preTokenizerOf } from "./pre-tokenizers.js";

/** What is read of a file, and kept in a model's. */
const PARTS = [
  "added_tokens",
  "normalizer",
  "pre_tokenizer",
  "decoder",
  "padding",
  "model",
] as const;

/** Tokens before the next one that decide how it is read. */
const CONTEXT = 8;

/**
 * A tokenizer that Hugging Face's libraries wrote: a `tokenizer.json` with a model of type BPE, such as GPT-2's or
 * Llama's. It gives the ids that they give, without those of a template (`post_processor`), such as a `<s>` at the start.
 * Special tokens are found in a text, and decode to nothing. Normal forms, letters and marks are
 * those of the engine's version of Unicode, which newer characters may not be part of.
 *
 * Read are: normalizers NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Replace, Prepend, ByteLevel; pre-tokenizers
 * ByteLevel, Whitespace, WhitespaceSplit, BertPreTokenizer, Split, CharDelimiterSplit, Punctuation, Digits, Metaspace;
 * decoders ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace, BPEDecoder; Sequences of these; added tokens.
 *
 * @example
 * ```ts
 * const tokenizer = HuggingFaceTokenizer.fromJSON({
 *   model: { type: "BPE", vocab: { l: 0, o: 1, w: 2, lo: 3 }, merges: [["l", "o"]] },
 *   decoder: { type: "Fuse" },
 * });
 * tokenizer.decode(tokenizer.encode("low")); // "low"
 * ```
 */
export class HuggingFaceTokenizer {
  readonly vocabulary: Vocabulary;
  readonly #encoder: SubwordEncoder;
  readonly #parts: Part;

  private constructor(parts: Part) {
    const added = addedTokensOf(parts.added_tokens);
    const model = bpeModelOf(parts.model, added, parts.padding);
    const { vocabulary } = model;
    const normalize = normalizerOf(parts.normalizer);
    const cut = preTokenizerOf(parts.pre_tokenizer);
    const asTheyAre = new AddedTokenFinder(added.filter(({ normalized }) => !normalized));
    const inNormalForm = new AddedTokenFinder(
      added.filter(({ normalized }) => normalized),
      (text) => normalize(text).text,
    );
    const silent = new Set(added.filter(({ special }) => special).map(({ id }) => id));
    const decode = decoderOf(parts.decoder);
    this.vocabulary = vocabulary;
    this.#parts = parts;
    this.#encoder = new SubwordEncoder(new Merges(model.merges, vocabulary.size, false), {
      pieces: (text) =>
        asTheyAre.split(text.replace(/\p{Surrogate}/gu, "\ufffd")).flatMap((section, i) => {
          if (typeof section === "number") return [section];
          const { text: normal, begins } = normalize(section);
          return inNormalForm
            .split(normal)
            .flatMap<string | number>((part, k) =>
              typeof part === "number" ? [part] : cut(part, begins && i === 0 && k === 0),
            );
        }),
      spell: model.spell,
      whole: model.whole,
      decoder: (before = "") =>
        new Redecoder(vocabulary, silent, decode, before === "" ? [] : this.encode(before)),
    });
  }

  /**
   * @param data the file's text, or what `JSON.parse` made of it
   * @throws FormatError for what is no such file, or has a part that is not read: it says which
   */
  static fromJSON(data: unknown): HuggingFaceTokenizer {
    checkAlone("HuggingFaceTokenizer.fromJSON", arguments);
    const parsed = partOf(typeof data === "string" ? parse(data) : data, "its top");
    const parts = Object.fromEntries(PARTS.map((name) => [name, parsed[name] ?? null]));
    return new HuggingFaceTokenizer(parts);
  }

  /** Number of ids. */
  get size(): number {
    return this.vocabulary.size;
  }

  /** Half of a surrogate pair is read as U+FFFD. */
  encode(text: string, options: EncodeSubwordsOptions = {}): Int32Array {
    checkCall("HuggingFaceTokenizer.encode", arguments, "text:string {dropout:number}");
    return this.#encoder.encode("HuggingFaceTokenizer.encode", text, options);
  }

  /** @throws IndexError for an id outside 0..size-1 */
  decode(ids: ArrayLike<number>): string {
    checkCall("HuggingFaceTokenizer.decode", arguments, "ids:list");
    const decoder = this.#encoder.scheme.decoder();
    return (decoder as Redecoder).all(ids);
  }

  /** The text that each id adds to the one `before`. A character in bytes comes with its last one. */
  decoder(before?: string): (id: number) => string {
    checkCall("HuggingFaceTokenizer.decoder", arguments, "before?:string");
    const decoder = this.#encoder.scheme.decoder(before);
    return (id) => decoder.push(id);
  }

  /** For `JSON.stringify`; `tokenizerFromJSON` reads it. */
  toJSON() {
    return { type: "hugging-face" as const, tokenizer: this.#parts };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FormatError({ op: OP, expected: "a tokenizer.json", got: quoted(text) }, { cause });
  }
}

/** Decodes the last few tokens with each new one: what a token adds depends on its neighbours. */
class Redecoder implements SubwordDecoder {
  readonly #vocabulary: Vocabulary;
  readonly #silent: ReadonlySet<number>;
  readonly #decode: TokensDecoder;
  #tokens: string[];
  #told: string;

  constructor(
    vocabulary: Vocabulary,
    silent: ReadonlySet<number>,
    decode: TokensDecoder,
    before: ArrayLike<number>,
  ) {
    this.#vocabulary = vocabulary;
    this.#silent = silent;
    this.#decode = decode;
    this.#tokens = this.#tokensOf(before).slice(-CONTEXT);
    this.#told = decode(this.#tokens);
  }

  all(ids: ArrayLike<number>): string {
    return this.#decode(this.#tokensOf(ids));
  }

  push(id: number): string {
    const [token] = this.#tokensOf([id]);
    if (token === undefined) return "";
    this.#tokens.push(token);
    const text = this.#decode(this.#tokens);
    // Amid a character.
    if (text.endsWith("\ufffd")) return "";
    const added = text.slice(this.#told.length);
    if (this.#tokens.length > 2 * CONTEXT) this.#tokens = this.#tokens.slice(-CONTEXT);
    this.#told = this.#decode(this.#tokens);
    return added;
  }

  end(): string {
    return this.#decode(this.#tokens).slice(this.#told.length);
  }

  #tokensOf(ids: ArrayLike<number>): string[] {
    return Array.from(ids, (id) => [id, this.#vocabulary.token(id)] as const)
      .filter(([id]) => !this.#silent.has(id))
      .map(([, token]) => token);
  }
}

// Texts to ids and back, as a model keeps it.
import { checkAlone } from "../core/check-like.js";
import { quoted } from "../core/code-points.js";
import { FormatError, OptionError } from "../core/errors.js";
import { CharTokenizer } from "./char-tokenizer.js";
import { Vocabulary, type VocabularyData } from "./vocabulary.js";
import { HuggingFaceTokenizer } from "./hugging-face/hugging-face-tokenizer.js";
import { SubwordTokenizer, type SubwordTokenizerOptions } from "./subwords/subword-tokenizer.js";
import { WordTokenizer, type WordTokenizerOptions } from "./word-tokenizer.js";

/** Cuts texts into tokens and numbers them. */
export interface Tokenizer {
  readonly vocabulary: Vocabulary;
  /** Number of ids. */
  readonly size: number;
  /** @throws IndexError for a token that the vocabulary lacks, where it has no unknown token */
  encode(text: string): Int32Array;
  /** @throws IndexError for an id outside 0..size-1 */
  decode(ids: ArrayLike<number>): string;
  /**
   * {@link decode} one id after another: the text that each adds to the one before it.
   *
   * @param before what the first goes on from. Default: nothing
   */
  decoder(before?: string): (id: number) => string;
  /** Plain data from which {@link tokenizerFromJSON} makes it again. */
  toJSON(): TokenizerData;
}

export type TokenizerData =
  | { readonly type: "char"; readonly vocabulary: VocabularyData }
  | ({ readonly type: "word"; readonly vocabulary: VocabularyData } & WordTokenizerOptions)
  | ({
      readonly type: "subword";
      readonly vocabulary: VocabularyData;
      readonly merges: readonly (readonly [string, string])[];
    } & SubwordTokenizerOptions)
  | { readonly type: "hugging-face"; readonly tokenizer: Readonly<Record<string, unknown>> };

/**
 * A tokenizer from what its `toJSON` gave, parsed again.
 *
 * @throws FormatError for anything else
 */
export function tokenizerFromJSON(data: unknown): Tokenizer {
  checkAlone("tokenizerFromJSON", arguments);
  const { type, vocabulary, cut, ...options } = Object(data) as Partial<Record<string, unknown>>;
  if (type === "char") return new CharTokenizer(Vocabulary.fromJSON(vocabulary));
  if (type === "word") {
    // Earlier versions wrote `cut: "blanks"`, and no rules.
    const split = cut === "blanks" ? "whitespace" : cut;
    const known: object = { rules: 1, ...options, ...(split !== undefined && { split }) };
    return refusing(() => new WordTokenizer(Vocabulary.fromJSON(vocabulary), known));
  }
  if (type === "subword") {
    const { merges, ...known } = options as { merges: readonly [string, string][] };
    return refusing(() => new SubwordTokenizer(Vocabulary.fromJSON(vocabulary), merges, known));
  }
  if (type === "hugging-face") return HuggingFaceTokenizer.fromJSON(options.tokenizer);
  throw new FormatError({
    op: "tokenizerFromJSON",
    expected: 'a tokenizer of type "char", "word", "subword" or "hugging-face"',
    got: quoted(String(type)),
    cure: "Was it saved by a later version?",
  });
}

/** What a class refuses as an option is a fault of the data here. */
function refusing<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof OptionError)) throw cause;
    const { expected, got } = cause;
    throw new FormatError({ op: "tokenizerFromJSON", expected, got }, { cause });
  }
}

// Texts to ids and back, as a model keeps it.
import { quoted } from "../core/code-points.js";
import { FormatError } from "../core/errors.js";
import { CharTokenizer } from "./char-tokenizer.js";
import { Vocabulary, type VocabularyData } from "./vocabulary.js";

/** Cuts texts into tokens and numbers them. */
export interface Tokenizer {
  /** Number of ids. */
  readonly size: number;
  /** @throws IndexError for a token that the vocabulary lacks, where it has no unknown token */
  encode(text: string): Int32Array;
  /** @throws IndexError for an id outside 0..size-1 */
  decode(ids: ArrayLike<number>): string;
  /** Plain data from which {@link tokenizerFromJSON} makes it again. */
  toJSON(): TokenizerData;
}

export interface TokenizerData {
  readonly type: "char";
  readonly vocabulary: VocabularyData;
}

/**
 * A tokenizer from what its `toJSON` gave, parsed again.
 *
 * @throws FormatError for anything else
 */
export function tokenizerFromJSON(data: unknown): Tokenizer {
  const { type, vocabulary } = Object(data) as Partial<Record<string, unknown>>;
  if (type === "char") return new CharTokenizer(Vocabulary.fromJSON(vocabulary));
  throw new FormatError({
    op: "tokenizerFromJSON",
    expected: 'a tokenizer of type "char"',
    got: quoted(String(type)),
    cure: "Was it saved by a later version?",
  });
}

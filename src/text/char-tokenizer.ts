import { checkLike } from "../core/check-like.js";
import { checkCall } from "../core/check.js";
import { Vocabulary, type BuildVocabularyOptions } from "./vocabulary.js";

/**
 * A text as its characters: code points, so that no emoji is cut in half. Nothing is changed, and decoding
 * gives the text back.
 *
 * @example
 * ```ts
 * const tokenizer = CharTokenizer.build("abba");
 * const ids = tokenizer.encode("baab");
 * tokenizer.decode(ids); // "baab"
 * ```
 */
export class CharTokenizer {
  readonly vocabulary: Vocabulary;

  constructor(vocabulary: Vocabulary) {
    checkCall("CharTokenizer", arguments, "vocabulary:object");
    checkLike("CharTokenizer", "a Vocabulary", "encode", vocabulary);
    this.vocabulary = vocabulary;
  }

  /** A tokenizer for the characters of a text. */
  static build(text: string, options: BuildVocabularyOptions = {}): CharTokenizer {
    checkCall("CharTokenizer.build", arguments, "text:string options?");
    return new CharTokenizer(Vocabulary.build(text, options));
  }

  /** Number of ids. */
  get size(): number {
    return this.vocabulary.size;
  }

  /** @throws IndexError for a character that the vocabulary lacks, where it has no unknown token */
  encode(text: string): Int32Array {
    checkCall("CharTokenizer.encode", arguments, "text:string");
    return this.vocabulary.encode([...text]);
  }

  /** @throws IndexError for an id outside 0..size-1 */
  decode(ids: ArrayLike<number>): string {
    checkCall("CharTokenizer.decode", arguments, "ids:list");
    return this.vocabulary.decode(ids).join("");
  }

  /** The text of one id after another: its token. */
  decoder(): (id: number) => string {
    return (id) => this.vocabulary.token(id);
  }

  /** For `JSON.stringify`; `tokenizerFromJSON` reads it. */
  toJSON() {
    return { type: "char" as const, vocabulary: this.vocabulary.toJSON() };
  }
}

// What the texts of pairs are cut into, as far as options say.
import { api, choice, whole, type OptionTable } from "../../core/options.js";
import type { Tokenizer } from "../../text/tokenizer.js";

/** What texts are cut into. */
export type TokenKind = "characters" | "words" | "subwords";

/** How the texts of pairs become tokens. */
export interface PairTokenOptions {
  /** What a token of the source is. Default: by the texts; subwords of sentences, characters of words, names and numbers. */
  source?: TokenKind | undefined;
  /** What a token of the target is. Default: by the texts, as for the source. */
  target?: TokenKind | undefined;
  /**
   * Subwords and words: one vocabulary for both sides, or one each. Default: `"joint"` where both are subwords, else
   * `"separate"`.
   */
  vocabulary?: "joint" | "separate" | undefined;
  /** Most tokens of a vocabulary of words or subwords. Default: of words any number; of subwords by the texts, 1,000 to 8,000. */
  maxSize?: number | undefined;
  /**
   * One vocabulary of subwords for both sides: a subword that comes less often on a side is taken apart there
   * (`SubwordTokenizer.restrictedTo`), so that none is read or written that only the other side has taught. subword-nmt
   * advises 50. Default: none.
   */
  vocabularyThreshold?: number | undefined;
  /** Words: rarer ones are unknown. Default 2. */
  minCount?: number | undefined;
  /**
   * Words and subwords: words, numbers and marks are apart, or only what white space separates. Default: `"words"`;
   * `"whitespace"` where the texts tell that tokens are words.
   */
  split?: "words" | "whitespace" | undefined;
  /** A tokenizer for the source, instead of one for what is seen. Default: none. */
  sourceTokenizer?: Tokenizer | undefined;
  /** A tokenizer for the target. Default: none. */
  targetTokenizer?: Tokenizer | undefined;
}

const KINDS = ["characters", "words", "subwords"] as const;

export const PAIR_TOKEN_OPTIONS: OptionTable<PairTokenOptions> = {
  source: choice(KINDS, undefined, "what a token of the source is (default: by the texts)"),
  target: choice(KINDS, undefined, "what a token of the target is (default: by the texts)"),
  vocabulary: choice(
    ["joint", "separate"],
    undefined,
    "one vocabulary for both sides, or one each (default: joint where both are subwords)",
  ),
  maxSize: whole(
    1,
    undefined,
    "most tokens of a vocabulary (default: of words any number, of subwords by the texts)",
  ),
  vocabularyThreshold: whole(
    1,
    undefined,
    "one vocabulary of subwords: rarer ones of a side are taken apart there (default: none)",
  ),
  minCount: whole(1, 2, "words: rarer ones are unknown"),
  split: choice(
    ["words", "whitespace"],
    undefined,
    "what separates words: marks too, or white space alone (default: words)",
  ),
  sourceTokenizer: api("object", "a tokenizer for the source"),
  targetTokenizer: api("object", "a tokenizer for the target"),
};

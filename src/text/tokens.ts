// How texts become tokens: characters or words, and which of them a vocabulary holds.
import { described } from "../core/described.js";
import { definedOnly } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { CharTokenizer } from "./char-tokenizer.js";
import { tally } from "../core/tally.js";
import type { Tokenizer } from "./tokenizer.js";
import { Vocabulary } from "./vocabulary.js";
import { WordCounter } from "./word-tokenizer.js";
import {
  api,
  choice,
  flag,
  readOptions,
  whole,
  type OptionNaming,
  type OptionTable,
} from "../core/options.js";

export interface TokenOptions {
  /** What a token is. Default `"words"`. */
  tokens?: "characters" | "words";
  /** What a word is: words, numbers and single punctuation marks; or what stands between white space. Default `"words"`. */
  split?: "words" | "whitespace";
  /** Rarer words are unknown. Default 1. */
  minCount?: number;
  /** Most tokens of the vocabulary, the most frequent ones; the special ones count. Default: any number. */
  maxSize?: number | undefined;
  /** Whether words are folded to lower case. Default false. */
  lowercase?: boolean;
  /** A tokenizer, instead of one for the words or characters that are seen. Default: none. */
  tokenizer?: Tokenizer | undefined;
}

export const TOKEN_OPTIONS: OptionTable<TokenOptions> = {
  tokens: choice(["characters", "words"], "words", "what a token is"),
  split: choice(["words", "whitespace"], "words", "words and punctuation, or split at whitespace"),
  minCount: whole(1, 1, "rarer words are unknown"),
  maxSize: whole(1, undefined, "most tokens of the vocabulary (default: any number)"),
  lowercase: flag(false, "fold letters to lower case"),
  tokenizer: api("object", "a tokenizer"),
};

const OF_WORDS = ["split", "minCount", "maxSize", "lowercase"] as const;

/** Counts the tokens of texts, one after another, for a tokenizer of them. */
export class TokenCounter {
  readonly #words: WordCounter | undefined;
  readonly #tokenizer: Tokenizer | undefined;
  readonly #characters = new Map<string, number>();

  /** @throws OptionError for options that nothing would read */
  constructor(
    op: string,
    given: TokenOptions,
    table: OptionTable<TokenOptions> = TOKEN_OPTIONS,
    named: OptionNaming = (name) => name,
  ) {
    const { tokens, tokenizer, ...words } = readOptions<TokenOptions>(op, table, given, {}, named);
    const unread = tokenizer ? (["tokens", ...OF_WORDS] as const) : OF_WORDS;
    if (tokenizer || tokens === "characters")
      for (const name of unread)
        if (given[name] !== undefined)
          throw new OptionError({
            op,
            expected: `no ${named(name)} beside ${tokenizer ? "a tokenizer" : `${named("tokens")} characters`}`,
            got: described(given[name]),
            cure: `Leave ${named(name)} out.`,
          });
    this.#tokenizer = tokenizer;
    if (!tokenizer && tokens === "words") this.#words = new WordCounter(definedOnly(words));
  }

  add(text: string): void {
    if (this.#words) this.#words.add(text);
    else if (!this.#tokenizer) tally(this.#characters, text);
  }

  get tokenizer(): Tokenizer {
    return (
      this.#tokenizer ??
      this.#words?.tokenizer() ??
      new CharTokenizer(Vocabulary.fromCounts(this.#characters))
    );
  }
}

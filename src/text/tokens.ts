// How texts become tokens: characters, words or subwords, and which of them a vocabulary holds.
import { described } from "../core/described.js";
import { definedOnly } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { BlankSurvey } from "./blank-survey.js";
import { CharTokenizer } from "./char-tokenizer.js";
import { tally } from "../core/tally.js";
import { BYTE_TOKENS } from "./subwords/bytes.js";
import { SUBWORDS } from "./subwords/learn-subwords.js";
import { SubwordCounter } from "./subwords/subword-counter.js";
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
  /**
   * What a token is; `"subwords"`: frequent parts of words, by byte-pair encoding, so that none is unknown. Default
   * `"words"`; of `text()` `"characters"` for texts without blanks, such as Chinese.
   */
  tokens?: "characters" | "words" | "subwords";
  /**
   * What a word is, of which subwords are parts: words, numbers and single punctuation marks; or what stands between white
   * space. Default `"words"`.
   */
  split?: "words" | "whitespace";
  /** Rarer words are unknown; rarer pairs of subwords are not merged. Default 1; of subwords 2. */
  minCount?: number;
  /** Most tokens of the vocabulary, the most frequent ones; the special ones count. Default: any number; of subwords 8000. */
  maxSize?: number | undefined;
  /** Whether words are folded to lower case. Default false. */
  lowercase?: boolean;
  /** A tokenizer, instead of one for the words or characters that are seen. Default: none. */
  tokenizer?: Tokenizer | undefined;
}

const KINDS = ["characters", "words", "subwords"] as const;

export const TOKEN_OPTIONS: OptionTable<TokenOptions> = {
  tokens: choice(KINDS, "words", "what a token is"),
  split: choice(["words", "whitespace"], "words", "words and punctuation, or split at whitespace"),
  minCount: whole(1, 1, "rarer words are unknown; of subwords: rarer pairs stay apart"),
  maxSize: whole(
    1,
    undefined,
    "most tokens of the vocabulary (default: any number; of subwords 8000)",
  ),
  lowercase: flag(false, "fold letters to lower case"),
  tokenizer: api("object", "a tokenizer"),
};

const OF_WORDS = ["split", "minCount", "maxSize", "lowercase"] as const;

/** Of texts that tell themselves what a token is. */
export const TOKENS_BY_THE_TEXT: OptionTable<TokenOptions> = {
  ...TOKEN_OPTIONS,
  tokens: choice(
    KINDS,
    undefined,
    "what a token is (default: words; characters of texts without blanks, such as Chinese)",
  ),
};

/** Stands for characters that were never seen. */
const UNKNOWN = "<unk>";

/** Counts the tokens of texts, one after another, for a tokenizer of them. */
export class TokenCounter {
  readonly #tokenizer: Tokenizer | undefined;
  readonly #words: WordCounter | undefined;
  readonly #subwords: SubwordCounter | undefined;
  readonly #characters: Map<string, number> | undefined;
  /** Where the texts tell which of the two it is. */
  readonly #blanks: BlankSurvey | undefined;
  /** Words that were counted, those that subwords are parts of too; or characters; none where a tokenizer is given. */
  length = 0;

  /** @throws OptionError for options that nothing would read */
  constructor(
    op: string,
    given: TokenOptions,
    table: OptionTable<TokenOptions> = TOKEN_OPTIONS,
    named: OptionNaming = (name) => name,
  ) {
    const options: TokenOptions = readOptions<TokenOptions>(op, table, given, {}, named);
    const { tokens, tokenizer, ...words } = options;
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
    if (tokenizer) return;
    const asked =
      tokens ?? (OF_WORDS.some((name) => given[name] !== undefined) ? "words" : undefined);
    if (asked === "subwords") {
      const { split, lowercase, maxSize = SUBWORDS } = words;
      const least = BYTE_TOKENS.length + 1;
      if (maxSize <= least)
        throw new OptionError({
          op,
          expected: `${named("maxSize")} above ${least} for ${named("tokens")} subwords`,
          got: String(maxSize),
          cure: "The 256 bytes are among the tokens.",
        });
      const minCount = given.minCount ?? 2;
      this.#subwords = new SubwordCounter(definedOnly({ split, lowercase, maxSize, minCount }));
      return;
    }
    if (asked !== "characters") this.#words = new WordCounter(definedOnly(words));
    if (asked !== "words") this.#characters = new Map();
    if (asked === undefined) this.#blanks = new BlankSurvey();
  }

  add(text: string): void {
    const words = (this.#words ?? this.#subwords)?.add(text) ?? 0;
    const characters = this.#characters ? tally(this.#characters, text) : 0;
    this.length += this.#characters && !this.#words ? characters : words;
    this.#blanks?.see(text);
  }

  /** A tokenizer that knows no other characters than those seen. */
  get tokenizer(): Tokenizer {
    return this.#make({});
  }

  /** One that takes what was never seen as unknown, characters too. */
  get openTokenizer(): Tokenizer {
    return this.#make({ unknown: UNKNOWN });
  }

  /** What the texts decided. */
  get chosen(): { tokens?: "characters" } {
    return this.#blanks?.withoutBlanks ? { tokens: "characters" } : {};
  }

  #make(options: { unknown?: string }): Tokenizer {
    if (this.#tokenizer) return this.#tokenizer;
    if (this.#subwords) return this.#subwords.tokenizer();
    const ofWords = this.#words && !this.#blanks?.withoutBlanks;
    return ofWords
      ? this.#words.tokenizer()
      : new CharTokenizer(Vocabulary.fromCounts(this.#characters!, options));
  }
}

import { checkLike } from "../core/check-like.js";
import type { Settings } from "../core/options.js";
import { described } from "../core/described.js";
import { checkCall, definedOnly } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { cutAtBlanks } from "../core/white-space.js";
import { tally } from "../core/tally.js";
import { Vocabulary, type BuildVocabularyOptions } from "./vocabulary.js";
import {
  WORD_RULES,
  wordJoiner,
  wordTokenize,
  type WordRules,
  type WordTokenizeOptions,
} from "./words.js";

/** The token for every word that the vocabulary lacks, and the one at the end of each line. */
const UNKNOWN = "<unk>";
const END_OF_LINE = "<eos>";

export interface WordTokenizerOptions extends WordTokenizeOptions {
  /**
   * What a word is. `"words"`: words, numbers and single punctuation marks, as `wordTokenize` splits a text.
   * `"whitespace"`: whatever stands between blanks (spaces and tabs), for texts that are tokenized already, such as the
   * Penn Treebank; with rules 1 between any white space. Default `"words"`.
   */
  split?: "words" | "whitespace" | undefined;
}

export interface BuildWordTokenizerOptions
  extends WordTokenizerOptions, Pick<BuildVocabularyOptions, "minCount" | "maxSize"> {}

/**
 * A text as its words, with `<eos>` for each line break; a word outside the vocabulary is `<unk>`. Other
 * white space is lost, and guessed when ids become text again.
 *
 * @example
 * ```ts
 * const tokenizer = WordTokenizer.build("to be or not to be");
 * tokenizer.decode(tokenizer.encode("not to be")); // "not to be"
 * ```
 */
export class WordTokenizer {
  readonly vocabulary: Vocabulary;
  readonly split: "words" | "whitespace";
  readonly lowercase: boolean;
  readonly rules: WordRules;

  /** @throws OptionError for a vocabulary without `<eos>` or without `<unk>` as its unknown token */
  constructor(vocabulary: Vocabulary, options: WordTokenizerOptions = {}) {
    checkCall(
      "WordTokenizer",
      arguments,
      "vocabulary:object {split:string lowercase:boolean rules:number}",
    );
    checkLike("WordTokenizer", "a Vocabulary", "encode", vocabulary);
    const { split = "words", lowercase = false, rules = 2 } = options;
    if (!vocabulary.has(END_OF_LINE) || vocabulary.unknown !== UNKNOWN)
      throw new OptionError({
        op: "WordTokenizer",
        expected: `a vocabulary with ${END_OF_LINE}, and ${UNKNOWN} as unknown token`,
        got: `unknown token ${vocabulary.unknown}, first tokens ${vocabulary.tokens.slice(0, 3).join(" ")}`,
      });
    if (split !== "words" && split !== "whitespace")
      throw new OptionError({
        op: "WordTokenizer",
        expected: 'split "words" or "whitespace"',
        got: described(split),
      });
    if (!WORD_RULES.includes(rules))
      throw new OptionError({
        op: "WordTokenizer",
        expected: `rules ${WORD_RULES.join(" or ")}`,
        got: String(rules),
      });
    this.vocabulary = vocabulary;
    this.split = split;
    this.lowercase = lowercase;
    this.rules = rules;
  }

  /** A tokenizer for the words of a text: those seen at least `minCount` times (default 1). */
  static build(text: string, options: BuildWordTokenizerOptions = {}): WordTokenizer {
    checkCall(
      "WordTokenizer.build",
      arguments,
      "text:string {split:string lowercase:boolean minCount:number maxSize:number}",
    );
    const counter = new WordCounter(options);
    counter.add(text);
    return counter.tokenizer();
  }

  /** Number of ids. */
  get size(): number {
    return this.vocabulary.size;
  }

  encode(text: string): Int32Array {
    checkCall("WordTokenizer.encode", arguments, "text:string");
    return this.vocabulary.encode(wordsOf(text, this));
  }

  /** @throws IndexError for an id outside 0..size-1 */
  decode(ids: ArrayLike<number>): string {
    checkCall("WordTokenizer.decode", arguments, "ids:list");
    return Array.from(ids, this.decoder()).join("");
  }

  /** The text that each id adds to the one `before`. */
  decoder(before?: string): (id: number) => string {
    checkCall("WordTokenizer.decoder", arguments, "before?:string");
    const join = wordJoiner(before, { rules: this.rules });
    return (id) => {
      const token = this.vocabulary.token(id);
      return join(token === END_OF_LINE ? "\n" : token);
    };
  }

  /** For `JSON.stringify`; `tokenizerFromJSON` reads it. */
  toJSON() {
    return {
      type: "word" as const,
      split: this.split,
      lowercase: this.lowercase,
      rules: this.rules,
      vocabulary: this.vocabulary.toJSON(),
    };
  }
}

/** Counts the words of texts, one after another, for a tokenizer of them. */
export class WordCounter {
  readonly #counts = new Map<string, number>();
  readonly #options: BuildWordTokenizerOptions;

  constructor(options: BuildWordTokenizerOptions) {
    this.#options = options;
  }

  /** @returns words that were added, ends of lines among them */
  add(text: string): number {
    const { split = "words", lowercase = false, rules = 2 } = this.#options;
    return tally(this.#counts, wordsOf(text, { split, lowercase, rules }));
  }

  tokenizer(): WordTokenizer {
    const { split, lowercase, rules, minCount, maxSize } = this.#options;
    const vocabulary = Vocabulary.fromCounts(this.#counts, {
      unknown: UNKNOWN,
      specials: [END_OF_LINE],
      ...definedOnly({ minCount, maxSize }),
    });
    return new WordTokenizer(vocabulary, definedOnly({ split, lowercase, rules }));
  }
}

/** @internal The words of a text in order, with a token at the end of each line. */
export function wordsOf(
  text: string,
  { split, lowercase, rules }: Settings<WordTokenizerOptions>,
): string[] {
  const cut = rules === 1 ? (line: string) => line.match(/\S+/gu) ?? [] : cutAtBlanks;
  const words = (line: string) =>
    split === "words"
      ? wordTokenize(line, { lowercase, rules })
      : cut(lowercase ? line.toLowerCase() : line);
  return text
    .split("\n")
    .flatMap((line, i) => (i === 0 ? words(line) : [END_OF_LINE, ...words(line)]));
}

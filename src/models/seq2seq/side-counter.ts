// The tokens of one side's texts, counted as they pass.
import { definedOnly } from "../../core/check.js";
import { tally } from "../../core/tally.js";
import { CharTokenizer } from "../../text/char-tokenizer.js";
import { SubwordCounter } from "../../text/subwords/subword-counter.js";
import type { SubwordTokenizer } from "../../text/subwords/subword-tokenizer.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { Vocabulary } from "../../text/vocabulary.js";
import { WordCounter } from "../../text/word-tokenizer.js";
import { wholeWithin } from "../kit/run-length.js";
import { textOf, type SideName } from "./example.js";
import type { PairTokenOptions, TokenKind } from "./token-options.js";
import { cutsAtBlanks } from "./side.js";
import { SideSurvey } from "./side-survey.js";

/** Stands for characters that were never seen. */
const UNKNOWN = "<unk>";

export class SideCounter {
  readonly #given: Tokenizer | undefined;
  /** Undefined: the texts tell. */
  readonly #asked: TokenKind | undefined;
  readonly #split: PairTokenOptions["split"];
  readonly #survey = new SideSurvey();
  readonly #counts = new Map<string, number>();
  readonly #words: WordCounter;
  readonly #subwords: SubwordCounter;
  #givenCount = 0;
  #wordCount = 0;
  /** Pieces of which subwords are made. */
  pieces = 0;
  /** Characters of all texts. */
  characters = 0;

  constructor(
    given: Tokenizer | undefined,
    asked: TokenKind | undefined,
    { minCount, split, maxSize }: Pick<PairTokenOptions, "minCount" | "split" | "maxSize">,
  ) {
    this.#given = given;
    this.#asked = asked;
    this.#split = split;
    // Where texts tell that tokens are words, those are what stands between blanks.
    const ofWords = split ?? (asked === "words" ? "words" : "whitespace");
    this.#words = new WordCounter({ ...definedOnly({ minCount, maxSize }), split: ofWords });
    this.#subwords = new SubwordCounter(definedOnly({ split }));
  }

  add(text: string): void {
    this.characters += text.length;
    if (this.#given) {
      this.#givenCount += this.#given.encode(text).length;
      return;
    }
    const counts = (kind: TokenKind) => this.#asked === undefined || this.#asked === kind;
    if (this.#asked === undefined) this.#survey.see(text);
    if (counts("characters")) tally(this.#counts, text);
    if (counts("words")) this.#wordCount += this.#words.add(text);
    if (counts("subwords")) this.pieces += this.#subwords.add(text);
  }

  /** A text as it is given, or of the tokens that are. */
  read(op: string, name: SideName, given: unknown): string {
    const tokens = this.#given
      ? cutsAtBlanks(this.#given)
      : this.#split === "whitespace" && this.#asked !== "characters";
    return textOf(op, name, given, tokens);
  }

  /** Undefined where a tokenizer is given. */
  get kind(): TokenKind | undefined {
    return this.#given ? undefined : (this.#asked ?? this.#survey.kind);
  }

  /** Whether the texts told that tokens are words. */
  get choseWords(): boolean {
    return this.#asked === undefined && this.kind === "words";
  }

  tokenizer(size: number): Tokenizer {
    const { kind } = this;
    if (this.#given) return this.#given;
    if (kind === "words") return this.#words.tokenizer();
    if (kind === "subwords") return SideCounter.subwords([this], size);
    return new CharTokenizer(Vocabulary.fromCounts(this.#counts, { unknown: UNKNOWN }));
  }

  /** Subwords of the texts of several sides together. */
  static subwords(sides: readonly SideCounter[], maxSize: number): SubwordTokenizer {
    const all = new SubwordCounter({ ...definedOnly({ split: sides[0]!.#split }), maxSize });
    for (const side of sides) all.addCounts(side.#subwords);
    return all.tokenizer();
  }

  /** Subwords for this side, without those that come less often in its texts. */
  restricted(tokenizer: SubwordTokenizer, threshold: number): SubwordTokenizer {
    return tokenizer.restrictedTo(this.#subwords.subwords(tokenizer), threshold);
  }

  /** Tokens of all texts. */
  tokensBy(tokenizer: Tokenizer): number {
    if (this.#given) return this.#givenCount;
    if (this.kind === "words") return this.#wordCount;
    if (this.kind === "characters") return this.characters;
    const counts = this.#subwords.subwords(tokenizer as SubwordTokenizer).values();
    return [...counts].reduce((sum, count) => sum + count, 0);
  }
}

/** Tokens for a vocabulary of subwords of so many pieces: with more, each would come too seldom. */
export function subwordsFor(pieces: number): number {
  return wholeWithin(7 * Math.sqrt(pieces), 1000, 8000);
}

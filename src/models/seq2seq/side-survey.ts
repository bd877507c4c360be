import { tally } from "../../core/tally.js";
import { cutAtBlanks } from "../../core/white-space.js";
import { BlankSurvey } from "../../text/blank-survey.js";
import type { TokenKind } from "./token-options.js";

/** Pieces of a text, on average, below which it is none of words. */
const FEW_PIECES = 2.5;
/** Share of pieces with digits above which what they are made of counts. */
const MANY_NUMBERS = 0.25;
/** Different words that can each be a token, where they come so often on average. */
const FEW_WORDS = 1000;
const OFTEN = 20;

/** Looks at the texts of one side, for what its tokens should be. */
export class SideSurvey {
  readonly #blanks = new BlankSurvey();
  /** What stands between blanks, and how often. */
  readonly counts = new Map<string, number>();
  #texts = 0;
  #numbers = 0;
  pieces = 0;

  see(text: string): void {
    const pieces = cutAtBlanks(text);
    this.#blanks.see(text);
    this.#texts++;
    this.pieces += pieces.length;
    this.#numbers += pieces.filter((piece) => /\p{N}/u.test(piece)).length;
    tally(this.counts, pieces);
  }

  /**
   * Characters of what has no words or hardly any, or is made of numbers, such as dates; words of what has few different
   * ones, such as commands and phonemes; else subwords.
   */
  get kind(): TokenKind {
    const few = this.pieces < FEW_PIECES * this.#texts;
    if (this.#blanks.withoutBlanks || few || this.#numbers > MANY_NUMBERS * this.pieces)
      return "characters";
    const { size } = this.counts;
    return size <= FEW_WORDS && this.pieces >= OFTEN * size ? "words" : "subwords";
  }
}

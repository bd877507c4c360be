// Finds out whether texts have blanks between their words.
import { cutAtBlanks } from "../core/white-space.js";

/** Letters of scripts that are written without: Chinese, Japanese, Thai, Lao, Khmer, Burmese. */
const UNSPACED =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
const LETTER = /* @__PURE__ */ new RegExp(`[${UNSPACED}]`, "u");
const LETTERS = /* @__PURE__ */ new RegExp(LETTER.source, "gu");
const BLANKS = /* @__PURE__ */ new RegExp(`(?<=[${UNSPACED}])[ \\t]+(?=[${UNSPACED}])`, "gu");

/** Where words are split already, a blank comes every few letters; between clauses only, one every twenty or more. */
const BLANKS_A_LETTER = 0.1;

/** Looks at texts, one after another. */
export class BlankSurvey {
  #letters = 0;
  #unspaced = 0;
  #blanks = 0;

  see(text: string): void {
    this.#letters += countOf(text, /\p{L}/gu);
    this.#unspaced += countOf(text, LETTERS);
    this.#blanks += countOf(text, BLANKS);
  }

  /** Whether most letters are of scripts without blanks, and have none. */
  get withoutBlanks(): boolean {
    return 2 * this.#unspaced > this.#letters && this.#blanks < BLANKS_A_LETTER * this.#unspaced;
  }
}

/** Looks at sentences that are cut already, one after another. */
export class CharacterSurvey {
  #all = 0;
  #single = 0;
  #longer = 0;

  see(words: readonly string[]): void {
    for (const word of words) {
      this.#all++;
      if (!LETTER.test(word)) continue;
      if ([...word].length === 1) this.#single++;
      else this.#longer++;
    }
  }

  /** Whether they are cut into characters: of Chinese words half have two and more. */
  get ofCharacters(): boolean {
    return 2 * this.#single > this.#all && this.#longer < 0.05 * this.#single;
  }
}

/** The characters of a line; of one whose characters stand between blanks already, what stands between those. */
export function charactersOrPieces(line: string): string[] {
  const pieces = cutAtBlanks(line);
  const isCut = pieces.every((piece) => !LETTER.test(piece) || [...piece].length === 1);
  return isCut ? pieces : visibleCharacters(line);
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** The characters (code points) of a text, without white space: what is a token where nothing separates words. */
export function visibleCharacters(text: string): string[] {
  return text.match(/\S/gu) ?? [];
}

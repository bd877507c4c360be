// Texts that are tokenized already: words between blanks, the last symbol of each marked, as subword-nmt does it.
import type { Vocabulary } from "../vocabulary.js";
import type { SubwordScheme } from "./scheme.js";
import { SpelledDecoder, Spelling } from "./spelling.js";

/** Ends the last symbol of a word; on its own, a word of no characters, or one whose last is none of the symbols. */
export const END_OF_WORD = "</w>";

/** What ends a word as a blank does, and is a piece of its own. */
const SEPARATOR = /([\t\n\r])/;

/**
 * Words, and the separators between them. A word of no characters is where a blank has nothing on one side of it, so that
 * blanks come back however many there are.
 */
export function endedPieces(text: string): string[] {
  return text
    .split(SEPARATOR)
    .flatMap((part, i) => (i % 2 === 1 ? [part] : part === "" ? [] : part.split(" ")));
}

/** `"low"` as `l`, `o`, `w</w>`. */
export function endedSymbols(piece: string): string[] {
  if (piece.length === 1 && SEPARATOR.test(piece)) return [piece];
  const symbols = [...piece];
  return [...symbols.slice(0, -1), (symbols.at(-1) ?? "") + END_OF_WORD];
}

export function endOfWordScheme(
  vocabulary: Vocabulary,
  lowercase: boolean,
  silent: ReadonlySet<number>,
): SubwordScheme {
  const spelling = new Spelling(vocabulary, silent);
  const end = spelling.id(END_OF_WORD)!;
  const otherwise = (symbol: string): number[] => {
    const ends = symbol.length > END_OF_WORD.length;
    const character = ends ? symbol.slice(0, -END_OF_WORD.length) : symbol;
    const id = spelling.id(character);
    const own = id === undefined ? spelling.bytesOf(character) : [id];
    return ends ? [...own, end] : own;
  };
  return {
    pieces: (text) => endedPieces(lowercase ? text.toLowerCase() : text),
    spell: (piece, ids, apart) => spelling.put(endedSymbols(piece), ids, apart, otherwise),
    decoder: (before = "") => new EndOfWordDecoder(spelling, before),
  };
}

class EndOfWordDecoder extends SpelledDecoder {
  /** Whether a word has ended, and a blank follows unless a separator does. */
  #ended: boolean;

  constructor(spelling: Spelling, before: string) {
    super(spelling);
    this.#ended = before !== "" && !isSeparator(before.at(-1)!);
  }

  protected override token(before: string, token: string): string {
    const ends = token.endsWith(END_OF_WORD);
    return this.#read(before + (ends ? token.slice(0, -END_OF_WORD.length) : token), ends);
  }

  protected override spelled(text: string): string {
    return this.#read(text, false);
  }

  #read(text: string, ends: boolean): string {
    if (text === "" && !ends) return "";
    const blank = this.#ended && !isSeparator(text);
    this.#ended = ends;
    return blank ? ` ${text}` : text;
  }
}

function isSeparator(text: string): boolean {
  return text.length === 1 && SEPARATOR.test(text);
}

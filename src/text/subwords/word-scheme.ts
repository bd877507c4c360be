// Texts as people write them: a blank belongs to the word behind it.
import type { Vocabulary } from "../vocabulary.js";
import type { SubwordScheme } from "./scheme.js";
import { SpelledDecoder, Spelling } from "./spelling.js";

/** Words with inner apostrophes, numbers, runs of marks, each with the blank before it; ends of lines; other white space. */
const PIECE =
  / ?[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*| ?\p{N}+| ?[^\s\p{L}\p{M}\p{N}]+|\n+|[^\S\n]+(?!\S)|[^\S\n]+/gu;

/** Where a line begins that has something to read: a word is the same subwords there as behind a blank. */
const LINE_START = /(^|\n)(?=[ \S])/g;

/** The pieces of a text: with a blank at the start of each line, together they are the text. */
export function wordPieces(text: string): string[] {
  return text.replace(LINE_START, "$1 ").match(PIECE) ?? [];
}

export function wordScheme(
  vocabulary: Vocabulary,
  lowercase: boolean,
  silent: ReadonlySet<number>,
): SubwordScheme {
  const spelling = new Spelling(vocabulary, silent);
  return {
    pieces: (text) => wordPieces(lowercase ? text.toLowerCase() : text),
    spell: (piece, ids, apart) =>
      spelling.put([...piece], ids, apart, (character) => spelling.bytesOf(character)),
    decoder: (before = "") => new WordDecoder(spelling, before),
  };
}

class WordDecoder extends SpelledDecoder {
  #atLineStart: boolean;

  constructor(spelling: Spelling, before: string) {
    super(spelling);
    this.#atLineStart = startsLine(before);
  }

  protected override token(before: string, token: string): string {
    return this.spelled(before + token);
  }

  protected override spelled(text: string): string {
    if (text === "") return "";
    const own = this.#atLineStart && text.startsWith(" ") ? text.slice(1) : text;
    this.#atLineStart = text.endsWith("\n");
    return own;
  }
}

function startsLine(before: string): boolean {
  return before === "" || before.endsWith("\n");
}

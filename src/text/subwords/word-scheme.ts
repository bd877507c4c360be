// Texts as people write them: a blank belongs to the word behind it.
import type { Vocabulary } from "../vocabulary.js";
import { ByteReader } from "./bytes.js";
import type { SubwordDecoder, SubwordScheme } from "./scheme.js";
import { Spelling } from "./spelling.js";

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
    decoder: (before = "") => new WordDecoder(vocabulary, spelling, silent, before),
  };
}

class WordDecoder implements SubwordDecoder {
  readonly #vocabulary: Vocabulary;
  readonly #spelling: Spelling;
  readonly #silent: ReadonlySet<number>;
  readonly #bytes = new ByteReader();
  #atLineStart: boolean;

  constructor(
    vocabulary: Vocabulary,
    spelling: Spelling,
    silent: ReadonlySet<number>,
    before: string,
  ) {
    this.#vocabulary = vocabulary;
    this.#spelling = spelling;
    this.#silent = silent;
    this.#atLineStart = startsLine(before);
  }

  push(id: number): string {
    const token = this.#vocabulary.token(id);
    if (this.#silent.has(id)) return "";
    const byte = this.#spelling.byte(id);
    return this.#read(byte === undefined ? this.#bytes.end() + token : this.#bytes.push(byte));
  }

  end(): string {
    return this.#read(this.#bytes.end());
  }

  #read(text: string): string {
    if (text === "") return "";
    const own = this.#atLineStart && text.startsWith(" ") ? text.slice(1) : text;
    this.#atLineStart = text.endsWith("\n");
    return own;
  }
}

function startsLine(before: string): boolean {
  return before === "" || before.endsWith("\n");
}

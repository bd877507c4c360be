// The characters of words, for what reads words letter by letter.
import { checkCount } from "../core/check.js";
import { padSequences, type PaddedSequences } from "./padding.js";

export interface PadCharactersOptions {
  /** The id that fills up. Default 0. */
  padding?: number;
  /** Of longer words the first ones only are read. Default: all. */
  maxCharacters?: number;
}

/**
 * The ids of the characters (code points) of each word, filled up to one length: `ids` `[words, characters]`,
 * and `lengths`, the characters of each word.
 *
 * @param vocabulary of characters, with an unknown token for those it never saw
 * @throws IndexError for a character that the vocabulary lacks, where it has no unknown token
 */
export function padCharacters(
  words: readonly string[],
  vocabulary: { encode(characters: readonly string[]): Int32Array },
  { padding = 0, maxCharacters }: PadCharactersOptions = {},
): PaddedSequences {
  if (maxCharacters !== undefined) checkCount("padCharacters", "maxCharacters", maxCharacters);
  const rows = words.map((word) => vocabulary.encode([...word].slice(0, maxCharacters)));
  return padSequences(rows, { padding });
}

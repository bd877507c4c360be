// The characters of words, for what reads words letter by letter.
import { checkCall, checkCount } from "../core/check.js";
import { checkLike } from "../core/check-like.js";
import { padSequences, type PaddedSequences } from "./padding.js";

export interface PadCharactersOptions {
  /** The id that fills up. Default 0. */
  padding?: number | undefined;
  /** Of longer words the first ones only are read. Default: all. */
  maxCharacters?: number | undefined;
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
  options: PadCharactersOptions = {},
): PaddedSequences {
  const op = "padCharacters";
  checkCall(op, arguments, "words:list vocabulary:object {padding:number maxCharacters:number}");
  checkLike(op, "a Vocabulary", "encode", vocabulary);
  const { padding = 0, maxCharacters } = options;
  if (maxCharacters !== undefined) checkCount(op, "maxCharacters", maxCharacters);
  const rows = words.map((word) => {
    checkCall(op, [word], "word:string");
    return vocabulary.encode([...word].slice(0, maxCharacters));
  });
  return padSequences(rows, { padding });
}

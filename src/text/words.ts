// A word with its inner apostrophes and hyphens, a number with its points, or any other visible character.
const WORD = /[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*|\p{N}+(?:[.,]\p{N}+)*|[^\s\p{L}\p{M}\p{N}]/gu;

export interface WordTokenizeOptions {
  /** Fold letters to lower case. Default false. */
  lowercase?: boolean;
}

/**
 * Cuts a text into words, numbers and single marks; white space is dropped:
 * `"Don't pay $3.50!"` → `Don't`, `pay`, `$`, `3.50`, `!`.
 */
export function wordTokenize(
  text: string,
  { lowercase = false }: WordTokenizeOptions = {},
): string[] {
  return (lowercase ? text.toLowerCase() : text).match(WORD) ?? [];
}

// A word with its inner apostrophes and hyphens, a number with its points, or any other visible character.
const WORD = /[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*|\p{N}+(?:[.,]\p{N}+)*|[^\s\p{L}\p{M}\p{N}]/gu;

import { checkCall } from "../core/check.js";
export interface WordTokenizeOptions {
  /** Fold letters to lower case. Default false. */
  lowercase?: boolean;
}

/**
 * Cuts a text into words, numbers and single marks; white space is dropped:
 * `"Don't pay $3.50!"` → `Don't`, `pay`, `$`, `3.50`, `!`.
 */
export function wordTokenize(text: string, options: WordTokenizeOptions = {}): string[] {
  checkCall("wordTokenize", arguments, "text:string {lowercase:boolean}");
  const { lowercase = false } = options;
  return (lowercase ? text.toLowerCase() : text).match(WORD) ?? [];
}

/** Marks that follow without a space, and the second halves of treebank's `don't` and `it's`. */
const LEANS_BACK = /^(?:[.,;:!?%)\]}»”’…]+|n't|['’]\p{L}+)$/u;
/** Marks that the next word follows without a space. */
const LEANS_ON = /^[([{«“‘¿¡$€£#]$/u;
/** Marks that have no space on either side. */
const JOINS = /^[-–—/_*&@]$/u;
/** Marks that open and close with one sign: the first has its space before it, the second behind. */
const QUOTES: ReadonlySet<string> = new Set(['"', "'"]);

/**
 * Puts words and marks together again as people write them: `$`, `3.50`, `!` → `$3.50!`. What was white
 * space is guessed; `"\n"` is a token of its own. Gives the text that each token adds, so that a text can
 * be shown as it grows.
 *
 * @param before the text that the first token follows
 */
export function wordJoiner(before = ""): (token: string) => string {
  checkCall("wordJoiner", arguments, "before?:string");
  let open = new Set<string>();
  // Whether the next token follows without a space, whatever it is.
  let tight = true;
  const join = (token: string): string => {
    if (token === "\n") {
      open = new Set();
      tight = true;
      return token;
    }
    const closes = open.delete(token);
    const opens = !closes && QUOTES.has(token);
    if (opens) open.add(token);
    const leansBack = closes || LEANS_BACK.test(token) || JOINS.test(token);
    const space = tight || leansBack ? "" : " ";
    tight = opens || LEANS_ON.test(token) || JOINS.test(token);
    return space + token;
  };
  const line = before.slice(before.lastIndexOf("\n") + 1);
  for (const token of wordTokenize(line)) join(token);
  tight ||= line === "" || /\s$/u.test(line);
  return join;
}

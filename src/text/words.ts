// Words in texts as people write them, and back.
import { checkCall } from "../core/check.js";
import { OptionError } from "../core/errors.js";

/** Versions of what {@link wordTokenize} takes for a token; a model's file says which it was made with. */
export type WordRules = 1 | 2;

export const WORD_RULES: readonly WordRules[] = [1, 2];

/** A letter, or a mark on one. */
const LETTER = "[\\p{L}\\p{M}]";
/** Stands in a word and is not seen: a soft hyphen, joiners; not the zero-width space, which ends a word. */
const INVISIBLE = "(?![\\u200b\\ufeff])\\p{Cf}";
/** Marks on whatever stands before them. */
const MARKS = `(?:(?:${INVISIBLE})*\\p{M})*`;
const DIGITS = `(?:\\p{N}${MARKS})+`;
/** What changes the look of the emoji before it: marks, skin tones, the letters of a flag. */
const MODIFIER = "[\\p{M}\\u{1f3fb}-\\u{1f3ff}\\u{e0020}-\\u{e007f}]";
const EMOJI = `\\p{Extended_Pictographic}${MODIFIER}*`;
/** In an address, brackets come in pairs. */
const IN_BRACKETS = "\\([^\\s()]*\\)";
const OF_ADDRESS = '[^\\s()<>"“”«»]';
const NOT_BEHIND_A_WORD = "(?<![\\p{L}\\p{M}\\p{N}_])";

/** The first that fits at a place is the token. */
const TOKENS: readonly string[] = [
  // An address, without the marks that end a sentence or a bracket around it.
  `(?:[hH][tT][tT][pP][sS]?://|[fF][tT][pP]://|[wW]{3}\\.)(?:${IN_BRACKETS}|${OF_ADDRESS})*(?:${IN_BRACKETS}|(?![.,;:!?…'’\\]}])${OF_ADDRESS})${MARKS}`,
  `[\\p{L}\\p{N}][\\p{L}\\p{N}._%+-]{0,63}@(?:[\\p{L}\\p{N}-]+\\.)+\\p{L}[\\p{L}\\p{M}]+${MARKS}`,
  // @name and #topic.
  `${NOT_BEHIND_A_WORD}@[\\p{L}\\p{M}\\p{N}_]+${MARKS}`,
  `${NOT_BEHIND_A_WORD}#[\\p{M}\\p{N}_]*\\p{L}[\\p{L}\\p{M}\\p{N}_]*${MARKS}`,
  // One sign that people see: a flag, a keycap, an emoji of several.
  `\\p{Regional_Indicator}{2}${MARKS}`,
  `[0-9#*]\\ufe0f?\\u20e3${MARKS}`,
  `${EMOJI}(?:\\u200d${EMOJI})*${MARKS}`,
  // A word with its inner apostrophes, hyphens and invisible characters.
  `${LETTER}+(?:(?:['’-]|(?:${INVISIBLE})+)${LETTER}+)*`,
  // A number with its points, also one that begins with its point.
  `(?:(?<![\\p{L}\\p{M}\\p{N}.])\\.)?${DIGITS}(?:[.,٫٬]${DIGITS})*`,
  // Any other visible character, with its marks.
  `[^\\s\\p{L}\\p{M}\\p{N}\\p{Cf}\\p{Cc}]${MARKS}`,
];

const WORD: Readonly<Record<WordRules, RegExp>> = {
  1: /[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*|\p{N}+(?:[.,]\p{N}+)*|[^\s\p{L}\p{M}\p{N}]/gu,
  2: /* @__PURE__ */ new RegExp(TOKENS.join("|"), "gu"),
};

export interface WordTokenizeOptions {
  /** Fold letters to lower case. Default false. */
  lowercase?: boolean | undefined;
  /**
   * `2`: addresses, `@names`, `#topics` and emoji of several characters are one token each; `1`: they are cut into
   * pieces, as before version 2 of the rules. Default 2.
   */
  rules?: WordRules | undefined;
}

/**
 * Cuts a text into words, numbers and single marks; white space and what is invisible between words are dropped:
 * `"Don't pay @ann $3.50!"` → `Don't`, `pay`, `@ann`, `$`, `3.50`, `!`.
 *
 * @example
 * ```ts
 * wordTokenize("It works, doesn't it?"); // ["It", "works", ",", "doesn't", "it", "?"]
 * ```
 */
export function wordTokenize(text: string, options: WordTokenizeOptions = {}): string[] {
  checkCall("wordTokenize", arguments, "text:string {lowercase:boolean rules:number}");
  const { lowercase = false, rules = 2 } = options;
  return (lowercase ? text.toLowerCase() : text).match(wordPattern(rules)) ?? [];
}

function wordPattern(rules: WordRules): RegExp {
  const pattern = WORD[rules] as RegExp | undefined;
  if (pattern) return pattern;
  throw new OptionError({
    op: "wordTokenize",
    expected: `rules ${WORD_RULES.join(" or ")}`,
    got: String(rules),
  });
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
export function wordJoiner(
  before = "",
  { rules = 2 }: Pick<WordTokenizeOptions, "rules"> = {},
): (token: string) => string {
  checkCall("wordJoiner", arguments, "before?:string {rules:number}");
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
  for (const token of wordTokenize(line, { rules })) join(token);
  tight ||= line === "" || /\s$/u.test(line);
  return join;
}

// How BLEU cuts texts into tokens: scores are comparable only where this is the same.
import { wordsOf } from "./segments.js";

/**
 * - `"13a"`: the rules of mteval-v13a, WMT's own: punctuation apart, points and commas inside numbers kept, entities
 *   (`&quot;`) read. The default of sacreBLEU.
 * - `"none"`: at white space, for texts that are tokenized already.
 * - `"char"`: each character (code point) that is no white space.
 */
export type BleuTokenizer = "13a" | "none" | "char";

export const BLEU_TOKENIZERS: Readonly<Record<BleuTokenizer, (text: string) => string[]>> = {
  "13a": (text) => wordsOf(spaced13a(text)),
  none: wordsOf,
  char: (text) => wordsOf(text).flatMap((word) => [...word]),
};

/** In pairs: what is found, and what stands for it then. */
const RULES_13A: readonly (readonly [RegExp, string])[] = [
  [/<skipped>/g, ""],
  // A word cut at the end of a line.
  [/-\n/g, ""],
  [/\n/g, " "],
  [/&quot;/g, '"'],
  [/&amp;/g, "&"],
  [/&lt;/g, "<"],
  [/&gt;/g, ">"],
];

const MARKS_13A: readonly (readonly [RegExp, string])[] = [
  // ASCII's marks, without ' , - .
  [/([{-~[-` -&(-+:-@/])/g, " $1 "],
  // A point or comma but between digits.
  [/([^0-9])([.,])/gu, "$1 $2 "],
  [/([.,])([^0-9])/gu, " $1 $2"],
  // A hyphen behind a digit.
  [/([0-9])(-)/g, "$1 $2 "],
];

function spaced13a(text: string): string {
  const replaced = (rules: typeof RULES_13A, start: string): string =>
    rules.reduce((line, [found, instead]) => line.replace(found, instead), start);
  return replaced(MARKS_13A, ` ${replaced(RULES_13A, text)} `);
}

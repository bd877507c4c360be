// What stands between words that are split already: one definition for files and for what a model is asked.

/**
 * The pieces of a line between blanks, which are spaces and tabs, any number of them. Other white space, such as a
 * no-break or a thin space, is part of a piece: whoever joined words by blanks gets those words back.
 */
export function cutAtBlanks(text: string): string[] {
  return text.match(/[^ \t]+/g) ?? [];
}

/** Whether a line has nothing but blanks. */
export function isBlank(text: string): boolean {
  return !/[^ \t]/.test(text);
}

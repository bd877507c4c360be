// How a word is written, in a few classes (after Collobert et al. 2011 and Huang et al. 2015).

const SHAPES: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["all digits", /^\p{N}+$/u],
  ["a number with marks", /^[\p{P}\p{S}]*\p{N}[\p{N}\p{P}\p{S}]*$/u],
  ["one capital", /^\p{Lu}$/u],
  ["capitals with points", /^(?:\p{Lu}\.)+$/u],
  ["all capitals", /^\p{Lu}+$/u],
  ["capitals and digits", /^[\p{Lu}\p{N}\p{P}\p{S}]*\p{Lu}[\p{Lu}\p{N}\p{P}\p{S}]*$/u],
  ["capital first", /^\p{Lu}\p{Ll}+$/u],
  ["capitals first with marks", /^\p{Lu}[\p{L}\p{M}]*(?:['’.-][\p{L}\p{M}]*)+$/u],
  ["capitals within", /\p{Lu}/u],
  ["letters and digits", /\p{L}.*\p{N}|\p{N}.*\p{L}/u],
  ["small letters with marks", /\p{L}[\p{L}\p{M}]*\P{L}/u],
  ["marks", /^[\p{P}\p{S}]+$/u],
];

/** Ids that {@link wordShape} gives: 0 to one less. */
export const numWordShapes = SHAPES.length + 1;

/** The first class that a word is of; the last, of small letters or anything else, where none fits. */
export function wordShape(word: string): number {
  const found = SHAPES.findIndex(([, pattern]) => pattern.test(word));
  return found < 0 ? SHAPES.length : found;
}

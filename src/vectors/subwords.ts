// The letters of words: what a vector is made of beside the word's own row (Bojanowski et al. 2017, "Enriching word vectors
// with subword information").
import { fnv1a } from "../text/ngrams.js";

export interface Subwords {
  /** Letters of the shortest and longest n-grams. */
  readonly shortest: number;
  readonly longest: number;
  /** Rows that n-grams share by their hash. */
  readonly buckets: number;
}

/** The buckets of the n-grams of `<word>`, in the order of their beginnings; a single bracket is none. */
export function bucketsOf(word: string, { shortest, longest, buckets }: Subwords): number[] {
  const letters = ["<", ...word, ">"];
  const found: number[] = [];
  for (let from = 0; from < letters.length; from++)
    for (let n = shortest; n <= longest && from + n <= letters.length; n++) {
      const isBracket = n === 1 && (from === 0 || from === letters.length - 1);
      if (!isBracket) found.push(fnv1a(letters.slice(from, from + n).join("")) % buckets);
    }
  return found;
}

/** For the kernel: the rows of all words one behind the other, each word's own first, and where each word's begin. */
export function subwordRows(
  words: readonly string[],
  subwords: Subwords,
): { rows: Int32Array; starts: Int32Array } {
  const starts = new Int32Array(words.length + 1);
  const parts = words.map((word, i) => {
    const part = [i, ...bucketsOf(word, subwords).map((bucket) => words.length + bucket)];
    starts[i + 1] = starts[i]! + part.length;
    return part;
  });
  return { rows: Int32Array.from(parts.flat()), starts };
}

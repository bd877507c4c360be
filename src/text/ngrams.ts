// Words by their letters, without a vocabulary: word hashing (Huang et al. 2013, "Learning deep structured
// semantic models"), where words that are spelt alike share features, words never seen included.
import { checkIterable } from "../core/check-like.js";
import { checkCall, checkCount } from "../core/check.js";

export interface LetterNgramOptions {
  /** Letters in each. Default 3. */
  n?: number | undefined;
  /** Stands before and behind the word, so that beginnings and ends are told apart. Default `"#"`. */
  mark?: string | undefined;
}

/** The n-grams of the letters (code points) of a marked word: `cat` → `#ca`, `cat`, `at#`. */
export function letterNgrams(word: string, options: LetterNgramOptions = {}): string[] {
  checkCall("letterNgrams", arguments, "word:string {n:number mark:string}");
  const { n = 3, mark = "#" } = options;
  checkCount("letterNgrams", "n", n);
  const letters = [...mark, ...word, ...mark];
  // A word shorter than n is one feature as it is.
  const count = Math.max(1, letters.length - n + 1);
  return Array.from({ length: count }, (_, i) => letters.slice(i, i + n).join(""));
}

/** The n-grams of neighbouring words, joined by blanks, from single words up to `n` of them. */
export function wordNgrams(words: readonly string[], n = 2): string[] {
  checkCall("wordNgrams", arguments, "words:list n?:number");
  checkCount("wordNgrams", "n", n);
  return Array.from({ length: n }, (_, more) =>
    words.slice(more).map((_, i) => words.slice(i, i + more + 1).join(" ")),
  ).flat();
}

let utf8: TextEncoder | undefined;

/** FNV-1a with 32 bits over the text in UTF-8 (Fowler, Noll, Vo): the same everywhere and for ever. */
export function fnv1a(text: string): number {
  checkCall("fnv1a", arguments, "text:string");
  let hash = 0x811c9dc5;
  // Made when it is needed: jsdom has none, and what imports this must load there.
  for (const byte of (utf8 ??= new TextEncoder()).encode(text))
    hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/**
 * How often each bucket is met: a vector of fixed size for any features (the hashing trick, Weinberger et al.
 * 2009). A feature's bucket is its {@link fnv1a} modulo `buckets`; different ones may share a bucket.
 *
 * @example
 * ```ts
 * hashedCounts(letterNgrams("cat"), 64).length; // 64
 * ```
 */
export function hashedCounts(features: Iterable<string>, buckets: number): Float32Array {
  checkCall("hashedCounts", arguments, "features buckets:number");
  checkIterable("hashedCounts", "features in an array", features);
  checkCount("hashedCounts", "buckets", buckets);
  const counts = new Float32Array(buckets);
  for (const feature of features) counts[fnv1a(feature) % buckets]!++;
  return counts;
}

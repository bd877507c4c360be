// Byte-pair encoding's first half (Sennrich et al. 2016): the most frequent pair of symbols becomes a symbol, again and
// again. Counts change only round the places where a pair is merged.
import type { Merge } from "./merges.js";
import { Pairs } from "./pairs.js";

export interface WordsToMerge {
  /** Ids of the symbols of each different word; negative for what is never merged. */
  readonly words: readonly ArrayLike<number>[];
  /** How often each comes. */
  readonly counts: ArrayLike<number>;
  /** Symbols by id; what the merges make is added at the end. */
  readonly symbols: string[];
  /** Symbols at the most. */
  readonly maxSize: number;
  /** Pairs that come less often are not merged. */
  readonly minCount: number;
  /** Whether there may be such a symbol, whose right part is given. Default: any. */
  readonly allows?: (symbol: string, right: string) => boolean;
}

/**
 * The merges, in order. Of equally frequent pairs the one that comes last by code points is merged first, by its left
 * symbol, then by its right one: the same on every engine, and as subword-nmt does it.
 */
export function learnMerges(given: WordsToMerge): Merge[] {
  const { symbols, maxSize, minCount, allows = () => true } = given;
  const ids = new Map(symbols.map((symbol, id) => [symbol, id]));
  const pairs = new Pairs(symbols, maxSize);
  const corpus = new Corpus(given, pairs);
  const merges: Merge[] = [];
  while (symbols.length < maxSize) {
    const pair = pairs.mostFrequent(minCount);
    if (pair < 0) break;
    const [left, right] = [pairs.left[pair]!, pairs.right[pair]!];
    const symbol = symbols[left]! + symbols[right]!;
    if (!allows(symbol, symbols[right]!)) continue;
    // Two pairs can make one symbol: "ab" and "c", "a" and "bc".
    const known = ids.get(symbol);
    const result = known ?? symbols.push(symbol) - 1;
    if (known === undefined) ids.set(symbol, result);
    // A pair that comes up again, its parts made by later merges, was learned already.
    if (!pairs.learned[pair]) merges.push([left, right, result]);
    pairs.learned[pair] = true;
    corpus.merge(pair, result);
  }
  return merges;
}

/** The words, their symbols one after another in one array. */
class Corpus {
  readonly #symbols: Int32Array;
  readonly #starts: Int32Array;
  readonly #lengths: Int32Array;
  readonly #counts: ArrayLike<number>;
  readonly #pairs: Pairs;

  constructor({ words, counts }: WordsToMerge, pairs: Pairs) {
    const total = words.reduce((sum, { length }) => sum + length, 0);
    this.#symbols = new Int32Array(total);
    this.#starts = new Int32Array(words.length);
    this.#lengths = new Int32Array(words.length);
    this.#counts = counts;
    this.#pairs = pairs;
    let start = 0;
    words.forEach((word, i) => {
      this.#symbols.set(word, start);
      this.#starts[i] = start;
      this.#lengths[i] = word.length;
      for (let k = 1; k < word.length; k++) pairs.add(word[k - 1]!, word[k]!, counts[i]!, i);
      start += word.length;
    });
  }

  /** Makes a pair one symbol, wherever it stands. */
  merge(pair: number, result: number): void {
    const pairs = this.#pairs;
    const [left, right] = [pairs.left[pair]!, pairs.right[pair]!];
    for (let node = pairs.takeWords(pair); node >= 0; node = pairs.nextNode[node]!)
      this.#mergeIn(pairs.wordOf[node]!, left, right, result);
  }

  #mergeIn(word: number, left: number, right: number, result: number): void {
    const [symbols, pairs] = [this.#symbols, this.#pairs];
    const start = this.#starts[word]!;
    const end = start + this.#lengths[word]!;
    const count = this.#counts[word]!;
    let out = start;
    for (let at = start; at < end; at++) {
      const symbol = symbols[at]!;
      if (symbol !== left || at + 1 === end || symbols[at + 1] !== right) {
        symbols[out++] = symbol;
        continue;
      }
      pairs.add(left, right, -count, word);
      if (out > start) {
        const before = symbols[out - 1]!;
        pairs.add(before, left, -count, word);
        pairs.add(before, result, count, word);
      }
      if (at + 2 < end) {
        const behind = symbols[at + 2]!;
        pairs.add(right, behind, -count, word);
        pairs.add(result, behind, count, word);
      }
      symbols[out++] = result;
      at++;
    }
    this.#lengths[word] = out - start;
  }
}

// What comes after contexts of one length: counts, discounted by modified Kneser-Ney.
import { discounts } from "./discounts.js";
import type { NgramCounts } from "./ngram-counter.js";

/** By context (an n-gram one shorter), the ids that follow it, and the probability left to shorter contexts. */
export class ContextTable {
  readonly #firsts: Int32Array;
  readonly #lastIds: Int32Array;
  readonly #counts: Int32Array;
  /** By count, 3 for more. */
  readonly #discounts: Float64Array;
  /** `[contexts]`: the sum of the counts of what follows; 1 where nothing does. */
  readonly #totals: Int32Array;
  /** `[contexts]`: the share of the total that is discounted, or left out; 1 where nothing follows. */
  readonly #backoffs: Float64Array;

  /**
   * @param counts by n-gram, what counts: occurrences in the highest order, continuations in a lower one
   */
  constructor({ firsts, lastIds, leftOut, leftOutAfter }: NgramCounts, counts: Int32Array) {
    const contexts = firsts.length - 1;
    this.#firsts = firsts;
    this.#lastIds = lastIds;
    this.#counts = counts;
    this.#discounts = discounts(countsOfCounts(counts, leftOut));
    this.#totals = new Int32Array(contexts).fill(1);
    this.#backoffs = new Float64Array(contexts).fill(1);
    for (let context = 0; context < contexts; context++) {
      // An n-gram that is left out comes once, so one id at the most comes before it.
      let total = leftOutAfter?.[context] ?? 0;
      let free = total;
      for (let i = firsts[context]!; i < firsts[context + 1]!; i++) {
        total += counts[i]!;
        free += this.#discount(counts[i]!);
      }
      if (total === 0) continue;
      this.#totals[context] = total;
      this.#backoffs[context] = free / total;
    }
  }

  /** Number of n-grams. */
  get size(): number {
    return this.#counts.length;
  }

  get memoryBytes(): number {
    const arrays = [
      ...[this.#firsts, this.#lastIds, this.#counts],
      ...[this.#discounts, this.#totals, this.#backoffs],
    ];
    return arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** The n-gram, of this context and an id; -1 where the text has none. */
  find(context: number, id: number): number {
    let low = this.#firsts[context]!;
    let high = this.#firsts[context + 1]! - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.#lastIds[middle]!;
      if (found === id) return middle;
      if (found < id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /**
   * The probability of an id after a context.
   *
   * @param ngram of the two, or -1
   * @param shorter the probability of the id after the context without its first id
   */
  probability(context: number, ngram: number, shorter: number): number {
    const count = ngram < 0 ? 0 : this.#counts[ngram]!;
    const own = (count - this.#discount(count)) / this.#totals[context]!;
    return own + this.#backoffs[context]! * shorter;
  }

  #discount(count: number): number {
    return this.#discounts[count < 3 ? count : 3]!;
  }
}

/** By c from 1 to 4, how many n-grams have a count of c. */
function countsOfCounts(counts: Int32Array, leftOut: number): Float64Array {
  const found = Float64Array.of(0, leftOut, 0, 0, 0);
  for (const count of counts) if (count <= 4) found[count]!++;
  return found;
}

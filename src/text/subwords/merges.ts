// Merges in their order, and what they make of the symbols of a word.
import { Queue } from "./queue.js";

/** Stands for what takes part in no merge. */
export const APART = -1;

/** A uniform number in [0, 1), again and again. */
export type Draw = () => number;

/** A merge: two ids that stand side by side become a third. */
export type Merge = readonly [left: number, right: number, result: number];

/**
 * Byte-pair encoding's second half (Sennrich et al. 2016): of all pairs in a word the one that was learned first is
 * merged, until none is left that was learned. Takes n log n steps for n symbols.
 */
export class Merges {
  readonly list: readonly Merge[];
  readonly #ranks = new Map<number, number>();
  readonly #stride: number;
  readonly #atOnce: boolean;
  #next = new Int32Array(64);
  #previous = new Int32Array(64);

  /**
   * @param size ids are below it
   * @param atOnce whether a merge is made everywhere in the word before another is looked for, as subword-nmt does; else one
   *   place after another, the leftmost first, as Hugging Face's tokenizers do. They differ where a merge makes a pair that
   *   was learned before it.
   */
  constructor(list: readonly Merge[], size: number, atOnce: boolean) {
    this.list = list;
    this.#stride = size;
    this.#atOnce = atOnce;
    list.forEach(([left, right], rank) => {
      const key = left * size + right;
      if (!this.#ranks.has(key)) this.#ranks.set(key, rank);
    });
  }

  /**
   * Merges symbols in place.
   *
   * @param dropout probability that a merge which could be made is passed over, each time that one is looked for
   *   (BPE-dropout, Provilkov et al. 2020)
   * @returns how many symbols are left
   */
  apply(symbols: number[] | Int32Array, length: number, dropout = 0, draw?: Draw): number {
    if (length < 2) return length;
    if (this.#next.length < length) {
      this.#next = new Int32Array(2 * length);
      this.#previous = new Int32Array(2 * length);
    }
    const [next, previous] = [this.#next, this.#previous];
    for (let i = 0; i < length; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
    }
    // A place and the rank of the pair that begins there, as one number: the least is merged next.
    const queue = new Queue((a, b) => a < b);
    const made: number[] = [];
    const passedOver: number[] = [];
    const rankAt = (place: number): number => {
      const right = next[place]!;
      return right < length ? this.#rank(symbols[place]!, symbols[right]!) : -1;
    };
    for (let i = 0; i + 1 < length; i++) {
      const rank = rankAt(i);
      if (rank >= 0) queue.push(rank * length + i);
    }
    let count = length;
    let current = -1;
    for (;;) {
      if (made.length > 0 && (queue.size === 0 || Math.floor(queue.first / length) !== current)) {
        for (const entry of made) queue.push(entry);
        made.length = 0;
      }
      if (queue.size === 0) break;
      const entry = queue.pop();
      const place = entry % length;
      const rank = Math.floor(entry / length);
      // What stood there was merged since.
      if (next[place] === 0 || rankAt(place) !== rank) continue;
      if (dropout > 0 && draw!() < dropout) {
        passedOver.push(entry);
        continue;
      }
      for (const one of passedOver) queue.push(one);
      passedOver.length = 0;
      const right = next[place]!;
      const behind = next[right]!;
      symbols[place] = this.list[rank]![2];
      next[place] = behind;
      next[right] = 0;
      if (behind < length) previous[behind] = place;
      count--;
      current = rank;
      const before = previous[place]!;
      for (const at of before < 0 ? [place] : [before, place]) {
        const found = rankAt(at);
        if (found < 0) continue;
        if (this.#atOnce) made.push(found * length + at);
        else queue.push(found * length + at);
      }
    }
    for (let i = 0, out = 0; i < length; i = next[i]!) symbols[out++] = symbols[i]!;
    return count;
  }

  #rank(left: number, right: number): number {
    if (left < 0 || right < 0) return -1;
    return this.#ranks.get(left * this.#stride + right) ?? -1;
  }
}

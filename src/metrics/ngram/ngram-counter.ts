// Counts the n-grams of a text, order by order. The positions of the text stand sorted by the n-gram that begins there,
// so that equal n-grams stand together; the next order sorts each group by the id that follows. No hashing, a few bytes
// for each id of the text, and what comes out is sorted.
import { NgramList } from "./ngram-list.js";

/** Lets other work run, and throws where the build is to end. */
export type Pause = () => Promise<void>;

/** The distinct n-grams of one order, grouped by context: an n-gram without its last id. */
export interface NgramCounts {
  /** `[contexts + 1]`: where the n-grams of each context begin. A context is an n-gram of the order before. */
  readonly firsts: Int32Array;
  /** The last id of each, ascending within a context. */
  readonly lastIds: Int32Array;
  /** How often each comes in the text. */
  readonly counts: Int32Array;
  /** Number of n-grams that are left out; each comes once in the text. */
  readonly leftOut: number;
  /** `[contexts]`: how many of them each context has; the others' contexts are left out too. Missing without any. */
  readonly leftOutAfter: Int32Array | undefined;
  /** `[contexts]`: how many distinct ids come before each context, the beginning of the text counted as one. */
  readonly before: Int32Array;
}

/** Positions that are sorted between two pauses: some hundredths of a second. */
const PORTION = 1 << 18;

export class NgramCounter {
  readonly #ids: Int32Array;
  readonly #pause: Pause;
  /** Positions gone through since the last pause. */
  #work = 0;
  #order = 0;
  /** The least count of an n-gram that is listed: 1, or 2 from the first order on that has too many. */
  #least = 1;
  /** Where in the text each n-gram of the present order begins, sorted by n-gram. */
  readonly #positions: Int32Array;
  /** By n-gram: where its positions begin among these, and how many it has. */
  #begins: Int32Array = Int32Array.of(0);
  #counts: Int32Array;

  // Of the context that is being split into n-grams:
  /** Its positions, not sorted yet. */
  #unsorted = new Int32Array(0);
  /** The distinct ids that follow it, and how many they are. */
  readonly #following: Int32Array;
  #size = 0;
  /** By id: how often it follows; then where its next position goes. 0 between contexts. */
  readonly #tally: Int32Array;
  /** By id: the last context, counted from 1, that it comes before. */
  readonly #seen: Int32Array;
  /** One beyond the ids: stands before the text, and behind it. */
  readonly #edge: number;

  /** @param ids at least one, each from 0 to below vocabularySize */
  constructor(ids: Int32Array, vocabularySize: number, pause: Pause) {
    this.#ids = ids;
    this.#pause = pause;
    this.#positions = new Int32Array(ids.length);
    for (let i = 0; i < ids.length; i++) this.#positions[i] = i;
    this.#counts = Int32Array.of(ids.length);
    this.#following = new Int32Array(vocabularySize + 1);
    this.#tally = new Int32Array(vocabularySize + 1);
    this.#seen = new Int32Array(vocabularySize + 1);
    this.#edge = vocabularySize;
  }

  /**
   * Counts the next order, the first time order 1.
   *
   * @param limit n-grams at the most
   * @param above for how many orders above this one the limit is to leave room: for each, as many n-grams as come more
   *   than once here. Where it does not, n-grams that come once are left out of this order and of all above, so that all
   *   parts of what is listed are listed
   * @returns undefined where there is no n-gram, or too many even so: no order can be counted from then on
   */
  async next(limit: number, above: number): Promise<NgramCounts | undefined> {
    const contexts = this.#counts.length;
    const firsts = new Int32Array(contexts + 1);
    const before = new Int32Array(contexts);
    const list = new NgramList(contexts);
    let leftOutAfter = this.#least > 1 ? new Int32Array(contexts) : undefined;
    this.#order++;
    this.#unsorted = new Int32Array(this.#counts.reduce((most, count) => Math.max(most, count)));
    this.#seen.fill(0);
    for (let context = 0; context < contexts; context++) {
      const begin = this.#begins[context]!;
      const count = this.#counts[context]!;
      for (let i = 0; i < count; i += PORTION) {
        before[context]! += this.#gather(begin, i, Math.min(i + PORTION, count), context + 1);
        if (this.#work >= PORTION) await this.#rest();
      }
      const left = this.#list(list, begin);
      for (let i = 0; i < count && this.#size > 1; i += PORTION) {
        this.#sort(i, Math.min(i + PORTION, count));
        if (this.#work >= PORTION) await this.#rest();
      }
      this.#clear();
      firsts[context + 1] = list.size;
      if (leftOutAfter) leftOutAfter[context] = left;
      else if (list.size + above * list.repeated > limit) {
        this.#least = 2;
        leftOutAfter = new Int32Array(contexts);
        list.leaveOutSingles(firsts, context + 1, leftOutAfter);
      }
      if (list.size > limit) return undefined;
    }
    if (list.size === 0) return undefined;
    list.trim();
    const { lastIds, counts, begins } = list;
    this.#begins = begins;
    this.#counts = counts;
    const listed = counts.reduce((sum, count) => sum + count);
    const leftOut = this.#ids.length - this.#order + 1 - listed;
    return { firsts, lastIds, counts, leftOut, leftOutAfter, before };
  }

  /**
   * Takes a portion of a context's positions, counting the ids that follow.
   *
   * @param number of the context, from 1
   * @returns how many ids come before it that did not before
   */
  #gather(begin: number, from: number, to: number, number: number): number {
    let before = 0;
    for (let i = from; i < to; i++) {
      const position = this.#positions[begin + i]!;
      this.#unsorted[i] = position;
      const next = this.#idAfter(position);
      if (this.#tally[next]!++ === 0) this.#following[this.#size++] = next;
      const previous = position === 0 ? this.#edge : this.#ids[position - 1]!;
      if (this.#seen[previous] === number) continue;
      this.#seen[previous] = number;
      before++;
    }
    // A context costs about as much as a position.
    this.#work += to - from + 1;
    return before;
  }

  /**
   * Lists the context's n-grams, and makes of the tally where their positions begin.
   *
   * @returns how many are left out
   */
  #list(list: NgramList, begin: number): number {
    const ids = sort(this.#following, this.#size);
    let leftOut = 0;
    let at = begin;
    for (let i = 0; i < this.#size; i++) {
      const id = ids[i]!;
      const count = this.#tally[id]!;
      this.#tally[id] = at;
      if (id < this.#edge) {
        if (count < this.#least) leftOut++;
        else list.push(id, count, at);
      }
      at += count;
    }
    return leftOut;
  }

  /** Puts a portion of the context's positions where the ids that follow belong. */
  #sort(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const position = this.#unsorted[i]!;
      this.#positions[this.#tally[this.#idAfter(position)]!++] = position;
    }
    this.#work += to - from;
  }

  #clear(): void {
    for (let i = 0; i < this.#size; i++) this.#tally[this.#following[i]!] = 0;
    this.#size = 0;
  }

  /** The last id of the n-gram of the present order that begins there. */
  #idAfter(position: number): number {
    const at = position + this.#order - 1;
    return at < this.#ids.length ? this.#ids[at]! : this.#edge;
  }

  async #rest(): Promise<void> {
    this.#work = 0;
    await this.#pause();
  }
}

/** Sorts the first numbers, ascending. Mostly they are few, and the engine's sort is slow to start. */
function sort(numbers: Int32Array, size: number): Int32Array {
  if (size > 24) numbers.subarray(0, size).sort();
  else
    for (let i = 1; i < size; i++) {
      const number = numbers[i]!;
      let place = i;
      for (; place > 0 && numbers[place - 1]! > number; place--)
        numbers[place] = numbers[place - 1]!;
      numbers[place] = number;
    }
  return numbers;
}

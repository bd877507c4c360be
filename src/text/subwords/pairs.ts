// Pairs of symbols: how often each comes, in which words, and which comes most often.
import { byCodePoint } from "../../core/code-points.js";
import { Queue } from "./queue.js";

export class Pairs {
  readonly left: number[] = [];
  readonly right: number[] = [];
  readonly learned: boolean[] = [];
  /** The words of a pair are a chain of nodes. */
  wordOf = new Int32Array(1024);
  nextNode = new Int32Array(1024);
  #nodes = 0;
  readonly #firstNode: number[] = [];
  readonly #counts: number[] = [];
  readonly #ids = new Map<number, number>();
  readonly #symbols: readonly string[];
  readonly #stride: number;
  /** What is queued: a pair, and the count that it had then. */
  readonly #entryPair: number[] = [];
  readonly #entryCount: number[] = [];
  readonly #queue = new Queue((a, b) => this.#before(a, b));
  /** The count with which a pair was queued last. */
  readonly #queuedCount: number[] = [];
  #risen: number[] = [];

  /** @param symbols by id; more may come, up to `maxSize` */
  constructor(symbols: readonly string[], maxSize: number) {
    this.#symbols = symbols;
    this.#stride = Math.max(maxSize, symbols.length);
  }

  /** Counts a pair in a word; a negative count takes it back. Negative symbols make no pair. */
  add(left: number, right: number, count: number, word: number): void {
    if (left < 0 || right < 0) return;
    const pair = this.#idOf(left, right);
    this.#counts[pair]! += count;
    if (count < 0) return;
    this.#risen.push(pair);
    const first = this.#firstNode[pair]!;
    if (first >= 0 && this.wordOf[first] === word) return;
    if (this.#nodes === this.wordOf.length) {
      this.wordOf = grown(this.wordOf);
      this.nextNode = grown(this.nextNode);
    }
    const node = this.#nodes++;
    this.wordOf[node] = word;
    this.nextNode[node] = first;
    this.#firstNode[pair] = node;
  }

  /** The first node of a pair's words, which it has no longer. */
  takeWords(pair: number): number {
    const first = this.#firstNode[pair]!;
    this.#firstNode[pair] = -1;
    return first;
  }

  /** Takes the most frequent pair; -1 where none comes `minCount` times. */
  mostFrequent(minCount: number): number {
    this.#queueRisen(minCount);
    while (this.#queue.size > 0) {
      const entry = this.#queue.pop();
      const pair = this.#entryPair[entry]!;
      const count = this.#counts[pair]!;
      if (this.#entryCount[entry] === count) {
        this.#queuedCount[pair] = 0;
        return pair;
      }
      // It comes less often by now; or more often, and is queued another time.
      if (this.#entryCount[entry] === this.#queuedCount[pair]) this.#enqueue(pair, minCount);
    }
    return -1;
  }

  #queueRisen(minCount: number): void {
    for (const pair of this.#risen) this.#enqueue(pair, minCount);
    this.#risen = [];
  }

  #enqueue(pair: number, minCount: number): void {
    const count = this.#counts[pair]!;
    if (count < minCount || this.#queuedCount[pair] === count) return;
    this.#queuedCount[pair] = count;
    this.#entryCount.push(count);
    this.#queue.push(this.#entryPair.push(pair) - 1);
  }

  #idOf(left: number, right: number): number {
    const key = left * this.#stride + right;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const pair = this.left.length;
    this.#ids.set(key, pair);
    this.left.push(left);
    this.right.push(right);
    this.learned.push(false);
    this.#counts.push(0);
    this.#firstNode.push(-1);
    this.#queuedCount.push(0);
    return pair;
  }

  /** Whether one entry is merged before another: the more frequent one, else the last by code points. */
  #before(a: number, b: number): boolean {
    const more = this.#entryCount[a]! - this.#entryCount[b]!;
    if (more !== 0) return more > 0;
    const [one, other] = [this.#entryPair[a]!, this.#entryPair[b]!];
    return (
      (byCodePoint(this.#symbols[this.left[one]!]!, this.#symbols[this.left[other]!]!) ||
        byCodePoint(this.#symbols[this.right[one]!]!, this.#symbols[this.right[other]!]!)) > 0
    );
  }
}

function grown(list: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(2 * list.length);
  longer.set(list);
  return longer;
}

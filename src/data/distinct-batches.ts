// Batches in which nothing comes twice: where the others of a batch are the negatives, what belongs together must not meet.
import type { BatchSource } from "./batches.js";

export interface DistinctBatchesOptions<Example> {
  /** Examples in all. */
  readonly count: number;
  readonly batchSize: number;
  /** What no two examples of a batch may share. */
  keysOf(example: Example): readonly string[];
}

/**
 * The batches of a source cut anew, such that the examples of one share no key. An example that does waits for the next
 * batch. Every pass has as many batches as the source; what found room in none of them is left out of the pass.
 */
export function distinctBatches<Example>(
  source: BatchSource<Example[]>,
  { count, batchSize, keysOf }: DistinctBatchesOptions<Example>,
): AsyncIterable<Example[]> & { readonly length: number } {
  const length = Math.ceil(count / batchSize);
  return {
    length,
    async *[Symbol.asyncIterator]() {
      const filler = new Filler(batchSize, keysOf);
      let given = 0;
      for await (const batch of source)
        for (const example of batch) {
          const full = filler.add(example);
          if (!full) continue;
          given++;
          yield full;
        }
      for (; given < length; given++) yield filler.take();
    },
  };
}

/** Fills one batch after another; what does not fit into one comes first into the next. */
class Filler<Example> {
  readonly #size: number;
  readonly #keysOf: (example: Example) => readonly string[];
  #batch: Example[] = [];
  #keys = new Set<string>();
  #waiting: Example[] = [];

  constructor(size: number, keysOf: (example: Example) => readonly string[]) {
    this.#size = size;
    this.#keysOf = keysOf;
  }

  /** The batch that the example has filled. */
  add(example: Example): Example[] | undefined {
    if (!this.#put(example)) this.#waiting.push(example);
    return this.#batch.length === this.#size ? this.take() : undefined;
  }

  /** What there is; those that wait begin the next. */
  take(): Example[] {
    const taken = this.#batch;
    this.#batch = [];
    this.#keys = new Set();
    this.#waiting = this.#waiting.filter((example) => !this.#put(example));
    return taken;
  }

  #put(example: Example): boolean {
    if (this.#batch.length === this.#size) return false;
    const keys = this.#keysOf(example);
    if (keys.some((key) => this.#keys.has(key))) return false;
    for (const key of keys) this.#keys.add(key);
    this.#batch.push(example);
    return true;
  }
}

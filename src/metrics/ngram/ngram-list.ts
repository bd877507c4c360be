// N-grams of one order while they are counted: typed arrays that grow.

/** In the order of their ids. */
export class NgramList {
  size = 0;
  /** How many come more than once. */
  repeated = 0;
  /** The last id of each. */
  lastIds: Int32Array;
  /** How often each comes. */
  counts: Int32Array;
  /** Where the occurrences of each begin among the sorted positions of the text. */
  begins: Int32Array;

  /** @param capacity for how many n-grams, at least one, there is room without growing */
  constructor(capacity: number) {
    this.lastIds = new Int32Array(capacity);
    this.counts = new Int32Array(capacity);
    this.begins = new Int32Array(capacity);
  }

  push(lastId: number, count: number, begin: number): void {
    if (this.size === this.counts.length) this.#resize(2 * this.size);
    this.lastIds[this.size] = lastId;
    this.counts[this.size] = count;
    this.begins[this.size++] = begin;
    if (count > 1) this.repeated++;
  }

  /**
   * Leaves out what comes once.
   *
   * @param firsts by context, where its n-grams begin; set anew
   * @param contexts how many contexts the list has by now
   * @param leftOut by context, how many are left out: added to
   */
  leaveOutSingles(firsts: Int32Array, contexts: number, leftOut: Int32Array): void {
    let size = 0;
    for (let context = 0, i = 0; context < contexts; context++) {
      const end = firsts[context + 1]!;
      firsts[context] = size;
      for (; i < end; i++) {
        if (this.counts[i] === 1) {
          leftOut[context]!++;
          continue;
        }
        this.lastIds[size] = this.lastIds[i]!;
        this.counts[size] = this.counts[i]!;
        this.begins[size++] = this.begins[i]!;
      }
    }
    this.size = firsts[contexts] = size;
  }

  /** Gives back the memory that is not needed. */
  trim(): void {
    this.#resize(this.size);
  }

  #resize(length: number): void {
    const resized = (old: Int32Array): Int32Array => {
      const array = new Int32Array(length);
      array.set(old.subarray(0, this.size));
      return array;
    };
    this.lastIds = resized(this.lastIds);
    this.counts = resized(this.counts);
    this.begins = resized(this.begins);
  }
}

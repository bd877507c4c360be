/** Samples that wait to be used: in at one end, out at the other. */
export class SampleQueue {
  #values = new Float32Array(0);
  #length = 0;
  /** Samples still to come that are to be dropped. */
  #debt = 0;

  /** What waits, valid until the next change. */
  get values(): Float32Array {
    return this.#values.subarray(0, this.#length);
  }

  push(samples: Float32Array | readonly number[]): void {
    const skipped = Math.min(this.#debt, samples.length);
    this.#debt -= skipped;
    const length = this.#length + samples.length - skipped;
    if (length > this.#values.length) {
      const grown = new Float32Array(Math.max(length, 2 * this.#values.length));
      grown.set(this.values);
      this.#values = grown;
    }
    this.#values.set(skipped === 0 ? samples : samples.slice(skipped), this.#length);
    this.#length = length;
  }

  /** Drops the first `count`, also of what is still to come. */
  drop(count: number): void {
    const now = Math.min(count, this.#length);
    this.#debt += count - now;
    this.#values.copyWithin(0, now, this.#length);
    this.#length -= now;
  }

  clear(): void {
    this.#length = 0;
    this.#debt = 0;
  }
}

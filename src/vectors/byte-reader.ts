// Chunks of bytes as records: lines, or so many bytes, wherever the chunks were cut.

/** Reads a stream of chunks forwards. What `take…` gives is a view until the next call. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array();
  /** Whether that is the reader's own, no chunk of the stream. */
  #own = false;
  #from = 0;
  #end = 0;
  #ended = false;
  /** Bytes taken before. */
  position = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** What is held and was not taken. */
  get rest(): Uint8Array {
    return this.#held.subarray(this.#from, this.#end);
  }

  /** Holds at least `count` bytes if the stream has as many; whether it does. */
  async hold(count: number): Promise<boolean> {
    while (this.#end - this.#from < count && (await this.#more()));
    return this.#end - this.#from >= count;
  }

  /** Where a byte stands first, counted from what was not taken, at `most` bytes off; -1: nowhere. */
  async find(byte: number, most: number): Promise<number> {
    for (let seen = 0; ;) {
      const at = this.#held.subarray(this.#from + seen, this.#end).indexOf(byte);
      if (at >= 0) return seen + at;
      seen = this.#end - this.#from;
      if (seen > most || !(await this.#more())) return -1;
    }
  }

  /** Without waiting: as {@link find} in what is held. */
  findHeld(byte: number): number {
    const at = this.#held.indexOf(byte, this.#from);
    return at < 0 || at >= this.#end ? -1 : at - this.#from;
  }

  take(count: number): Uint8Array {
    const taken = this.#held.subarray(this.#from, this.#from + count);
    this.#from += count;
    this.position += count;
    return taken;
  }

  /** Lets go of the stream. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** Reads one chunk on; whether there was one. */
  async #more(): Promise<boolean> {
    if (this.#ended) return false;
    const { done, value } = await this.#chunks.next();
    if (done) {
      this.#ended = true;
      return false;
    }
    const rest = this.#end - this.#from;
    if (rest === 0) this.#held = value;
    else {
      if (!this.#own || this.#held.length < rest + value.length) this.#grow(rest + value.length);
      else this.#held.copyWithin(0, this.#from, this.#end);
      this.#held.set(value, rest);
    }
    this.#own = rest > 0;
    this.#from = 0;
    this.#end = rest + value.length;
    return true;
  }

  #grow(least: number): void {
    const larger = new Uint8Array(Math.max(least, 1 << 16));
    larger.set(this.#held.subarray(this.#from, this.#end));
    this.#held = larger;
  }
}

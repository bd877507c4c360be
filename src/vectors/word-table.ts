// Words held as bytes: of three million, strings and a Map would take ten times the memory.
import { IndexError } from "../core/errors.js";

/** How much of the table of hashes is used at most. */
const FULLEST = 0.7;
const FIRST_BYTES = 1 << 12;

/** Different words by number, and numbers by word. */
export class WordTable implements Iterable<string> {
  #bytes = new Uint8Array(FIRST_BYTES);
  /** Where each word ends; the next begins there. */
  #ends = new Uint32Array(64);
  /** A word's number + 1, at its hash or behind it; 0: free. Its length is a power of two. */
  #slots = new Int32Array(128);
  #size = 0;

  // With each table, not when this is imported: jsdom has none of them.
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  /** @param expected words, where that is known: then nothing grows but the letters */
  constructor(expected = 0) {
    if (expected <= 64) return;
    this.#ends = new Uint32Array(expected);
    this.#slots = new Int32Array(powerOfTwo(expected / FULLEST));
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a word in UTF-8, unless it is there; whether it was new. */
  add(word: Uint8Array): boolean {
    if (this.#size + 1 > this.#slots.length * FULLEST) this.#rehash();
    const slot = this.#slotOf(word);
    if (this.#slots[slot] !== 0) return false;
    const from = this.#start(this.#size);
    const end = from + word.length;
    if (end > this.#bytes.length) this.#bytes = grown(this.#bytes, end);
    if (this.#size === this.#ends.length) this.#ends = grown(this.#ends, this.#size + 1);
    this.#bytes.set(word, from);
    this.#ends[this.#size++] = end;
    this.#slots[slot] = this.#size;
    return true;
  }

  /** The number of a word, or -1. */
  indexOf(word: string): number {
    return this.#slots[this.#slotOf(this.#encoder.encode(word))]! - 1;
  }

  wordAt(op: string, index: number): string {
    return this.#decoder.decode(this.bytesAt(op, index));
  }

  *[Symbol.iterator](): Generator<string, void> {
    for (let index = 0; index < this.#size; index++) yield this.wordAt("WordVectors", index);
  }

  /** The bytes of a word; a view, not a copy. */
  bytesAt(op: string, index: number): Uint8Array {
    if (!(Number.isInteger(index) && index >= 0 && index < this.#size))
      throw new IndexError({
        op,
        expected: `the number of a word, from 0 to ${this.#size - 1}`,
        got: String(index),
      });
    return this.#bytes.subarray(this.#start(index), this.#ends[index]);
  }

  #start(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  /** Where the word stands, or the free place where it would. */
  #slotOf(word: Uint8Array): number {
    const last = this.#slots.length - 1;
    let slot = hashOf(word) & last;
    for (let held = this.#slots[slot]!; held !== 0; held = this.#slots[slot]!) {
      if (this.#holds(held - 1, word)) return slot;
      slot = (slot + 1) & last;
    }
    return slot;
  }

  #holds(index: number, word: Uint8Array): boolean {
    const from = this.#start(index);
    if (this.#ends[index]! - from !== word.length) return false;
    for (let i = 0; i < word.length; i++) if (this.#bytes[from + i] !== word[i]) return false;
    return true;
  }

  #rehash(): void {
    const last = this.#slots.length * 2 - 1;
    this.#slots = new Int32Array(last + 1);
    for (let index = 0; index < this.#size; index++) {
      let slot = hashOf(this.#bytes.subarray(this.#start(index), this.#ends[index])) & last;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & last;
      this.#slots[slot] = index + 1;
    }
  }
}

/** FNV-1a, its bits mixed once more (murmur3's end): the table takes the lowest. */
function hashOf(word: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word[i]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

function powerOfTwo(least: number): number {
  let power = 1;
  while (power < least) power *= 2;
  return power;
}

/** A copy half as large again, of at least `least` elements. */
function grown<T extends Uint8Array | Uint32Array>(from: T, least: number): T {
  const size = Math.max(least, Math.ceil(from.length * 1.5));
  const larger = new (from.constructor as new (size: number) => T)(size);
  larger.set(from);
  return larger;
}

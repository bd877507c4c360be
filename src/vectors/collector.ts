// What readers put words and vectors into.
import { described } from "../core/described.js";
import { OutOfMemoryError, type FormatError } from "../core/errors.js";
import { byteFault, lineFault, type FileName } from "./format.js";
import { parseNumber } from "./parse-number.js";
import { WordTable } from "./word-table.js";

/** What a file holds: word `i`'s vector is `values[i · dimension … (i + 1) · dimension)`. */
export interface VectorsRead {
  readonly table: WordTable;
  readonly values: Float32Array;
  readonly dimension: number;
}

/** Which words are kept, and how. */
interface Choice {
  readonly limit: number;
  readonly filter: ((word: string) => boolean) | undefined;
  readonly lenient: boolean;
}

/** Puts words and vectors where they stay. */
export class Collector {
  readonly #file: FileName;
  readonly #limit: number;
  readonly #filter: ((word: string) => boolean) | undefined;
  readonly #decoder: TextDecoder;
  readonly #lenient: boolean;
  #table = new WordTable();
  #values = new Float32Array();
  /** Where each number of a line begins. */
  #starts = new Int32Array();
  #read = 0;
  dimension = 0;
  begun = false;

  constructor(file: FileName, given: Choice) {
    this.#file = file;
    this.#limit = given.limit;
    this.#filter = given.filter;
    this.#lenient = given.lenient;
    this.#decoder = new TextDecoder("utf-8", { fatal: !given.lenient, ignoreBOM: true });
  }

  /** @param expected words, 0 where nobody knows */
  begin(dimension: number, expected: number): void {
    this.begun = true;
    this.dimension = dimension;
    this.#starts = new Int32Array(dimension);
    // Of words that are chosen, nobody knows how many.
    const words = this.#filter ? 0 : Math.min(expected, this.#limit);
    this.#values = this.#memory(words * dimension);
    this.#table = new WordTable(words);
  }

  /** Whether all words are read that were asked for. */
  get full(): boolean {
    return this.#read >= this.#limit;
  }

  /** @param blanks whether a word may have blanks in it */
  addLine(bytes: Uint8Array, end: number, line: number, blanks: boolean): void {
    let at = end;
    const starts = this.#starts;
    for (let i = this.dimension - 1; i >= 0; i--) {
      while (at > 0 && !isBlank(bytes[at - 1]!)) at--;
      starts[i] = at;
      while (at > 0 && isBlank(bytes[at - 1]!)) at--;
      if (at === 0) throw this.#wrongCount(bytes, end, line);
    }
    if (!blanks && bytes.subarray(0, at).some(isBlank)) throw this.#wrongCount(bytes, end, line);
    const word = this.#accepted(bytes.subarray(0, at), () =>
      lineFault(
        this.#file,
        line,
        "a word in UTF-8",
        "other bytes",
        "{ lenient: true } takes them.",
      ),
    );
    const values = word && this.#room(word);
    for (let i = 0; i < this.dimension; i++) {
      const next = i + 1 < this.dimension ? starts[i + 1]! : end;
      let stop = next;
      while (isBlank(bytes[stop - 1]!)) stop--;
      const value = parseNumber(bytes, starts[i]!, stop);
      if (!Number.isFinite(Math.fround(value)))
        throw lineFault(
          this.#file,
          line,
          `${this.dimension} numbers behind the word`,
          described(new TextDecoder().decode(bytes.subarray(starts[i], stop))),
        );
      if (values !== undefined) this.#values[values + i] = value;
    }
  }

  /** @param at the byte where the record begins */
  addRecord(bytes: Uint8Array, numbers: Uint8Array, at: number): void {
    const word = this.#accepted(bytes, () =>
      byteFault(this.#file, at, "a word in UTF-8", "other bytes", "{ lenient: true } takes them."),
    );
    const values = word && this.#room(word);
    const view = new DataView(numbers.buffer, numbers.byteOffset, numbers.length);
    for (let i = 0; i < this.dimension; i++) {
      const value = view.getFloat32(4 * i, true);
      if (!Number.isFinite(value))
        throw byteFault(
          this.#file,
          at,
          "finite numbers",
          `${value} of ${described(new TextDecoder().decode(bytes))}`,
          "Is it of another format?",
        );
      if (values !== undefined) this.#values[values + i] = value;
    }
  }

  end(): VectorsRead {
    const { dimension } = this;
    const used = this.#table.size * dimension;
    const values = used === this.#values.length ? this.#values : this.#values.slice(0, used);
    return { table: this.#table, values, dimension };
  }

  /** The word's bytes as they are kept, or undefined where it is not. */
  #accepted(bytes: Uint8Array, fault: () => FormatError): Uint8Array | undefined {
    this.#read++;
    const text = decoded(this.#decoder, bytes);
    if (text === undefined) throw fault();
    if (this.#filter && !this.#filter(text)) return undefined;
    return this.#lenient ? new TextEncoder().encode(text) : bytes;
  }

  /** Where the numbers of a new word go; undefined for one that came before, of which the first counts. */
  #room(word: Uint8Array): number | undefined {
    const from = this.#table.size * this.dimension;
    if (!this.#table.add(word)) return undefined;
    if (from + this.dimension > this.#values.length) {
      const larger = this.#memory(Math.max(64 * this.dimension, Math.ceil(1.5 * from)));
      larger.set(this.#values);
      this.#values = larger;
    }
    return from;
  }

  #memory(numbers: number): Float32Array<ArrayBuffer> {
    try {
      return new Float32Array(numbers);
    } catch (cause) {
      throw new OutOfMemoryError(
        {
          op: this.#file.op,
          expected: `memory for ${numbers} numbers of ${this.#file.name}`,
          got: String(cause),
          cure: "limit reads the first words only, filter those that are needed.",
        },
        { cause },
      );
    }
  }

  #wrongCount(bytes: Uint8Array, end: number, line: number): FormatError {
    let fields = 0;
    for (let i = 1; i <= end; i++)
      if ((i === end || isBlank(bytes[i]!)) && !isBlank(bytes[i - 1]!)) fields++;
    return lineFault(
      this.#file,
      line,
      `a word and ${this.dimension} numbers`,
      `${fields} pieces between blanks`,
    );
  }
}

function decoded(decoder: TextDecoder, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const SPACE = 0x20;
const TAB = 0x09;

export function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

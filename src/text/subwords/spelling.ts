// A vocabulary's own symbols: characters, and bytes for all others.
import type { Vocabulary } from "../vocabulary.js";
import { BYTE_TOKENS, ByteReader, bytesOf } from "./bytes.js";
import { APART } from "./merges.js";
import type { SubwordDecoder } from "./scheme.js";

export class Spelling {
  readonly #vocabulary: Vocabulary;
  readonly #silent: ReadonlySet<number>;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #bytes: readonly number[];
  readonly #byteOf: ReadonlyMap<number, number>;

  /**
   * @param vocabulary has a token for each byte
   * @param silent ids that stand for no text
   */
  constructor(vocabulary: Vocabulary, silent: ReadonlySet<number>) {
    const { tokens } = vocabulary;
    [this.#vocabulary, this.#silent] = [vocabulary, silent];
    const ids = new Map(tokens.map((token, id) => [token, id]));
    for (const id of silent) ids.delete(tokens[id]!);
    this.#ids = ids;
    this.#bytes = BYTE_TOKENS.map((token) => this.#ids.get(token)!);
    this.#byteOf = new Map(this.#bytes.map((id, byte) => [id, byte]));
  }

  id(symbol: string): number | undefined {
    return this.#ids.get(symbol);
  }

  /** The byte that an id stands for. */
  byte(id: number): number | undefined {
    return this.#byteOf.get(id);
  }

  /**
   * The token of an id; undefined where it stands for no text.
   *
   * @throws IndexError for an id outside of the vocabulary
   */
  token(id: number): string | undefined {
    const token = this.#vocabulary.token(id);
    return this.#silent.has(id) ? undefined : token;
  }

  /** A character's bytes, as ids. */
  bytesOf(character: string): number[] {
    return bytesOf(character.codePointAt(0)!).map((byte) => this.#bytes[byte]!);
  }

  /** Puts the ids of symbols into `ids`; where there is none, what `otherwise` makes of the symbol into `apart`. */
  put(
    symbols: readonly string[],
    ids: number[],
    apart: (readonly number[])[],
    otherwise: (symbol: string) => readonly number[],
  ): void {
    for (const symbol of symbols) {
      const id = this.#ids.get(symbol);
      ids.push(id ?? APART);
      if (id === undefined) apart.push(otherwise(symbol));
    }
  }
}

/** Ids back to text: tokens, and characters of which the bytes come one by one. */
export abstract class SpelledDecoder implements SubwordDecoder {
  readonly #spelling: Spelling;
  readonly #bytes = new ByteReader();

  constructor(spelling: Spelling) {
    this.#spelling = spelling;
  }

  push(id: number): string {
    const token = this.#spelling.token(id);
    if (token === undefined) return "";
    const byte = this.#spelling.byte(id);
    return byte === undefined
      ? this.token(this.#bytes.end(), token)
      : this.spelled(this.#bytes.push(byte));
  }

  end(): string {
    return this.spelled(this.#bytes.end());
  }

  /** @param before what bytes before it left open */
  protected abstract token(before: string, token: string): string;
  /** What bytes have completed, or nothing yet. */
  protected abstract spelled(text: string): string;
}

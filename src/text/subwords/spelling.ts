// A vocabulary's own symbols: characters, and bytes for all others.
import type { Vocabulary } from "../vocabulary.js";
import { BYTE_TOKENS, bytesOf } from "./bytes.js";
import { APART } from "./merges.js";

export class Spelling {
  readonly #ids: ReadonlyMap<string, number>;
  readonly #bytes: readonly number[];
  readonly #byteOf: ReadonlyMap<number, number>;

  /**
   * @param vocabulary has a token for each byte
   * @param silent ids that stand for no text
   */
  constructor({ tokens }: Vocabulary, silent: ReadonlySet<number>) {
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

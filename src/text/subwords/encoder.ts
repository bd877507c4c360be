// From a text to ids: pieces, their symbols, merges; pieces that come again are looked up.
import { checkProbability } from "../../core/check.js";
import { drawBlock, philox } from "../../core/random.js";
import type { Draw, Merge, Merges } from "./merges.js";
import type { EncodeSubwordsOptions, SubwordScheme } from "./scheme.js";

/** Pieces whose ids are kept: most of a text is words that came before. */
const CACHED = 100_000;
/** Longer ones hardly come twice. */
const CACHED_LENGTH = 64;

export class SubwordEncoder {
  readonly merges: Merges;
  readonly scheme: SubwordScheme;
  /** Subwords that are taken apart again, and what each was merged from first. */
  readonly #rare: ReadonlyMap<number, Merge>;
  readonly #cache = new Map<string, Int32Array>();

  constructor(merges: Merges, scheme: SubwordScheme, rare: ReadonlySet<number> = new Set()) {
    this.merges = merges;
    this.scheme = scheme;
    const first = new Map<number, Merge>();
    for (const merge of rare.size > 0 ? merges.list : [])
      if (rare.has(merge[2]) && !first.has(merge[2])) first.set(merge[2], merge);
    this.#rare = first;
  }

  /** Ids that are taken apart. */
  get rare(): number[] {
    return [...this.#rare.keys()];
  }

  encode(op: string, text: string, { dropout = 0 }: EncodeSubwordsOptions): Int32Array {
    checkProbability(op, dropout);
    const draw = dropout > 0 ? draws() : undefined;
    const ids: number[] = [];
    for (const piece of this.scheme.pieces(text)) {
      if (typeof piece === "number") ids.push(piece);
      else for (const id of this.encodePiece(piece, dropout, draw)) ids.push(id);
    }
    return Int32Array.from(ids);
  }

  encodePiece(piece: string, dropout = 0, draw?: Draw): Iterable<number> {
    if (dropout > 0) return this.#merged(piece, dropout, draw);
    const cached = this.#cache.get(piece);
    if (cached) return cached;
    const ids = this.#merged(piece);
    if (piece.length <= CACHED_LENGTH) {
      if (this.#cache.size >= CACHED) this.#cache.clear();
      this.#cache.set(piece, Int32Array.from(ids));
    }
    return ids;
  }

  #merged(piece: string, dropout = 0, draw?: Draw): readonly number[] {
    const whole = this.scheme.whole?.(piece);
    if (whole !== undefined) return [whole];
    const symbols: number[] = [];
    const apart: (readonly number[])[] = [];
    this.scheme.spell(piece, symbols, apart);
    symbols.length = this.merges.apply(symbols, symbols.length, dropout, draw);
    if (apart.length === 0 && this.#rare.size === 0) return symbols;
    let next = 0;
    return symbols.flatMap((id) => (id < 0 ? apart[next++]! : this.#frequent(id)));
  }

  /** A subword, or those that it was merged from as far as they are frequent enough. */
  #frequent(id: number): readonly number[] {
    const parts = this.#rare.get(id);
    return parts ? [...this.#frequent(parts[0]), ...this.#frequent(parts[1])] : [id];
  }
}

/** Numbers from the library's generator, four of each block. */
function draws(): Draw {
  let block: readonly number[] = [];
  let next = 4;
  return () => {
    if (next === 4) {
      block = philox(drawBlock(4));
      next = 0;
    }
    return (block[next++]! >>> 8) / 0x1000000;
  };
}

// N-grams as numbers: what is counted of them needs no text.

/** Above every id: a Map holds fewer entries. */
const IDS = 0x4000000;

/** Numbers n-grams as they come: equal ones have one number, whatever sequence they stand in. */
export class NgramIds<Token> {
  readonly #tokens = new Map<Token, number>();
  /** Of each order above the first: n-grams by the (n-1)-gram they begin with, and their last token. */
  readonly #longer: Map<number, number>[] = [];

  /** Of each order from 1 to `maxOrder`, the n-grams of a sequence, in its order. */
  of(sequence: ArrayLike<Token>, maxOrder: number): number[][] {
    const tokens = Array.from(sequence, (token) => idOf(this.#tokens, token));
    const orders = [tokens];
    for (let order = 2; order <= maxOrder; order++) {
      const known = (this.#longer[order - 2] ??= new Map());
      const begins = orders.at(-1)!;
      const ids: number[] = [];
      for (let end = order - 1; end < tokens.length; end++)
        ids.push(idOf(known, begins[end - order + 1]! * IDS + tokens[end]!));
      orders.push(ids);
    }
    return orders;
  }
}

/** How often each number comes. */
export function countsOf(ids: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

function idOf<Key>(known: Map<Key, number>, key: Key): number {
  const id = known.get(key) ?? known.size;
  if (id === known.size) known.set(key, id);
  return id;
}

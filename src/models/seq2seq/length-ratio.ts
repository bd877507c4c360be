// How long targets are for their sources, counted as pairs pass.

/** Leading bits of a length that are kept: below 128 characters each length is its own, above they differ by less than 2 %. */
const BITS = 7;
/** Of all pairs, the share among which the ordinary ones are. */
const ORDINARY = 0.99;
/** How much more than ordinary ones a pair may ask for: one odd pair must not let all texts go on. */
const ODD = 2;

/** Tokens of a target, for each of its source's tokens and some more. */
export type RatioOf = (read: number, written: number) => number;

export class LengthRatios {
  /** By the characters of a source and those of its target: pairs. */
  readonly #counts = new Map<number, Map<number, number>>();
  #pairs = 0;

  add(read: number, written: number): void {
    const [source, target] = [rounded(read), rounded(written)];
    let own = this.#counts.get(source);
    if (!own) this.#counts.set(source, (own = new Map()));
    own.set(target, (own.get(target) ?? 0) + 1);
    this.#pairs++;
  }

  /** The largest ratio of all pairs, but at most twice the largest of all but the oddest hundredth of them, one at least. */
  largest(ratioOf: RatioOf): number {
    const all = [...this.#counts].flatMap(([read, targets]) =>
      Array.from(targets, ([written, count]) => ({ ratio: ratioOf(read, written), count })),
    );
    all.sort((a, b) => a.ratio - b.ratio);
    const place = Math.floor(ORDINARY * (this.#pairs - 1));
    let before = 0;
    const ordinary = all.find(({ count }) => (before += count) > place);
    return Math.min(all.at(-1)?.ratio ?? 0, ODD * (ordinary?.ratio ?? 0));
  }
}

function rounded(length: number): number {
  const shift = Math.max(0, 32 - Math.clz32(length) - BITS);
  return (length >> shift) << shift;
}

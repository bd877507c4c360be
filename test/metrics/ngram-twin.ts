// Modified Kneser-Ney as its formulas read, over maps of joined ids: slow, and alike in nothing but the result.

type Counts = Map<string, number>;

const key = (ids: readonly number[]): string => ids.join(" ");

/** Each distinct n-gram of a text, and how often it comes. */
export function occurrences(text: readonly number[], order: number): Counts {
  const counts: Counts = new Map();
  for (let i = 0; i + order <= text.length; i++) add(counts, key(text.slice(i, i + order)));
  return counts;
}

/** Each distinct n-gram of a text, and how many different ids come before it, -1 at the beginning. */
function continuations(text: readonly number[], order: number): Counts {
  const longer = new Set<string>();
  for (let i = 0; i + order <= text.length; i++)
    longer.add(key([text[i - 1] ?? -1, ...text.slice(i, i + order)]));
  const counts: Counts = new Map();
  for (const ngram of longer) add(counts, ngram.slice(ngram.indexOf(" ") + 1));
  return counts;
}

function add(counts: Counts, ngram: string): void {
  counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
}

export class NgramTwin {
  readonly order: number;
  readonly #size: number;
  readonly #levels: { counts: Counts; kept: ReadonlySet<string>; discounts: readonly number[] }[];

  /** @param cutoff the first order that keeps only n-grams that come twice */
  constructor(text: readonly number[], size: number, order: number, cutoff = Infinity) {
    this.order = order;
    this.#size = size;
    this.#levels = Array.from({ length: order }, (_, i) => {
      const all = occurrences(text, i + 1);
      const counts = i + 1 === order ? all : continuations(text, i + 1);
      const kept = [...all].filter(([, times]) => i + 1 < cutoff || times >= 2);
      return {
        counts,
        kept: new Set(kept.map(([ngram]) => ngram)),
        discounts: discountsOf(counts),
      };
    });
  }

  /** The discounts of an order, from 1. */
  discounts(order: number): readonly number[] {
    return this.#levels[order - 1]!.discounts;
  }

  probability(context: readonly number[], id: number): number {
    return this.#probability(context.slice(Math.max(0, context.length - this.order + 1)), id);
  }

  #probability(context: readonly number[], id: number): number {
    const { counts, kept, discounts } = this.#levels[context.length]!;
    const shorter = context.length === 0 ? 1 / this.#size : this.#probability(context.slice(1), id);
    let total = 0;
    let rest = 0;
    let own = 0;
    for (let each = 0; each < this.#size; each++) {
      const ngram = key([...context, each]);
      const count = counts.get(ngram) ?? 0;
      const discount = kept.has(ngram) ? discounts[Math.min(count, 3)]! : count;
      total += count;
      rest += discount;
      if (each === id) own = count - discount;
    }
    return total === 0 ? shorter : own / total + (rest / total) * shorter;
  }
}

function discountsOf(counts: Counts): number[] {
  const n = (count: number): number => [...counts.values()].filter((each) => each === count).length;
  const y = n(1) / (n(1) + 2 * n(2));
  const discounts = [1, 2, 3].map((c) => c - ((c + 1) * y * n(c + 1)) / n(c));
  return [0, ...(discounts.every((discount) => discount > 0) ? discounts : [0.5, 1, 1.5])];
}

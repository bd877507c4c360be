// Pairs to score where examples are none, or where all belong together: the same ones whenever they are made.
import { randomBelow } from "../../core/random.js";
import { shuffle, withRngState } from "../../data/shuffle.js";

/** Two places in a list of inputs. */
export interface PlacePair {
  readonly a: number;
  readonly b: number;
  readonly same: boolean;
}

/** Of each input with a label, so many partners of its label, and as many of others. */
const PARTNERS = 8;

/** Pairs of inputs of one label, and as many of two labels. */
export function labelPairs(labels: readonly string[]): PlacePair[] {
  const byLabel = new Map<string, number[]>();
  labels.forEach((label, i) => {
    if (!byLabel.get(label)?.push(i)) byLabel.set(label, [i]);
  });
  return withRngState({ seed: 1, counter: 0 }, () =>
    labels.flatMap((label, a) => {
      const own = byLabel.get(label)!;
      const partners = shuffle(own.filter((b) => b !== a)).slice(0, PARTNERS);
      const pairs = partners.map((b) => ({ a, b, same: true }));
      const others = own.length === labels.length ? 0 : partners.length;
      return [
        ...pairs,
        ...Array.from({ length: others }, () => {
          let b = randomBelow(labels.length);
          while (labels[b] === label) b = randomBelow(labels.length);
          return { a, b, same: false };
        }),
      ];
    }),
  );
}

/**
 * Each first input with the second of another pair, as negatives of pairs that belong together.
 *
 * @param equal whether the inputs at two places are the same: then they may well belong together
 */
export function shiftedPairs(count: number, equal: (a: number, b: number) => boolean): PlacePair[] {
  const order = withRngState({ seed: 1, counter: 0 }, () =>
    shuffle(Array.from({ length: count }, (_, i) => i)),
  );
  return order.flatMap((i, place) => {
    const other = order[(place + 1) % count]!;
    const [a, c, d] = [2 * i, 2 * other, 2 * other + 1];
    return equal(a, c) || equal(a, d) ? [] : [{ a, b: d, same: false }];
  });
}

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
 * @param vectors of the inputs, by which equal ones are told
 */
export function shiftedPairs(vectors: readonly (readonly Float32Array[])[]): PlacePair[] {
  const count = vectors.length;
  const order = withRngState({ seed: 1, counter: 0 }, () => shuffle([...vectors.keys()]));
  const equal = (x: Float32Array, y: Float32Array) => x.every((value, i) => value === y[i]);
  return order.flatMap((i, place) => {
    const other = order[(place + 1) % count]!;
    const [[a], [c, d]] = [vectors[i]!, vectors[other]!];
    // Of the same text: they may well belong together.
    if (equal(a!, c!) || equal(a!, d!)) return [];
    return [{ a: 2 * i, b: 2 * other + 1, same: false }];
  });
}

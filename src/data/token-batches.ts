// Batches of at most so many tokens, whatever the lengths of their examples.
import type { Batches } from "./batches.js";
import { permutation } from "./shuffle.js";

/** Tokens of an example on each of its sides, the one that decides its place first. */
export type SideLengths = readonly number[];

/**
 * Shuffled batches of examples of about one length, each of at most `most` tokens on every side, padding among them; an example
 * that alone has more is a batch of its own. Every pass has as many batches, cut at the same lengths: examples of one length
 * change places, and the batches come in another order. It draws from the program's generator when a pass begins.
 */
export function tokenBatches<Example>(
  examples: readonly Example[],
  { most, lengthsOf }: { most: number; lengthsOf: (example: Example) => SideLengths },
): Batches<Example> {
  const lengths = examples.map(lengthsOf);
  const compare = (a: number, b: number): number => {
    const [one, other] = [lengths[a]!, lengths[b]!];
    const side = one.findIndex((length, i) => length !== other[i]);
    return side < 0 ? 0 : one[side]! - other[side]!;
  };
  const sorted = [...examples.keys()].sort(compare);
  const ends = endsOf(
    sorted.map((i) => Math.max(...lengths[i]!)),
    most,
  );
  return {
    length: ends.length,
    *[Symbol.iterator]() {
      // Sorting is stable: examples of one length stay in random order.
      const order = Array.from(permutation(examples.length)).sort(compare);
      for (const batch of permutation(ends.length))
        yield order.slice(ends[batch - 1] ?? 0, ends[batch]).map((i) => examples[i]!);
    },
  };
}

/** Where each batch ends. */
function endsOf(sizes: readonly number[], most: number): number[] {
  const ends: number[] = [];
  let [begin, longest] = [0, 0];
  sizes.forEach((size, i) => {
    longest = Math.max(longest, size);
    if (i === begin || (i + 1 - begin) * longest <= most) return;
    ends.push(i);
    [begin, longest] = [i, size];
  });
  if (sizes.length > 0) ends.push(sizes.length);
  return ends;
}

// Batches in which groups come alike, however few examples some of them have.
import { randomBelow } from "../core/random.js";
import { OptionError } from "../core/errors.js";
import { batches, type BatchSource } from "./batches.js";
import type { Prepared } from "./examples.js";

/**
 * As many examples as there are, drawn with replacement: a group first, each with the same chance, then an example of it.
 * Examples of no group are a group of their own.
 *
 * @throws OptionError for examples that stream: those of a rare group would have to be found first
 */
export function balancedBatches<Example>(
  op: string,
  examples: Prepared<Example>,
  {
    batchSize,
    groupsOf,
    lengthOf,
  }: {
    batchSize: number;
    groupsOf: (example: Example) => readonly number[];
    lengthOf: (example: Example) => number;
  },
): BatchSource<Example[]> {
  if ("open" in examples)
    throw new OptionError({
      op,
      expected: 'sampling "balanced" of a list of examples',
      got: "a stream",
      cure: 'Give classWeights "balanced" instead.',
    });
  const groups = new Map<number, Example[]>();
  for (const example of examples) {
    const own = groupsOf(example);
    for (const group of own.length > 0 ? own : [-1])
      if (!groups.get(group)?.push(example)) groups.set(group, [example]);
  }
  const lists = [...groups.values()];
  const pick = <T>(list: readonly T[]): T => list[randomBelow(list.length)]!;
  return {
    *[Symbol.iterator]() {
      const drawn = Array.from(examples, () => pick(pick(lists)));
      yield* batches(drawn, { batchSize, shuffle: true, bucketBy: lengthOf });
    },
  };
}

// Batches of several labels with several examples each: what losses need that compare examples of a label with others.
import { OptionError } from "../core/errors.js";
import type { Batches } from "./batches.js";
import { shuffle } from "./shuffle.js";

export interface LabelBatchesOptions<Example> {
  readonly batchSize: number;
  /** Examples of a label in a batch. */
  readonly perLabel: number;
  labelOf(example: Example): string;
}

/**
 * Each batch has as many labels as `batchSize` has room for, drawn anew, and of each `perLabel` examples: those that have
 * waited longest, so that all of them come. Of a label with fewer examples, all. A pass has as many examples as
 * there are; labels come alike in it, however many examples they have.
 *
 * @throws OptionError where fewer than two labels have two examples
 */
export function labelBatches<Example>(
  op: string,
  examples: readonly Example[],
  { batchSize, perLabel, labelOf }: LabelBatchesOptions<Example>,
): Batches<Example> {
  const all = new Map<string, Example[]>();
  for (const example of examples) {
    const own = all.get(labelOf(example));
    if (own) own.push(example);
    else all.set(labelOf(example), [example]);
  }
  const groups = [...all.values()].filter(({ length }) => length >= 2);
  if (groups.length < 2)
    throw new OptionError({
      op,
      expected: "two labels or more with two examples or more each",
      got: `${groups.length} of ${all.size} labels`,
    });
  const labels = Math.min(groups.length, Math.max(2, Math.floor(batchSize / perLabel)));
  const length = Math.ceil(examples.length / (labels * perLabel));
  return {
    length,
    *[Symbol.iterator]() {
      // All that is drawn is drawn before the first batch.
      const queues = groups.map((group) => new Queue(group));
      const waiting = new Queue(queues);
      const rows = Array.from({ length }, () =>
        waiting.take(labels).flatMap((queue) => queue.take(perLabel)),
      );
      yield* rows;
    },
  };
}

/** Gives items in random order, and in another one when all were given; never one twice at a time. */
class Queue<Item> {
  readonly #items: readonly Item[];
  #left: Item[] = [];

  constructor(items: readonly Item[]) {
    this.#items = items;
  }

  take(count: number): Item[] {
    const taken = this.#left.splice(0, count);
    const missing = Math.min(count, this.#items.length) - taken.length;
    if (missing === 0) return taken;
    const others = shuffle(this.#items);
    const fresh = others.filter((item) => !taken.includes(item)).slice(0, missing);
    this.#left = others.filter((item) => !fresh.includes(item));
    return [...taken, ...fresh];
  }
}

// Examples in batches: shuffled, and of about one length each, so that little of a batch is padding.
import { checkCall, checkCount } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { permutation, withRngState } from "./shuffle.js";

export interface BatchesOptions<Example> {
  /** Examples in a batch. */
  batchSize: number;
  /** Whether each iteration has an order of its own. Default false: the order of the examples. */
  shuffle?: boolean | undefined;
  /**
   * Decides the order of every iteration; pass another for each epoch. Default: the program's generator,
   * drawn from when an iteration begins (see `manualSeed`). Only with `shuffle`.
   */
  seed?: number | undefined;
  /**
   * The length of an example, such as its number of words: examples of about one length come into a batch
   * together. Without `shuffle` the batches go from short to long examples. With it, examples are sorted among
   * {@link BatchesOptions.pool} batches that come together by chance, and the batches are shuffled again.
   */
  bucketBy?: ((example: Example) => number) | undefined;
  /** Batches in a row whose examples are sorted by length, with `shuffle`. Default 50. */
  pool?: number | undefined;
  /** Leave out a batch that is smaller than the others. Default false. */
  dropLast?: boolean | undefined;
}

/** The options, for `checkCall`. */
export const BATCHES =
  "batchSize!:number shuffle:boolean seed:number bucketBy:function pool:number dropLast:boolean";

/** Batches as an iterable, or as an async iterable. */
export type BatchSource<Batch> = Iterable<Batch> | AsyncIterable<Batch>;

/** What {@link batches} gives. */
export interface Batches<Example> extends Iterable<Example[]> {
  /** Number of batches. */
  readonly length: number;
}

/**
 * The batches of a list of examples; go through them as often as you like. They can be the `batches` of `fit`,
 * whose checkpoints know where in them it stands. For results in the order of the examples, batch their indices:
 * `batches([...lengths.keys()], { batchSize, bucketBy: (i) => lengths[i] })`.
 *
 * @throws OptionError for a `seed` or `pool` that nothing would read
 * @example
 * ```ts
 * const examples = [[1, 2, 3], [4], [5, 6], [7, 8]];
 * const source = batches(examples, { batchSize: 2 });
 * [...source].length; // 2
 * ```
 */
export function batches<Example>(
  examples: readonly Example[],
  options: BatchesOptions<Example>,
): Batches<Example> {
  checkCall("batches", arguments, `examples:list {${BATCHES}}`);
  checkBatches("batches", options);
  const { batchSize, shuffle = false, seed, bucketBy, pool, dropLast = false } = options;
  const pooled = (pool ?? 50) * batchSize;
  const length = (dropLast ? Math.floor : Math.ceil)(examples.length / batchSize);

  const order = (): number[][] => {
    let indices: number[] = shuffle
      ? Array.from(permutation(examples.length))
      : [...examples.keys()];
    if (bucketBy) {
      const sizes = examples.map(bucketBy);
      const run = shuffle ? pooled : indices.length;
      // Sorting is stable: examples of one length stay in random order.
      indices = slices(indices, run).flatMap((some) => some.sort((a, b) => sizes[a]! - sizes[b]!));
    }
    const rows = slices(indices, batchSize).slice(0, length);
    return shuffle && bucketBy ? Array.from(permutation(length), (i) => rows[i]!) : rows;
  };
  return {
    length,
    *[Symbol.iterator]() {
      const rows = seed === undefined ? order() : withRngState({ seed, counter: 0 }, order);
      for (const row of rows) yield row.map((index) => examples[index]!);
    },
  };
}

function slices<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

/** Refuses options that make no sense, or that nothing would read. */
export function checkBatches<Example>(
  op: string,
  { batchSize, shuffle = false, seed, bucketBy, pool }: BatchesOptions<Example>,
): void {
  checkCount(op, "batchSize", batchSize);
  if (pool !== undefined) checkCount(op, "pool", pool);
  if (seed !== undefined && !shuffle) throw idle(op, "seed", "shuffle");
  if (pool !== undefined && !(shuffle && bucketBy)) throw idle(op, "pool", "shuffle and bucketBy");
}

export function idle(op: string, option: string, needed: string): OptionError {
  return new OptionError({
    op,
    expected: `${option} only with ${needed}`,
    got: `${option} without`,
    cure: `Leave ${option} out, or add ${needed}.`,
  });
}

// How a batch becomes shards, and what they found becomes the batch's.
import { philox, drawBlock } from "../core/random.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import type { Outcome } from "./shard-runner.js";

export interface Sharding<Batch, Shard> {
  /**
   * Cuts a batch into shards: a list of so many, undefined where one is empty. It depends on the batch alone. Default: a batch that
   * is a list is cut into lists of neighbours, as many examples in each as in the others, or one more.
   */
  split?: ((batch: Batch, shards: number) => readonly (Shard | undefined)[]) | undefined;
  /** Takes what `loss` gave as the results of a batch's shards, by their numbers: a state that is carried on. Default: nothing. */
  merge?: ((results: readonly unknown[], batch: Batch) => void) | undefined;
}

/** The shards of a batch that are not empty, by their numbers. */
export function shardsIn<Batch, Shard>(
  { split }: Sharding<Batch, Shard>,
  batch: Batch,
  shards: number,
): Map<number, Shard> {
  const cut = split ? split(batch, shards) : (cutList(batch, shards) as readonly Shard[]);
  if (!Array.isArray(cut) || cut.length !== shards)
    throw new OptionError({
      op: "DataParallel",
      expected: `a list of ${shards} shards from split`,
      got: Array.isArray(cut) ? `one of ${cut.length}` : described(cut),
    });
  const filled = [...(cut as readonly (Shard | undefined)[]).entries()].filter(
    (entry): entry is [number, Shard] => entry[1] !== undefined,
  );
  if (filled.length > 0) return new Map(filled);
  throw new OptionError({ op: "DataParallel", expected: "a batch with examples", got: "none" });
}

function cutList(batch: unknown, shards: number): readonly unknown[] {
  if (Array.isArray(batch)) return cutEvenly(batch, shards);
  throw new OptionError({
    op: "DataParallel",
    expected: "batches that are lists, or split, which cuts them",
    got: described(batch),
  });
}

/**
 * Neighbours in lists of about one length; undefined instead of an empty one.
 *
 * @param run so many neighbours, counted from the first, stay together
 */
export function cutEvenly<T>(list: readonly T[], shards: number, run = 1): (T[] | undefined)[] {
  const runs = Math.floor(list.length / run);
  const edge = (shard: number) =>
    shard === shards ? list.length : run * Math.floor((shard * runs) / shards);
  return Array.from({ length: shards }, (_, shard) => {
    const part = list.slice(edge(shard), edge(shard + 1));
    return part.length > 0 ? part : undefined;
  });
}

/** A seed of 53 bits for all random numbers of a step, from one block of the program's generator. */
export function drawSeed(): number {
  const [low, high] = philox(drawBlock(4));
  return (high >>> 11) * 0x100000000 + low;
}

/** @throws OptionError where no shard has anything to learn from */
export function inOrder(outcomes: readonly Outcome[]): readonly Outcome[] {
  if (outcomes.length > 0) return [...outcomes].sort((a, b) => a.shard - b.shard);
  throw new OptionError({
    op: "DataParallel",
    expected: "a batch of which a shard has a count above 0",
    got: "none",
  });
}

export function resultsOf(outcomes: readonly Outcome[], shards: number): unknown[] {
  const results: unknown[] = new Array(shards).fill(undefined);
  for (const { shard, result } of outcomes) results[shard] = result;
  return results;
}

// Working space of kernel calls: a stack of blocks, each kept and grown, so that the first stays warm in the cache.
import { heap } from "./backend.js";
import type { Ptr } from "./ptr.js";

/** The block of each depth of leases, and what it can hold. */
const blocks: Ptr[] = [];
const capacities: number[] = [];
let depth = 0;

/**
 * Lends `run` a block of at least `bytes`, contents undefined. It is the borrower's own until `run` returns: a lease
 * within a lease gets another block. Blocks are kept, so that only the first calls of a program allocate.
 */
export function withScratch<T>(bytes: number, run: (space: Ptr) => T): T {
  const level = depth++;
  try {
    return run(bytes <= (capacities[level] ?? -1) ? blocks[level]! : blockFor(level, bytes));
  } finally {
    depth = level;
  }
}

/** As {@link withScratch}, for what is too large to be kept: a block of the heap, which goes when `run` returns or throws. */
export function withBlock<T>(bytes: number, run: (block: Ptr) => T): T {
  const block = heap().allocate(bytes);
  try {
    return run(block);
  } finally {
    heap().free(block);
  }
}

function blockFor(level: number, bytes: number): Ptr {
  if (capacities[level]! >= 0) heap().free(blocks[level]!);
  // Nothing is held where the memory cannot grow so far.
  capacities[level] = -1;
  const block = heap().allocate(bytes);
  capacities[level] = heap().capacity(block);
  return (blocks[level] = block);
}

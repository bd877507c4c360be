// Working space of kernel calls: a stack of blocks, each kept and grown, so that the first stays warm in the cache.
import { heap } from "./backend.js";
import type { Ptr } from "./ptr.js";

/** The block of each depth of leases; 0 before its first use. */
const blocks: Ptr[] = [];
let depth = 0;

/**
 * Lends `run` a block of at least `bytes`, contents undefined. It is the borrower's own until `run` returns: a lease
 * within a lease gets another block. Blocks are kept, so that only the first calls of a program allocate.
 */
export function withScratch<T>(bytes: number, run: (space: Ptr) => T): T {
  const space = blockAt(depth, bytes);
  depth++;
  try {
    return run(space);
  } finally {
    depth--;
  }
}

function blockAt(level: number, bytes: number): Ptr {
  const block = blocks[level] ?? 0;
  if (block !== 0) {
    if (heap().capacity(block) >= bytes) return block;
    heap().free(block);
  }
  // Nothing is held where the memory cannot grow so far.
  blocks[level] = 0;
  return (blocks[level] = heap().allocate(bytes));
}

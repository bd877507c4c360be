// Attention of single queries over keys and values that a stream keeps.
import { attentionKernels } from "../../wasm/attention.js";
import type { Ptr } from "../../wasm/ptr.js";

/** @internal Keys and values of a stream, each `[rows, capacity, …]` in memory, the features of the heads side by side. */
export interface KeptKeys {
  readonly keys: Ptr;
  readonly values: Ptr;
  /** Keys that there is room for in each row. */
  readonly capacity: number;
  /** Elements from key to key and from value to value: `heads · size` where they stand apart. */
  readonly keyRow: number;
  readonly valueRow: number;
}

/** @internal One new query for each row. */
export interface StepQueries {
  readonly rows: number;
  readonly heads: number;
  /** Features of a head. */
  readonly size: number;
  readonly query: Ptr;
  /** Elements from query to query. */
  readonly queryRow: number;
  readonly output: Ptr;
  readonly outputRow: number;
  /** int32 `[rows]`: how many keys each query sees, the first ones of its row; its own among them. */
  readonly counts: Ptr;
  /** int32 `[rows]`: each query's row of the keys and values; 0 where these are the same. */
  readonly index: Ptr;
  readonly scale: number;
}

/**
 * @internal Writes each row's output `[heads · size]`: the bits that `attendHeads` gives a query that sees as many keys; zeros
 * where it sees none. Allocates nothing.
 *
 * @param scratch `attendStepScratchBytes(size)` bytes, aligned
 */
export function attendStep(kept: KeptKeys, queries: StepQueries, scratch: Ptr): void {
  const { keys, values, capacity, keyRow, valueRow } = kept;
  const { rows, heads, size, query, queryRow, output, outputRow, counts, index, scale } = queries;
  // prettier-ignore
  attentionKernels().attentionStep(
    output, query, keys, values, index, counts, scratch, scale, rows, heads, size, size, outputRow, queryRow, keyRow,
    valueRow, capacity,
  );
}

/** @internal */
export function attendStepScratchBytes(size: number): number {
  return attentionKernels().attentionStepScratchBytes(size, size);
}

// What a call works on: a record of 32-bit words that the host writes (src/ops/attention/layout.ts). Strides are elements:
// from row to row of the batch, from head to head, from step to step; a head's features stand side by side. So the kernels
// read q, k and v where a projection wrote them, [batch, time, 3 · heads · size]. Gradients have the strides of what they
// are of.
import { PANEL, TILE_ROWS } from "../gemm/panels";

export const BATCH = 0;
export const HEADS = 1;
export const QUERIES = 2;
export const KEYS = 3;
/** Features of a query and a key. */
export const SIZE = 4;
/** Features of a value. */
export const VALUE_SIZE = 5;
/** The first of three strides each: of the batch, of heads, of steps. */
export const QUERY_STRIDES = 6;
export const KEY_STRIDES = 9;
export const VALUE_STRIDES = 12;
export const OUT_STRIDES = 15;
/** The address of int32, not 0 where a query may see a key, or 0; then its strides: of the batch, of heads, queries, keys (0 or 1). */
export const MASK = 18;
export const MASK_STRIDES = 19;
/** The address of int32 [batch]: keys that count, the first ones; or 0: all. */
export const LENGTHS = 23;
/** 1 where query i sees keys up to its own position only, counted from the last of both; else 0. */
export const CAUSAL = 24;
/** float32: what scores are multiplied with. */
export const SCALE = 25;
/** float32: the probability of dropping a weight; the words of [batch, heads, queries, keys] begin at a block of the stream. */
export const DROP = 26;
export const SEED = 27;
export const COUNTER = 29;

/** Keys and queries of a block. Keys are counted from position 0, so that a stream cuts them as a whole sequence does. */
export const BLOCK_KEYS: i32 = 192;
export const BLOCK_QUERIES: i32 = 48;
/** Elements from row to row of a block of scores: a column's rows then fall into sets of the cache that differ. */
export const SCORE_ROW: i32 = BLOCK_KEYS + 16;

// @ts-ignore: decorator
@inline
export function word(layout: usize, index: i32): i32 {
  return load<i32>(layout + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function real(layout: usize, index: i32): f32 {
  return load<f32>(layout + (<usize>index << 2));
}

/** Where a head of a row of the batch begins in a tensor with the three strides from `strides` on. */
// @ts-ignore: decorator
@inline
export function headOf(tensor: usize, layout: usize, strides: i32, row: i32, head: i32): usize {
  return tensor + ((<usize>row * word(layout, strides) + <usize>head * word(layout, strides + 1)) << 2);
}

/** Keys that count for a row of the batch. */
// @ts-ignore: decorator
@inline
export function keysOf(layout: usize, row: i32): i32 {
  const lengths = <usize>word(layout, LENGTHS);
  return lengths ? load<i32>(lengths + (<usize>row << 2)) : word(layout, KEYS);
}

/** Columns of a copy whose rows are whole vectors in whole panels. */
// @ts-ignore: decorator
@inline
export function padded(columns: i32): i32 {
  return (columns + 7) & -8;
}

/** Columns of a transposed block of `keys`: whole panels. */
// @ts-ignore: decorator
@inline
export function panels(keys: i32): i32 {
  return (keys + PANEL - 1) & -PANEL;
}

/** Rows of a block in whole tiles. */
// @ts-ignore: decorator
@inline
export function tiles(rows: i32): i32 {
  return (rows + TILE_ROWS - 1) / TILE_ROWS;
}

/** Keys of a block that its row `row` sees: `first` of them in row 0 and `step` more in each row, at most `keys`. */
// @ts-ignore: decorator
@inline
export function seenBy(row: i32, first: i32, step: i32, keys: i32): i32 {
  return max(0, min(keys, first + row * step));
}

/** The first row of a block that sees its key number `key`. */
// @ts-ignore: decorator
@inline
export function firstRow(key: i32, first: i32, step: i32): i32 {
  return step ? max(0, key + 1 - first) : 0;
}

/** Bytes of n floats, in whole cache lines. */
// @ts-ignore: decorator
@inline
export function floats(n: i32): usize {
  return ((<usize>n << 2) + 63) & ~63;
}

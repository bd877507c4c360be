// What the CRF's forward pass keeps for the backward: its matrices behind each other, rows of `tags` elements. Rows are the
// steps of all sequences, step after step and the longest sequence first, so that the sequences that have a step are the
// first ones and a product over them is one call.
import { gemmTNScratchBytes } from "../gemm/gemm";
import { packedBytes } from "../gemm/panels";

/** Bytes of n floats, in whole vectors. */
// @ts-ignore: decorator
@inline
export function floats(n: i32): usize {
  return (<usize>n << 2) + 15 & -16;
}

/** exp(transition - the largest), [tags, tags]: at most 1, and 0 where a transition is not possible. */
// @ts-ignore: decorator
@inline
export function factorsOf(record: usize): usize {
  return record;
}

/** Distributions over the tags at the end of each sequence, [batch, tags]. */
// @ts-ignore: decorator
@inline
export function lastOf(record: usize, tags: i32): usize {
  return factorsOf(record) + floats(tags * tags);
}

/** The scores of each row's tags given the steps before, [count, tags]. */
// @ts-ignore: decorator
@inline
export function scoresOf(record: usize, batch: i32, tags: i32): usize {
  return lastOf(record, tags) + floats(batch * tags);
}

/** For each row of a step t > 0, the distribution over the tags at t - 1, [count, tags] at most. */
// @ts-ignore: decorator
@inline
export function beforeOf(record: usize, batch: i32, count: i32, tags: i32): usize {
  return scoresOf(record, batch, tags) + floats(count * tags);
}

/** The sums Σ_i before(i) · factor(i, j) of the same rows; Infinity for one that was too small to trust. */
// @ts-ignore: decorator
@inline
export function sumsOf(record: usize, batch: i32, count: i32, tags: i32): usize {
  return beforeOf(record, batch, count, tags) + floats(count * tags);
}

/** Bytes of a record of `count` steps in all sequences together. */
export function crfRecordBytes(batch: i32, count: i32, tags: i32): usize {
  return sumsOf(0, batch, count, tags) + floats(count * tags);
}

/** Bytes of scratch that crfForward, crfBackward and crfMarginals need. */
export function crfScratchBytes(batch: i32, count: i32, tags: i32): usize {
  const recurrence = packedBytes(tags, tags) + 2 * floats(batch * max(tags, 2)) + floats(tags);
  const product = packedBytes(count, tags) + floats(tags * tags) + gemmTNScratchBytes(tags);
  return max(recurrence, product);
}

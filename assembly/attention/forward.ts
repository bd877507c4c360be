// Attention of several heads: softmax(scale · q kᵀ) · v without a matrix [queries, keys]. Each block of queries passes over
// the blocks of keys with a streaming softmax. Dao: FlashAttention-2 (2023).
import { storeRest } from "../simd/lanes";
import { assertAligned } from "../simd/preconditions";
import { madd } from "../simd/madd";
import { copyBlocks, copyScaled, transposeBlocks, transposedSize } from "./copies";
import {
  BATCH, BLOCK_KEYS, BLOCK_QUERIES, CAUSAL, DROP, floats, headOf, HEADS, KEY_STRIDES, KEYS, keysOf, OUT_STRIDES, padded, panels,
  QUERIES, QUERY_STRIDES, real, SCALE, SCORE_ROW, seenBy, SIZE, VALUE_SIZE, VALUE_STRIDES, word,
} from "./layout";
import { drawn, drop, hide, maskOf, maskStep } from "./masks";
import { mixed, scores } from "./products";
import { LOG2E, logTotal, weigh } from "./softmax";

/** Bytes of scratch that attentionForward needs. */
export function attentionScratchBytes(keys: i32, size: i32, valueSize: i32): usize {
  return prepared(keys, size, valueSize) + floats(BLOCK_QUERIES * (padded(size) + padded(valueSize) + SCORE_ROW)) +
    floats(3 * BLOCK_QUERIES) + floats(SCORE_ROW);
}

/** Bytes of a head's keys and values: keys transposed, values, and whether each block of these is finite. */
function prepared(keys: i32, size: i32, valueSize: i32): usize {
  return floats(transposedSize(keys, size)) + floats(keys * padded(valueSize)) + floats(keys / BLOCK_KEYS + 1);
}

/**
 * out = the mix of the values for each head and query, by `layout` (layout.ts); logs [batch, heads, queries] = log2 Σ
 * 2^(score · log2 e), Infinity for a query that sees nothing, whose output is zeros; none where it is 0. What a query may not
 * see has no influence, NaN included. Overwrites; no aliasing.
 */
export function attentionForward(
  out: usize, logs: usize, q: usize, k: usize, v: usize, layout: usize, scratch: usize,
): void {
  assertAligned(scratch);
  const heads = word(layout, HEADS), queries = word(layout, QUERIES);
  const keyRow = word(layout, KEY_STRIDES + 2), valueRow = word(layout, VALUE_STRIDES + 2);
  const size = word(layout, SIZE), valueSize = word(layout, VALUE_SIZE), width = padded(valueSize);
  const most = word(layout, KEYS);
  const keys = scratch, values = keys + floats(transposedSize(most, size));
  const finite = values + floats(most * width);
  const space = scratch + prepared(most, size, valueSize);
  for (let row = 0; row < word(layout, BATCH); row++) {
    const count = keysOf(layout, row);
    for (let head = 0; head < heads; head++) {
      transposeBlocks(keys, headOf(k, layout, KEY_STRIDES, row, head), count, size, keyRow);
      copyBlocks(values, finite, headOf(v, layout, VALUE_STRIDES, row, head), count, valueSize, width, valueRow);
      for (let query = 0; query < queries; query += BLOCK_QUERIES) {
        attendBlock(out, logs, q, keys, values, finite, layout, space, row, head, query, count);
      }
    }
  }
}

/** A block of queries of one head. */
function attendBlock(
  out: usize, logs: usize, q: usize, keys: usize, values: usize, finite: usize, layout: usize, space: usize, row: i32, head: i32,
  query: i32, count: i32,
): void {
  const size = word(layout, SIZE), valueSize = word(layout, VALUE_SIZE), queries = word(layout, QUERIES);
  const depth = padded(size), width = padded(valueSize), step = word(layout, CAUSAL);
  const rows = min(BLOCK_QUERIES, queries - query);
  const own = space, mix = own + (<usize>(BLOCK_QUERIES * depth) << 2);
  const weights = mix + (<usize>(BLOCK_QUERIES * width) << 2);
  const totals = weights + (<usize>(BLOCK_QUERIES * SCORE_ROW) << 2);
  const highest = totals + (BLOCK_QUERIES << 3);
  const words = highest + floats(BLOCK_QUERIES);

  const from = headOf(q, layout, QUERY_STRIDES, row, head), ld = word(layout, QUERY_STRIDES + 2);
  copyScaled(own, from + ((<usize>query * ld) << 2), rows, size, depth, ld, <f32>(<f64>real(layout, SCALE) * LOG2E));
  memory.fill(mix, 0, <usize>(BLOCK_QUERIES * width) << 2);
  memory.fill(totals, 0, BLOCK_QUERIES << 3);
  for (let i = 0; i < BLOCK_QUERIES; i++) store<f32>(highest + (<usize>i << 2), -Infinity);

  // How many keys the block's first query sees, and its last.
  const seen = step ? query + 1 + word(layout, KEYS) - queries : count;
  const end = seenBy(rows - 1, seen, step, count);
  const mask = maskOf(layout, row, head, query);
  for (let key = 0; key < end; key += BLOCK_KEYS, finite += 4) {
    const here = min(BLOCK_KEYS, count - key), first = step ? seen - key : here;
    const transposed = keys + (<usize>(key * size) << 2), block = values + (<usize>(key * width) << 2);
    scores(weights, SCORE_ROW << 2, own, <usize>depth << 2, transposed, <usize>panels(here) << 2, size, rows, first, step, here);
    weighBlock(weights, highest, totals, mix, words, layout, row, head, query, key, rows, first, here);
    if (load<i32>(finite) || (!mask && first >= here))
      mixed(mix, <usize>width << 2, weights, SCORE_ROW << 2, block, <usize>width << 2, width, rows, first, step, here);
    else mixSeen(mix, weights, block, width, layout, row, head, query, key, rows, first, here);
  }

  const ldOut = word(layout, OUT_STRIDES + 2);
  let to = headOf(out, layout, OUT_STRIDES, row, head) + ((<usize>query * ldOut) << 2);
  let log = logs + (<usize>((row * word(layout, HEADS) + head) * queries + query) << 2);
  for (let i = 0; i < rows; i++, to += <usize>ldOut << 2, log += 4) {
    const total = load<f64>(totals + (<usize>i << 3));
    finish(to, mix + (<usize>(i * width) << 2), valueSize, total, real(layout, DROP));
    if (logs) store<f32>(log, logTotal(load<f32>(highest + (<usize>i << 2)), total));
  }
}

/** The scores of a block become weights, row by row. */
function weighBlock(
  weights: usize, highest: usize, totals: usize, mix: usize, words: usize, layout: usize, row: i32, head: i32, query: i32, key: i32,
  rows: i32, first: i32, keys: i32,
): void {
  const width = padded(word(layout, VALUE_SIZE)), step = word(layout, CAUSAL), byKey = maskStep(layout);
  const drops = real(layout, DROP) > 0;
  for (let i = 0; i < rows; i++, weights += SCORE_ROW << 2, highest += 4, totals += 8, mix += <usize>width << 2) {
    const n = seenBy(i, first, step, keys);
    const mask = maskOf(layout, row, head, query + i);
    if (mask) hide(weights, mask + (<usize>(key * byKey) << 2), byKey, n);
    weigh(weights, n, highest, totals, mix, width);
    if (drops && n > 0) drop(weights, drawn(words, layout, row, head, query + i, key, n), layout, n);
  }
}

/** As `mixed`, by rows over nothing but the keys that each may see: where 0 · value might be NaN. The same sums. */
function mixSeen(
  mix: usize, weights: usize, values: usize, width: i32, layout: usize, row: i32, head: i32, query: i32, key: i32, rows: i32,
  first: i32, keys: i32,
): void {
  const step = word(layout, CAUSAL), byKey = maskStep(layout);
  for (let i = 0; i < rows; i++, weights += SCORE_ROW << 2, mix += <usize>width << 2) {
    const mask = maskOf(layout, row, head, query + i);
    for (let j = 0, n = seenBy(i, first, step, keys); j < n; j++) {
      if (mask && load<i32>(mask + (<usize>((key + j) * byKey) << 2)) == 0) continue;
      const weight = v128.load32_splat(weights + (<usize>j << 2));
      const value = values + (<usize>(j * width) << 2);
      for (let at: usize = 0; at < <usize>width << 2; at += 16)
        v128.store(mix + at, madd(weight, v128.load(value + at), v128.load(mix + at)));
    }
  }
}

/** out [n] = mix / total, for weights of which a share `p` was dropped; zeros for a total of 0. */
export function finish(out: usize, mix: usize, n: i32, total: f64, p: f32): void {
  const factor = f32x4.splat(total == 0 ? 0 : <f32>(1 / (total * (1 - <f64>p))));
  // Adding 0 makes -0 of an underflow 0, as it is where a tile went on to keys of weight 0.
  const zero = f32x4.splat(0);
  for (; n > 4; n -= 4, out += 16, mix += 16)
    v128.store(out, f32x4.add(f32x4.mul(v128.load(mix), factor), zero));
  storeRest(out, f32x4.add(f32x4.mul(v128.load(mix), factor), zero), n);
}

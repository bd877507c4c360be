// The gradients of attention. A block's weights are computed again from the logarithms of the totals; with
// delta = Σ dOut · out of a query, dScore = weight · (dOut · value - delta). Dao: FlashAttention-2 (2023).
import { TILE_ROWS } from "../gemm/panels";
import { dotRow } from "../ops/reduce";
import { storeRest } from "../simd/lanes";
import { madd } from "../simd/madd";
import { assertAligned } from "../simd/preconditions";
import { copyBlocks, copyScaled, transposeBlocks, transposedSize } from "./copies";
import {
  BATCH, BLOCK_KEYS, BLOCK_QUERIES, CAUSAL, floats, headOf, HEADS, KEY_STRIDES, KEYS, keysOf, OUT_STRIDES, padded, panels,
  QUERIES, QUERY_STRIDES, real, SCALE, SCORE_ROW, seenBy, SIZE, tiles, VALUE_SIZE, VALUE_STRIDES, word,
} from "./layout";
import { maskOf, maskStep } from "./masks";
import { gathered, mixed, scores } from "./products";
import { LN2, LOG2E } from "./softmax";
import { weighBackward } from "./softmax-backward";

/** Bytes of scratch that attentionBackward needs. */
export function attentionBackwardScratchBytes(keys: i32, size: i32, valueSize: i32): usize {
  return blockOf(0, keys, size, valueSize) + 2 * floats(BLOCK_QUERIES * padded(size)) + floats(BLOCK_QUERIES * padded(valueSize)) +
    2 * floats(BLOCK_QUERIES * SCORE_ROW) + floats(2 * BLOCK_QUERIES) + floats(SCORE_ROW);
}

// Scratch, in this order. Of a head: keys transposed, values transposed, keys as they are and whether each block of these is
// finite, gradients of keys and values in whole tiles.

// @ts-ignore: decorator
@inline
function valuesOf(scratch: usize, keys: i32, size: i32): usize {
  return scratch + floats(transposedSize(keys, size));
}

// @ts-ignore: decorator
@inline
function rowsOf(scratch: usize, keys: i32, size: i32, valueSize: i32): usize {
  return valuesOf(scratch, keys, size) + floats(transposedSize(keys, valueSize));
}

// @ts-ignore: decorator
@inline
function finiteOf(scratch: usize, keys: i32, size: i32, valueSize: i32): usize {
  return rowsOf(scratch, keys, size, valueSize) + floats(keys * padded(size));
}

// @ts-ignore: decorator
@inline
function keyGradientsOf(scratch: usize, keys: i32, size: i32, valueSize: i32): usize {
  return finiteOf(scratch, keys, size, valueSize) + floats(keys / BLOCK_KEYS + 1);
}

// @ts-ignore: decorator
@inline
function valueGradientsOf(scratch: usize, keys: i32, size: i32, valueSize: i32): usize {
  return keyGradientsOf(scratch, keys, size, valueSize) + floats(tiles(keys) * TILE_ROWS * padded(size));
}

/** Then of a block of queries. */
function blockOf(scratch: usize, keys: i32, size: i32, valueSize: i32): usize {
  return valueGradientsOf(scratch, keys, size, valueSize) + floats(tiles(keys) * TILE_ROWS * padded(valueSize));
}

/**
 * dq, dk, dv = the gradients for `dOut`, which has the strides of `out`; one that is 0 is left out. `out` and `logs` are what
 * attentionForward gave of q, k, v. What a query may not see gets nothing of it, NaN included. Overwrites; no aliasing.
 */
export function attentionBackward(
  dq: usize, dk: usize, dv: usize, dOut: usize, out: usize, logs: usize, q: usize, k: usize, v: usize, layout: usize, scratch: usize,
): void {
  assertAligned(scratch);
  const heads = word(layout, HEADS), queries = word(layout, QUERIES), most = word(layout, KEYS);
  const size = word(layout, SIZE), valueSize = word(layout, VALUE_SIZE);
  const depth = padded(size), width = padded(valueSize);
  const keyRow = word(layout, KEY_STRIDES + 2), valueRow = word(layout, VALUE_STRIDES + 2);
  const dKeys = keyGradientsOf(scratch, most, size, valueSize), dValues = valueGradientsOf(scratch, most, size, valueSize);
  const end = blockOf(scratch, most, size, valueSize);
  for (let row = 0; row < word(layout, BATCH); row++) {
    const count = keysOf(layout, row);
    for (let head = 0; head < heads; head++) {
      const key = headOf(k, layout, KEY_STRIDES, row, head), value = headOf(v, layout, VALUE_STRIDES, row, head);
      transposeBlocks(scratch, key, count, size, keyRow);
      transposeBlocks(valuesOf(scratch, most, size), value, count, valueSize, valueRow);
      const finite = finiteOf(scratch, most, size, valueSize);
      copyBlocks(rowsOf(scratch, most, size, valueSize), finite, key, count, size, depth, keyRow);
      memory.fill(dKeys, 0, end - dKeys);
      for (let query = 0; query < queries; query += BLOCK_QUERIES)
        blockBackward(dq, dOut, out, logs, q, layout, scratch, row, head, query, count);
      if (dk) give(headOf(dk, layout, KEY_STRIDES, row, head), keyRow, dKeys, depth, most, count, size, <f32>LN2);
      if (dv) give(headOf(dv, layout, VALUE_STRIDES, row, head), valueRow, dValues, width, most, count, valueSize, 1);
    }
  }
}

/** to [rows, columns] = from · factor for the first `count` rows, zeros behind them. */
function give(to: usize, ld: i32, from: usize, width: i32, rows: i32, count: i32, columns: i32, factor: f32): void {
  for (let i = 0; i < rows; i++, to += <usize>ld << 2, from += <usize>width << 2) {
    const scale = f32x4.splat(factor);
    let at: usize = 0, n = columns;
    for (; n > 4; n -= 4, at += 16) v128.store(to + at, i < count ? f32x4.mul(v128.load(from + at), scale) : f32x4.splat(0));
    storeRest(to + at, i < count ? f32x4.mul(v128.load(from + at), scale) : f32x4.splat(0), n);
  }
}

/** What a block of queries of one head gives to its keys and values, and its own gradient. */
function blockBackward(
  dq: usize, dOut: usize, out: usize, logs: usize, q: usize, layout: usize, scratch: usize, row: i32, head: i32, query: i32, count: i32,
): void {
  const size = word(layout, SIZE), valueSize = word(layout, VALUE_SIZE), most = word(layout, KEYS), queries = word(layout, QUERIES);
  const depth = padded(size), width = padded(valueSize), step = word(layout, CAUSAL);
  const rows = min(BLOCK_QUERIES, queries - query);
  const own = blockOf(scratch, most, size, valueSize), given = own + floats(BLOCK_QUERIES * depth);
  const dOwn = given + floats(BLOCK_QUERIES * width), weights = dOwn + floats(BLOCK_QUERIES * depth);
  const dWeights = weights + floats(BLOCK_QUERIES * SCORE_ROW), deltas = dWeights + floats(BLOCK_QUERIES * SCORE_ROW);
  const words = deltas + floats(2 * BLOCK_QUERIES);

  const ld = word(layout, QUERY_STRIDES + 2), ldOut = word(layout, OUT_STRIDES + 2);
  const at = (<usize>query * ld) << 2, atOut = (<usize>query * ldOut) << 2;
  const scale = <f32>(<f64>real(layout, SCALE) * LOG2E);
  const from = headOf(q, layout, QUERY_STRIDES, row, head) + at;
  let isFinite = copyScaled(own, from, rows, size, depth, ld, scale);
  const grown = headOf(dOut, layout, OUT_STRIDES, row, head) + atOut, gave = headOf(out, layout, OUT_STRIDES, row, head) + atOut;
  if (!copyScaled(given, grown, rows, valueSize, width, ldOut, 1)) isFinite = false;
  memory.fill(dOwn, 0, <usize>(BLOCK_QUERIES * depth) << 2);
  for (let i = 0; i < rows; i++) {
    const offset = <usize>(i * ldOut) << 2;
    store<f32>(deltas + (<usize>i << 2), <f32>dotRow(grown + offset, gave + offset, valueSize));
  }

  const log = logs + (<usize>((row * word(layout, HEADS) + head) * queries + query) << 2);
  const seen = step ? query + 1 + most - queries : count;
  const end = seenBy(rows - 1, seen, step, count);
  const mask = maskOf(layout, row, head, query);
  for (let key = 0; key < end; key += BLOCK_KEYS) {
    const here = min(BLOCK_KEYS, count - key), first = step ? seen - key : here;
    const transposed = <usize>panels(here) << 2;
    const keys = scratch + (<usize>(key * size) << 2);
    const values = valuesOf(scratch, most, size) + (<usize>(key * valueSize) << 2);
    scores(weights, SCORE_ROW << 2, own, <usize>depth << 2, keys, transposed, size, rows, first, step, here);
    scores(dWeights, SCORE_ROW << 2, given, <usize>width << 2, values, transposed, valueSize, rows, first, step, here);
    weighBackward(weights, dWeights, log, deltas, words, layout, row, head, query, key, rows, first, here);
    const keyRows = rowsOf(scratch, most, size, valueSize) + (<usize>(key * depth) << 2);
    const dKeys = keyGradientsOf(scratch, most, size, valueSize) + (<usize>(key * depth) << 2);
    const dValues = valueGradientsOf(scratch, most, size, valueSize) + (<usize>(key * width) << 2);
    const finite = load<i32>(finiteOf(scratch, most, size, valueSize) + (<usize>(key / BLOCK_KEYS) << 2));
    if ((isFinite && finite) || (!mask && first >= here)) {
      const across = <usize>depth << 2, acrossValues = <usize>width << 2;
      mixed(dOwn, across, dWeights, SCORE_ROW << 2, keyRows, across, depth, rows, first, step, here);
      gathered(dKeys, across, dWeights, SCORE_ROW << 2, own, across, depth, rows, first, step, here);
      gathered(dValues, acrossValues, weights, SCORE_ROW << 2, given, acrossValues, width, rows, first, step, here);
    } else {
      giveSeen(dOwn, dKeys, dValues, dWeights, weights, own, keyRows, given, layout, row, head, query, key, rows, first, here);
    }
  }
  if (dq) give(headOf(dq, layout, QUERY_STRIDES, row, head) + at, ld, dOwn, depth, rows, rows, size, real(layout, SCALE));
}

/** The three products by pairs of a query and a key that it may see: where 0 · x might be NaN. The same sums. */
function giveSeen(
  dOwn: usize, dKeys: usize, dValues: usize, dWeights: usize, weights: usize, own: usize, keys: usize, given: usize, layout: usize,
  row: i32, head: i32, query: i32, key: i32, rows: i32, first: i32, here: i32,
): void {
  const depth = padded(word(layout, SIZE)), width = padded(word(layout, VALUE_SIZE));
  const step = word(layout, CAUSAL), byKey = maskStep(layout);
  for (let i = 0; i < rows; i++) {
    const mask = maskOf(layout, row, head, query + i);
    for (let j = 0, n = seenBy(i, first, step, here); j < n; j++) {
      if (mask && load<i32>(mask + (<usize>((key + j) * byKey) << 2)) == 0) continue;
      const pair = <usize>(i * SCORE_ROW + j) << 2;
      const ofQuery = <usize>(i * depth) << 2, ofKey = <usize>(j * depth) << 2;
      addScaled(dOwn + ofQuery, keys + ofKey, dWeights + pair, depth);
      addScaled(dKeys + ofKey, own + ofQuery, dWeights + pair, depth);
      addScaled(dValues + (<usize>(j * width) << 2), given + (<usize>(i * width) << 2), weights + pair, width);
    }
  }
}

/** to += from · factor, n elements in whole vectors. */
function addScaled(to: usize, from: usize, factor: usize, n: i32): void {
  const scale = v128.load32_splat(factor);
  for (; n > 0; n -= 4, to += 16, from += 16) v128.store(to, madd(scale, v128.load(from), v128.load(to)));
}

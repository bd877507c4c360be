// What a query may not see of a block, beside what lies behind its keys: an int32 mask, and weights that are dropped.
import { bitsOf } from "../ops/random";
import { select } from "../simd/lanes";
import { COUNTER, DROP, HEADS, KEYS, MASK, MASK_STRIDES, QUERIES, real, SEED, word } from "./layout";

/** The mask's element of a row of the batch, a head, a query and its key 0; 0 where there is no mask. */
// @ts-ignore: decorator
@inline
export function maskOf(layout: usize, row: i32, head: i32, query: i32): usize {
  const mask = <usize>word(layout, MASK);
  if (mask == 0) return 0;
  const strides = layout + (<usize>MASK_STRIDES << 2);
  const place = <usize>row * word(strides, 0) + <usize>head * word(strides, 1) + <usize>query * word(strides, 2);
  return mask + (place << 2);
}

/** Elements from key to key of the mask: 0 where one stands for all. */
// @ts-ignore: decorator
@inline
export function maskStep(layout: usize): i32 {
  return word(layout, MASK_STRIDES + 3);
}

/** All ones in the lanes of four keys that the mask at the first of them lets a query see. */
// @ts-ignore: decorator
@inline
export function allowed(mask: usize, step: i32): v128 {
  return i32x4.ne(step ? v128.load(mask) : v128.load32_splat(mask), i32x4.splat(0));
}

/** x = -Infinity where the mask, from the key on that x begins with, is 0; n elements in whole vectors. */
export function hide(x: usize, mask: usize, step: i32, n: i32): void {
  for (; n > 0; n -= 4, x += 16, mask += <usize>step << 4)
    v128.store(x, select(allowed(mask, step), v128.load(x), f32x4.splat(-Infinity)));
}

/**
 * Draws the words of n ≥ 1 weights of a query, from a key on, and returns where the first of them stands in `words`. The
 * word of a weight is that of its element in [batch, heads, queries, keys], whoever asks: so nothing is kept for backward.
 */
export function drawn(words: usize, layout: usize, row: i32, head: i32, query: i32, key: i32, n: i32): usize {
  const rows = (<u64>row * word(layout, HEADS) + head) * word(layout, QUERIES) + query;
  const element = rows * word(layout, KEYS) + key;
  const counter = load<u64>(layout + (<usize>COUNTER << 2)) + (element >> 2);
  const skipped = <i32>(element & 3);
  bitsOf(words, n + skipped, word(layout, SEED), word(layout, SEED + 1), <i32>counter, <i32>(counter >> 32));
  return words + (<usize>skipped << 2);
}

/** All ones in the lanes of four words whose weights are kept, as `dropout` decides it. */
// @ts-ignore: decorator
@inline
export function kept(words: usize, p: v128): v128 {
  const uniform = f32x4.convert_i32x4_s(i32x4.shr_u(v128.load(words), 8));
  return f32x4.ge(f32x4.mul(uniform, f32x4.splat(5.9604644775390625e-8)), p);
}

/** x = 0 where the word of the element says so, n ≥ 1 elements in whole vectors. */
export function drop(x: usize, words: usize, layout: usize, n: i32): void {
  const p = f32x4.splat(real(layout, DROP));
  for (; n > 0; n -= 4, x += 16, words += 16) v128.store(x, v128.and(v128.load(x), kept(words, p)));
}

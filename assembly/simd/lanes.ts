// Lane helpers. Orders of addition are fixed: a sum is the same bits in every build and engine.

/** The sum of the four lanes, as (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
export function hsum(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The sum of the four lanes in double precision, as (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
export function hsumWide(v: v128): f64 {
  const pairs = f64x2.add(widenLow(v), widenHigh(v));
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}

/** The largest lane. NaN lanes are ignored or returned: no rule. */
// @ts-ignore: decorator
@inline
export function hmax(v: v128): f32 {
  const pairs = f32x4.pmax(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmax(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2)), 0);
}

/** Lanes 0 and 1 as doubles. */
// @ts-ignore: decorator
@inline
export function widenLow(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

/** Lanes 2 and 3 as doubles. */
// @ts-ignore: decorator
@inline
export function widenHigh(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
}

/** `mask` bits from `a`, the others from `b`. */
// @ts-ignore: decorator
@inline
export function select(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask);
}

/** All ones in the first `count` lanes (any count: 4 and more fill the vector, 0 and less none). */
// @ts-ignore: decorator
@inline
export function laneMask(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

/** The first `count` lanes of `v`, and `fill` in the lanes after them. */
// @ts-ignore: decorator
@inline
export function keepLanes(v: v128, count: i32, fill: v128): v128 {
  return select(laneMask(count), v, fill);
}

// Ones in the first 1 to 3 lanes, by where a vector is loaded from.
const HEADS = memory.data<i32>([-1, -1, -1, 0, 0, 0]);

/**
 * Changes the first 1 to 3 lanes: those after them are written as they were. A store of single lanes would need
 * branches, at every place that has a tail.
 */
// @ts-ignore: decorator
@inline
export function storeTail(ptr: usize, v: v128, count: i32): void {
  const head = v128.load(HEADS + (<usize>(3 - count) << 2));
  v128.store(ptr, select(head, v, v128.load(ptr)));
}

/**
 * Writes the first `remaining` lanes, at most four: a loop that steps by four and stores with this
 * needs no second copy of its body for the tail.
 */
// @ts-ignore: decorator
@inline
export function storeLanes(ptr: usize, v: v128, remaining: i32): void {
  if (remaining >= 4) v128.store(ptr, v);
  else storeTail(ptr, v, remaining);
}

/** Writes the first `remaining` lanes, at most eight, of two vectors. */
// @ts-ignore: decorator
@inline
export function storePair(ptr: usize, first: v128, second: v128, remaining: i32): void {
  storeLanes(ptr, first, remaining);
  if (remaining > 4) storeLanes(ptr + 16, second, remaining - 4);
}

/**
 * Entry `index` of a table of f32 constants, in every lane. One broadcast load: engines build a
 * `v128.const` anew in every iteration, through general registers, at a third of a loop's time.
 */
// @ts-ignore: decorator
@inline
export function constant(table: usize, index: usize): v128 {
  return v128.load32_splat(table + (index << 2));
}

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

// Loops over vectors leave by their last store, which writes the elements that remain and not a byte more: what stands
// behind them may be another thread's. They read a vector also where nothing remains. A call within the loop, or a branch
// at every store, would cost up to twice the time (docs/findings.md, 25).

/** Writes the first `remaining` lanes, at most four. */
export function storeLast(ptr: usize, v: v128, remaining: i32): void {
  storeRest(ptr, v, remaining);
}

/** As storeLast, in place: where rows are so short that a call each would show. */
// @ts-ignore: decorator
@inline
export function storeRest(ptr: usize, v: v128, remaining: i32): void {
  if (!ASC_NO_ASSERT) assert(remaining >= 0, "a negative count");
  if (remaining >= 4) v128.store(ptr, v);
  else if (remaining & 2) {
    v128.store64_lane(ptr, v, 0);
    if (remaining & 1) v128.store32_lane(ptr, v, 2, 8);
  } else if (remaining > 0) v128.store32_lane(ptr, v, 0);
}

/** Writes the first `remaining` lanes, at most eight, of two vectors. */
export function storeLastPair(ptr: usize, first: v128, second: v128, remaining: i32): void {
  storeRest(ptr, first, remaining);
  if (remaining > 4) storeRest(ptr + 16, second, remaining - 4);
}

/** Adds the first `remaining` lanes, at most four, to what stands there. */
export function addLast(ptr: usize, v: v128, remaining: i32): void {
  addRest(ptr, v, remaining);
}

/** As addLast, in place. */
// @ts-ignore: decorator
@inline
export function addRest(ptr: usize, v: v128, remaining: i32): void {
  if (!ASC_NO_ASSERT) assert(remaining >= 0, "a negative count");
  if (remaining >= 4) v128.store(ptr, f32x4.add(v128.load(ptr), v));
  else {
    // Loads as wide as the stores: a vector loaded right after two stores of its parts has to wait for both.
    if (remaining & 2) {
      v128.store64_lane(ptr, f32x4.add(v128.load64_zero(ptr), v), 0);
      ptr += 8;
      v = v128.shuffle<f64>(v, v, 1, 1);
    }
    if (remaining & 1) store<f32>(ptr, load<f32>(ptr) + f32x4.extract_lane(v, 0));
  }
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

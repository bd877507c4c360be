// Sine and cosine of any float32, in double precision: the argument loses nothing of its size.
import { select, storeLast, widenHigh, widenLow } from "../simd/lanes";

const TABLE = memory.data<f64>([
  0.6366197723675814, // 0: 2 / π
  -1.57079631090164184570, // 1: -π / 2, its first 25 bits: products with numbers below 2^28 are exact
  -1.58932547735281966916e-8, // 2: the rest
  // 3 to 6: sin(r) / r and 7 to 10: cos(r) in r², for |r| up to π / 4 (FreeBSD's k_sinf.c and k_cosf.c)
  2.718311493989822e-6,
  -1.98393348360966317e-4,
  8.333329385889463e-3,
  -0.16666666641626524,
  2.439044879627741e-5,
  -1.388676377460993e-3,
  4.16666233237390631894e-2,
  -0.49999999725103100312,
]);

/** 2 / π, from its first bit. */
const BITS = memory.data<u32>([
  0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab,
]);

/** From here on the argument's quarters are counted by whole numbers. */
const LARGE: f32 = 268435456;

// @ts-ignore: decorator
@inline
function wide(index: usize): v128 {
  return v128.load64_splat(TABLE + (index << 3));
}

/** sin(r + quarters · π / 2) for |r| up to π / 4 and a little more; quarters as 64-bit lanes. */
function sineOf(r: v128, quarters: v128): v128 {
  const square = f64x2.mul(r, r);
  let sine = f64x2.add(f64x2.mul(square, wide(3)), wide(4));
  sine = f64x2.add(f64x2.mul(sine, square), wide(5));
  sine = f64x2.add(f64x2.mul(sine, square), wide(6));
  sine = f64x2.add(f64x2.mul(f64x2.mul(sine, square), r), r);
  let cosine = f64x2.add(f64x2.mul(square, wide(7)), wide(8));
  cosine = f64x2.add(f64x2.mul(cosine, square), wide(9));
  cosine = f64x2.add(f64x2.mul(cosine, square), wide(10));
  cosine = f64x2.add(f64x2.mul(cosine, square), f64x2.splat(1));
  const odd = i64x2.neg(v128.and(quarters, i64x2.splat(1)));
  const sign = i64x2.shl(v128.and(quarters, i64x2.splat(2)), 62);
  return v128.xor(select(odd, cosine, sine), sign);
}

/** sin(x + quarter · π / 2) of two doubles below `LARGE`. */
// @ts-ignore: decorator
@inline
function sinePair(x: v128, quarter: v128): v128 {
  const n = f64x2.nearest(f64x2.mul(x, wide(0)));
  const r = f64x2.add(f64x2.add(x, f64x2.mul(n, wide(1))), f64x2.mul(n, wide(2)));
  return sineOf(r, i64x2.add(i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(n)), quarter));
}

/**
 * The same of one number from `LARGE` on (Payne & Hanek 1983): x is m · 2^e with whole m, and of m · 2^e · 2 / π only what
 * is left below 4 counts, so the bits of 2 / π that give multiples of 4 are left out.
 */
function sineOfLarge(x: f32, quarter: i32): f32 {
  const word = reinterpret<u32>(x);
  const m = <u64>((word & 0x7fffff) | 0x800000);
  const start = ((word >> 23) & 0xff) - 152;
  const from = BITS + (<usize>(start >> 5) << 2);
  const shift = <u64>(start & 31);
  const high = (<u64>load<u32>(from) << 32) | <u64>load<u32>(from, 4);
  const low = (<u64>load<u32>(from, 8) << 32) | <u64>load<u32>(from, 12);
  // 128 bits of 2 / π from `start` on, of which 96 are used.
  const first = (high << shift) | ((low >> 1) >> (63 - shift));
  const rest = (low << shift) >> 32;
  // Quarters, of which four make a turn, as a fraction of 64 bits: the product's bits above fall away.
  const turn = m * first + ((m * rest) >> 32);
  let quarters = <i64>((turn + (1 << 61)) >> 62);
  let r = <f64>(<i64>(turn << 2)) * 8.51530395021638e-20; // π / 2 · 2^-64
  if (x < 0) {
    quarters = -quarters;
    r = -r;
  }
  return <f32>f64x2.extract_lane(sineOf(f64x2.splat(r), i64x2.splat(quarters + quarter)), 0);
}

/** Puts the sines of the large lanes of x into y. */
function withLarge(x: v128, y: v128, quarter: i32): v128 {
  if (isLarge(f32x4.extract_lane(x, 0))) y = f32x4.replace_lane(y, 0, sineOfLarge(f32x4.extract_lane(x, 0), quarter));
  if (isLarge(f32x4.extract_lane(x, 1))) y = f32x4.replace_lane(y, 1, sineOfLarge(f32x4.extract_lane(x, 1), quarter));
  if (isLarge(f32x4.extract_lane(x, 2))) y = f32x4.replace_lane(y, 2, sineOfLarge(f32x4.extract_lane(x, 2), quarter));
  if (isLarge(f32x4.extract_lane(x, 3))) y = f32x4.replace_lane(y, 3, sineOfLarge(f32x4.extract_lane(x, 3), quarter));
  return y;
}

// @ts-ignore: decorator
@inline
function isLarge(x: f32): bool {
  return abs(x) >= LARGE && abs(x) < Infinity;
}

/**
 * out = sin(x + quarter · π / 2), n elements: quarter 0 is the sine, 1 the cosine, and quarter + 1 gives the derivative.
 * Within 0.51 ulp for every x; NaN where x is not finite. Overwrites; out may be x.
 */
export function sineForward(out: usize, x: usize, n: i32, quarter: i32): void {
  const quarters = i64x2.splat(quarter);
  for (; ; n -= 4, out += 16, x += 16) {
    const v = v128.load(x);
    const low = f32x4.demote_f64x2_zero(sinePair(widenLow(v), quarters));
    const high = f32x4.demote_f64x2_zero(sinePair(widenHigh(v), quarters));
    let y = v128.shuffle<f32>(low, high, 0, 1, 4, 5);
    if (v128.any_true(f32x4.ge(f32x4.abs(v), f32x4.splat(LARGE)))) y = withLarge(v, y, quarter);
    if (n <= 4) return storeLast(out, y, n);
    v128.store(out, y);
  }
}

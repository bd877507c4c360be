// exp and log in double precision, from + - * / alone, for what a search for a precision decides by.

const LOG2_E: f64 = 1.4426950408889634;
const LN2_HIGH: f64 = 0.6931471803691238; // the first 32 bits of ln 2, so that a multiple by n is exact
const LN2_LOW: f64 = 1.9082149292705877e-10;
/** 1.5 · 2^52, whose addition rounds to an integer that then stands in the low bits. */
const ROUND: f64 = 6755399441055744.0;

// @ts-ignore: decorator
@inline
function term(p: v128, r: v128, coefficient: f64): v128 {
  return f64x2.add(f64x2.mul(p, r), f64x2.splat(coefficient));
}

/** exp(x) for x ≤ 0 within 2 ulp; what is below -700 counts as -700. */
// @ts-ignore: decorator
@inline
export function expNegative(x: v128): v128 {
  const clamped = f64x2.max(x, f64x2.splat(-700));
  const rounded = f64x2.add(f64x2.mul(clamped, f64x2.splat(LOG2_E)), f64x2.splat(ROUND));
  const n = f64x2.sub(rounded, f64x2.splat(ROUND));
  const high = f64x2.sub(clamped, f64x2.mul(n, f64x2.splat(LN2_HIGH)));
  const r = f64x2.sub(high, f64x2.mul(n, f64x2.splat(LN2_LOW)));
  // |r| ≤ ln(2)/2: the Taylor series is exact to double precision after 13 terms.
  let p = f64x2.splat(1.0 / 6227020800.0);
  p = term(p, r, 1.0 / 479001600.0);
  p = term(p, r, 1.0 / 39916800.0);
  p = term(p, r, 1.0 / 3628800.0);
  p = term(p, r, 1.0 / 362880.0);
  p = term(p, r, 1.0 / 40320.0);
  p = term(p, r, 1.0 / 5040.0);
  p = term(p, r, 1.0 / 720.0);
  p = term(p, r, 1.0 / 120.0);
  p = term(p, r, 1.0 / 24.0);
  p = term(p, r, 1.0 / 6.0);
  p = term(p, r, 0.5);
  p = term(p, r, 1.0);
  p = term(p, r, 1.0);
  return i64x2.add(p, i64x2.shl(rounded, 52));
}

/** The natural logarithm of a normal number above 0, within 1 ulp or so. */
export function logPositive(x: f64): f64 {
  const bits = reinterpret<u64>(x);
  let k = <i32>(bits >> 52) - 1022;
  // x = m 2^k with m from √½ to √2
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3fe0000000000000);
  if (m < 0.7071067811865476) {
    m *= 2;
    k--;
  }
  // log m = 2 artanh s, s = (m - 1) / (m + 1), |s| < 0.172: s^23 is below double precision.
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let sum: f64 = 0;
  for (let power = 23; power >= 3; power -= 2) sum = square * (sum + 1 / <f64>power);
  return <f64>k * LN2_HIGH + (2 * s + (2 * s * sum + <f64>k * LN2_LOW));
}

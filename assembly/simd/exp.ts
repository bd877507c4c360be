// Vector exponential and logarithm. The bounds stated here are enforced by test/kernels/simd.test.ts
// in every build, fused or not.
import { madd, mulAdd } from "./madd";
import { constant, select } from "./lanes";

// Both functions split x by ln 2 in two parts: the first has so few bits that its product with an
// exponent is exact.

const EXP = memory.data<f32>([
  1.44269504088896341, // 0: log2(e)
  12582912.0, // 1: 1.5 · 2^23, whose addition rounds to an integer that then stands in the low bits
  -0.693359375, // 2: -ln 2, first part
  2.1219444e-4, // 3: -ln 2, second part
  0.001381422160193324, // 4 to 8: (e^r - 1 - r) / r², minimax
  0.00836889911442995,
  0.04166840389370918,
  0.1666651964187622,
  0.4999999403953552,
  1.0, // 9
  89.0, // 10 and 11: where vexp has overflowed and underflowed
  -104.0,
  88.75, // 12 and 13: where vexpFlushed has
  -88.0,
]);

const LOG = memory.data<f32>([
  -0.07634497433900833, // 0 to 7: (log(1 + f) - f + f²/2) / f³, minimax
  0.1276157796382904,
  -0.13160182535648346,
  0.14201757311820984,
  -0.16623356938362122,
  0.20001226663589478,
  -0.2500081956386566,
  0.3333333134651184,
  -2.1219444e-4, // 8: ln 2, second part
  0.693359375, // 9: ln 2, first part
  -0.5, // 10
  1.0, // 11
]);

/** a · b + c, fused where the build may, if `fuse` (a literal). */
// @ts-ignore: decorator
@inline
function multiplyAdd(fuse: bool, a: v128, b: v128, c: v128): v128 {
  return fuse ? madd(a, b, c) : mulAdd(a, b, c);
}

/** exp(x) = 2^n · e^r with |r| ≤ ln 2 / 2: x · log2(e) rounded to n, which stands in the low bits. */
// @ts-ignore: decorator
@inline
function roundedExponent(x: v128, fuse: bool): v128 {
  return multiplyAdd(fuse, x, constant(EXP, 0), constant(EXP, 1));
}

/** e^r by a polynomial of degree 6 with a relative error of 4e-9. */
// @ts-ignore: decorator
@inline
export function expOfRest(x: v128, rounded: v128, fuse: bool): v128 {
  return f32x4.add(expm1OfRest(x, rounded, fuse), constant(EXP, 9));
}

// @ts-ignore: decorator
@inline
function expm1OfRest(x: v128, rounded: v128, fuse: bool): v128 {
  const n = f32x4.sub(rounded, constant(EXP, 1));
  const r = multiplyAdd(fuse, n, constant(EXP, 3), multiplyAdd(fuse, n, constant(EXP, 2), x));
  let p = multiplyAdd(fuse, r, constant(EXP, 4), constant(EXP, 5));
  p = multiplyAdd(fuse, p, r, constant(EXP, 6));
  p = multiplyAdd(fuse, p, r, constant(EXP, 7));
  p = multiplyAdd(fuse, p, r, constant(EXP, 8));
  return multiplyAdd(fuse, p, f32x4.mul(r, r), r);
}

/**
 * exp(x) within 1.05 ulp, denormal results included. Overflows to Infinity above 88.722, underflows to
 * 0 below -103.97; NaN gives NaN.
 */
// @ts-ignore: decorator
@inline
export function vexp(x: v128): v128 {
  // Of these operand orders pmin and pmax keep NaN.
  const clamped = f32x4.pmax(f32x4.pmin(x, constant(EXP, 10)), constant(EXP, 11));
  const rounded = roundedExponent(clamped, false);
  // 2^n in two factors, for n reaches from -150 to 128.
  const n = i32x4.sub(rounded, constant(EXP, 1));
  const half = i32x4.shr_s(n, 1);
  const first = i32x4.add(i32x4.shl(half, 23), constant(EXP, 9));
  const second = i32x4.add(i32x4.shl(i32x4.sub(n, half), 23), constant(EXP, 9));
  return f32x4.mul(f32x4.mul(expOfRest(clamped, rounded, false), first), second);
}

/**
 * exp(x) for gates and softmax, cheaper than `vexp` and within 1.05 ulp on [-87.3, 88.3]. Results below
 * 2^-126.5 are 0, those above 2^127.5 (x > 88.376) Infinity; NaN gives NaN.
 */
// @ts-ignore: decorator
@inline
export function vexpFlushed(x: v128): v128 {
  return flushed(x, true);
}

/** vexpFlushed with the same bytes in both modules (see mulAdd), for what no training step leans on. */
// @ts-ignore: decorator
@inline
export function vexpFlushedPlain(x: v128): v128 {
  return flushed(x, false);
}

// @ts-ignore: decorator
@inline
function flushed(x: v128, fuse: bool): v128 {
  const clamped = f32x4.pmax(f32x4.pmin(x, constant(EXP, 12)), constant(EXP, 13));
  const rounded = roundedExponent(clamped, fuse);
  const scale = i32x4.add(i32x4.shl(rounded, 23), constant(EXP, 9));
  return f32x4.mul(expOfRest(clamped, rounded, fuse), scale);
}

/**
 * exp(x) - 1 for x ≤ 0.3 within 2 ulp, without cancellation near 0. Exactly -1 below -17.4; NaN gives NaN.
 * A call, not inlined.
 */
export function vexpm1(x: v128): v128 {
  const clamped = f32x4.pmax(f32x4.pmin(x, constant(EXP, 12)), constant(EXP, 13));
  const rounded = roundedExponent(clamped, false);
  const scale = i32x4.add(i32x4.shl(rounded, 23), constant(EXP, 9));
  // 2^n · e^r - 1 = 2^n · (e^r - 1) + (2^n - 1)
  return mulAdd(scale, expm1OfRest(clamped, rounded, false), f32x4.sub(scale, constant(EXP, 9)));
}

/**
 * log(x) within 1 ulp, denormals included. log(0) = -Infinity, log(Infinity) = Infinity; negative
 * numbers and NaN give NaN. A call, not inlined: it is long and nowhere the hot path.
 */
export function vlog(x: v128): v128 {
  return inlinedLog(x);
}

/** As vlog, for a loop that must not call (docs/findings.md, 22). */
// @ts-ignore: decorator
@inline
export function inlinedLog(x: v128): v128 {
  const one = constant(LOG, 11);
  // Denormals are scaled up by 2^24 first.
  const tiny = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const scaled = f32x4.mul(x, select(tiny, f32x4.splat(16777216), one));
  // x = 2^e · (1 + f) with 1 + f between sqrt(1/2) and sqrt(2).
  const exponent = i32x4.shr_s(i32x4.sub(scaled, i32x4.splat(0x3f3504f3)), 23);
  const f = f32x4.sub(i32x4.sub(scaled, i32x4.shl(exponent, 23)), one);
  const e = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(tiny, f32x4.splat(24)));

  let p = madd(f, constant(LOG, 0), constant(LOG, 1));
  p = madd(p, f, constant(LOG, 2));
  p = madd(p, f, constant(LOG, 3));
  p = madd(p, f, constant(LOG, 4));
  p = madd(p, f, constant(LOG, 5));
  p = madd(p, f, constant(LOG, 6));
  p = madd(p, f, constant(LOG, 7));
  const square = f32x4.mul(f, f);
  p = f32x4.mul(p, f32x4.mul(square, f));
  p = madd(e, constant(LOG, 8), p);
  p = madd(square, constant(LOG, 10), p);
  const result = madd(e, constant(LOG, 9), f32x4.add(f, p));

  // Not between 0 and Infinity: log(0), or Infinity itself, or NaN for all else.
  const zero = i32x4.splat(0);
  const infinity = i32x4.splat(0x7f800000);
  const special = select(
    f32x4.eq(x, zero),
    f32x4.neg(infinity),
    select(f32x4.ge(x, zero), x, f32x4.splat(NaN)),
  );
  return select(v128.and(f32x4.gt(x, zero), f32x4.lt(x, infinity)), result, special);
}

/** log(1 + x) for x in [0, 1] within 2 ulp, the smallest x included. NaN gives NaN. */
// @ts-ignore: decorator
@inline
export function vlog1p(x: v128): v128 {
  const one = constant(LOG, 11);
  const u = f32x4.add(x, one);
  // What the rounding of 1 + x has lost, to first order.
  const lost = f32x4.sub(x, f32x4.sub(u, one));
  return f32x4.add(vlog(u), f32x4.div(lost, u));
}

// Positive numbers of any size, four in two vectors: fraction · 2^exponent, where 0 has the exponent -Infinity.
// Exponents are whole numbers in f32: exact up to 2^24, beyond that as exact as a logarithm in f32.
import { constant } from "../simd/lanes";
import { expOfRest } from "../simd/exp";

const SCALED = memory.data<f32>([
  -127.0, // 0: 2^-127 stands for all smaller powers: as bits of an exponent it is 0
  12583039.0, // 1: 1.5 · 2^23 + 127, whose addition puts the bits of an exponent into the lowest place
  1.44269504088896341, // 2: log2(e)
  -1048576.0, // 3 and 4: no x below this has a fraction worth its digits; the same by log2(e)
  -1512775.0,
  12582912.0, // 5: 1.5 · 2^23
  1.0, // 6
]);

/** fraction · 2^(exponent - most), for exponent ≤ most: 0 from 2^-127 down, and where both are -Infinity. */
// @ts-ignore: decorator
@inline
export function scaledTo(most: v128, fraction: v128, exponent: v128): v128 {
  // Of this operand order pmax gives -127 for NaN.
  const power = f32x4.pmax(constant(SCALED, 0), f32x4.sub(exponent, most));
  return f32x4.mul(fraction, i32x4.shl(f32x4.add(power, constant(SCALED, 1)), 23));
}

/** v = fraction · 2^exponent with a fraction in [1, 2), also for 0. */
// @ts-ignore: decorator
@inline
export function fractionOf(v: v128): v128 {
  return v128.or(v128.and(v, i32x4.splat(0x007fffff)), constant(SCALED, 6));
}

/** The exponent of v, plus 127. */
// @ts-ignore: decorator
@inline
export function biasedExponentOf(v: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.shr_u(v, 23));
}

/** e^x = fraction · 2^exponent for any x ≤ 0: the exponent. */
// @ts-ignore: decorator
@inline
export function expExponent(x: v128): v128 {
  return f32x4.nearest(f32x4.mul(x, constant(SCALED, 2)));
}

/** The fraction to that exponent, from 0.7 to 1.42; NaN for NaN. */
// @ts-ignore: decorator
@inline
export function expFraction(x: v128, exponent: v128): v128 {
  // Of this operand order pmax keeps NaN.
  const power = f32x4.pmax(exponent, constant(SCALED, 4));
  return expOfRest(f32x4.pmax(x, constant(SCALED, 3)), f32x4.add(power, constant(SCALED, 5)), true);
}

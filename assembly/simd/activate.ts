// Vector sigmoid and tanh, the pointwise hot path of every gated cell. The bounds stated here are
// enforced by test/kernels/simd.test.ts in every build, fused or not. A loop that evaluates two
// independent vectors at a time takes 5-12 % less time an element.
import { madd } from "./madd";
import { constant } from "./lanes";
import { vexpFlushed } from "./exp";

const TANH = memory.data<f32>([
  1.3384269692551243e-8, // 0 to 3: the numerator's coefficients of x^8, x^6, x^4, x^2
  2.063580723188352e-5,
  0.003497456666082144,
  0.1338268667459488,
  7.790240488247946e-7, // 4 to 7: the denominator's
  3.2885157270357013e-4,
  0.0258843582123518,
  0.46716007590293884,
  1.0, // 8
  -1.0, // 9
  9.5, // 10 and 11: there the quotient has passed 1 in every build
  -9.5,
]);

/**
 * 1 / (1 + exp(-x)) within 3 ulp where the result is a normal number. Exactly 0 below -88.376, exactly
 * 1 above 17.4, NaN for NaN.
 */
// @ts-ignore: decorator
@inline
export function vsigmoid(x: v128): v128 {
  const one = constant(TANH, 8);
  return f32x4.div(one, f32x4.add(one, vexpFlushed(f32x4.neg(x))));
}

/**
 * tanh(x) within 6 ulp, as x · P(x²) / Q(x²) with P(0) = Q(0) = 1, so that it is exact for the smallest
 * x. Exactly ±1 beyond ±9.5, never more; NaN for NaN.
 */
// @ts-ignore: decorator
@inline
export function vtanh(x: v128): v128 {
  const one = constant(TANH, 8);
  // Of these operand orders pmin and pmax keep NaN.
  const c = f32x4.pmax(f32x4.pmin(x, constant(TANH, 10)), constant(TANH, 11));
  const u = f32x4.mul(c, c);
  let p = madd(u, constant(TANH, 0), constant(TANH, 1));
  let q = madd(u, constant(TANH, 4), constant(TANH, 5));
  p = madd(p, u, constant(TANH, 2));
  q = madd(q, u, constant(TANH, 6));
  p = madd(p, u, constant(TANH, 3));
  q = madd(q, u, constant(TANH, 7));
  p = f32x4.mul(c, madd(p, u, one));
  q = madd(q, u, one);
  return f32x4.pmax(f32x4.pmin(f32x4.div(p, q), one), constant(TANH, 9));
}

import { mulAdd } from "./madd";
import { constant, select } from "./lanes";
import { vexpFlushedPlain } from "./exp";

const NORMAL = memory.data<f32>([
  0.275, // 0
  0.026250405237078667, // 1 to 9: Φ(-z) · e^(z²/2) in t = 1 / (1 + 0.275 z), from t^9 down, minimax
  -0.106024831533432,
  0.1201893538236618,
  -0.023349866271018982,
  0.07960493862628937,
  0.08260179311037064,
  0.10123597085475922,
  0.10978950560092926,
  0.10970274358987808,
  1.0, // 10
  -0.5, // 11
]);

/** e^(-x²/2) within (1.5 + x²/2) ulp: what the rounding of x² leaves. A call, to have it once. */
export function gaussian(x: v128): v128 {
  return vexpFlushedPlain(f32x4.mul(f32x4.mul(x, x), constant(NORMAL, 11)));
}

/**
 * Φ(x), the normal distribution function, for e = gaussian(x), within (8 + x²/2) ulp: no cancellation in
 * the tail. NaN gives NaN. A call, not inlined: it is long.
 */
export function vnormalCdf(x: v128, e: v128): v128 {
  const one = constant(NORMAL, 10);
  const t = f32x4.div(one, mulAdd(f32x4.abs(x), constant(NORMAL, 0), one));
  let p = constant(NORMAL, 1);
  for (let i: usize = 2; i < 10; i++) p = mulAdd(p, t, constant(NORMAL, i));
  const tail = f32x4.mul(e, f32x4.mul(p, t));
  return select(f32x4.lt(x, f32x4.splat(0)), tail, f32x4.sub(one, tail));
}

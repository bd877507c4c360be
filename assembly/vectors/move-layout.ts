// A step of gradient descent with momentum and gains (Jacobs 1988), as t-SNE's implementations take it.
import { select } from "../simd/lanes";

const MORE: f32 = 0.2;
const LESS: f32 = 0.8;
/** Added to what is left of a gain, which so never is below. */
const LEAST_GAIN: f32 = 0.01;

/** Where numbers differ in sign, which of 0 is its own. */
// @ts-ignore: decorator
@inline
function signsDiffer(a: v128, b: v128): v128 {
  const zero = f32x4.splat(0);
  const above = v128.xor(f32x4.gt(a, zero), f32x4.gt(b, zero));
  return v128.or(above, v128.xor(f32x4.lt(a, zero), f32x4.lt(b, zero)));
}

/**
 * update = momentum · update - rate · gains · gradient, no longer than `longest`, and layout += update, all [n, 2] float32; then the
 * layout's mean is 0. A gain grows by 0.2 while the point goes against the gradient, else it is 0.8 of itself and 0.01. In place.
 */
export function moveLayout(
  layout: usize, update: usize, gains: usize, gradient: usize, n: i32, rate: f32, momentum: f32, longest: f32,
): void {
  const rates = f32x4.splat(rate);
  const keeps = f32x4.splat(momentum);
  const limit = f32x4.splat(longest);
  let sum = f64x2.splat(0);
  for (let at: usize = 0; at < <usize>n << 3; at += 8) {
    const slope = v128.load64_zero(gradient + at);
    const before = v128.load64_zero(update + at);
    const gain = v128.load64_zero(gains + at);
    const less = f32x4.add(f32x4.mul(gain, f32x4.splat(LESS)), f32x4.splat(LEAST_GAIN));
    const next = select(signsDiffer(before, slope), f32x4.add(gain, f32x4.splat(MORE)), less);
    v128.store64_lane(gains + at, next, 0);
    let step = f32x4.sub(f32x4.mul(keeps, before), f32x4.mul(f32x4.mul(rates, next), slope));
    const square = f32x4.mul(step, step);
    const length = f32x4.sqrt(f32x4.add(square, v128.shuffle<f32>(square, square, 1, 0, 3, 2)));
    step = select(f32x4.gt(length, limit), f32x4.mul(f32x4.div(step, length), limit), step);
    v128.store64_lane(update + at, step, 0);
    const place = f32x4.add(v128.load64_zero(layout + at), step);
    v128.store64_lane(layout + at, place, 0);
    sum = f64x2.add(sum, f64x2.promote_low_f32x4(place));
  }
  const mean = f32x4.demote_f64x2_zero(f64x2.div(sum, f64x2.splat(<f64>n)));
  for (let at: usize = 0; at < <usize>n << 3; at += 8)
    v128.store64_lane(layout + at, f32x4.sub(v128.load64_zero(layout + at), mean), 0);
}

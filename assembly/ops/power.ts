// Powers of any base to any exponent, by IEEE 754's rules for what is 0, infinite or negative.
import { select, storeLast } from "../simd/lanes";
import { vexp, vlog } from "../simd/exp";

/**
 * x^y = e^(y · log |x|), negative for a negative x and an odd y, with a relative error of 1e-7 · (1 + |y · log |x||).
 * NaN where x is below 0 and y is not whole; 1 where y is 0 or x is 1, whatever the other is. A call, to have it once.
 */
function power(x: v128, y: v128): v128 {
  const one = f32x4.splat(1);
  const infinity = f32x4.splat(Infinity);
  const size = f32x4.abs(x);
  const magnitude = vexp(f32x4.mul(y, vlog(size)));
  const half = f32x4.mul(y, f32x4.splat(0.5));
  const whole = f32x4.eq(f32x4.nearest(y), y);
  const odd = v128.andnot(whole, f32x4.eq(f32x4.nearest(half), half));
  const sign = v128.and(v128.and(x, i32x4.splat(0x80000000)), odd);
  const below = v128.and(f32x4.lt(x, f32x4.splat(0)), f32x4.lt(size, infinity));
  const result = select(v128.andnot(below, whole), f32x4.splat(NaN), v128.or(magnitude, sign));
  const unit = v128.and(f32x4.eq(size, one), f32x4.eq(f32x4.abs(y), infinity));
  const always = v128.or(f32x4.eq(x, one), f32x4.eq(y, f32x4.splat(0)));
  return select(v128.or(always, unit), one, result);
}

/** out = x^y element by element, n of each. Overwrites; out may be x or y. */
export function powForward(out: usize, x: usize, y: usize, n: i32): void {
  for (; ; n -= 4, out += 16, x += 16, y += 16) {
    const v = power(v128.load(x), v128.load(y));
    if (n <= 4) return storeLast(out, v, n);
    v128.store(out, v);
  }
}

/** dx = dz · y · x^(y - 1), 0 where y is 0: the base's gradient, n elements. Overwrites; dx may be any of the others. */
export function powBaseBackward(dx: usize, dz: usize, x: usize, y: usize, n: i32): void {
  for (; ; n -= 4, dx += 16, dz += 16, x += 16, y += 16) {
    const exponent = v128.load(y);
    const before = power(v128.load(x), f32x4.sub(exponent, f32x4.splat(1)));
    const slope = f32x4.mul(v128.load(dz), f32x4.mul(exponent, before));
    const v = v128.andnot(slope, f32x4.eq(exponent, f32x4.splat(0)));
    if (n <= 4) return storeLast(dx, v, n);
    v128.store(dx, v);
  }
}

/**
 * dy = dz · z · log x for z = x^y, 0 where x is 0 and y is not below: the exponent's gradient, n elements. Overwrites; dy
 * may be any of the others.
 */
export function powExponentBackward(dy: usize, dz: usize, x: usize, y: usize, z: usize, n: i32): void {
  const zero = f32x4.splat(0);
  for (; ; n -= 4, dy += 16, dz += 16, x += 16, y += 16, z += 16) {
    const base = v128.load(x);
    const slope = f32x4.mul(v128.load(dz), f32x4.mul(v128.load(z), vlog(base)));
    const still = v128.and(f32x4.eq(base, zero), f32x4.ge(v128.load(y), zero));
    const v = v128.andnot(slope, still);
    if (n <= 4) return storeLast(dy, v, n);
    v128.store(dy, v);
  }
}

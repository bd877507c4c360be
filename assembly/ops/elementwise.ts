// Elementwise operations of one operand, and those with a scalar.
import { addLast, storeLast } from "../simd/lanes";

/** out = value, n elements. Overwrites. */
export function fill(out: usize, n: i32, value: f32): void {
  const v = f32x4.splat(value);
  for (; n > 4; n -= 4, out += 16) v128.store(out, v);
  storeLast(out, v, n);
}

/** out = x · factor, n elements. Overwrites; out may be x. */
export function scale(out: usize, x: usize, n: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  for (; n > 4; n -= 4, out += 16, x += 16) v128.store(out, f32x4.mul(v128.load(x), factors));
  storeLast(out, f32x4.mul(v128.load(x), factors), n);
}

/** out = x + value, n elements. Overwrites; out may be x. */
export function addScalar(out: usize, x: usize, n: i32, value: f32): void {
  const values = f32x4.splat(value);
  for (; n > 4; n -= 4, out += 16, x += 16) v128.store(out, f32x4.add(v128.load(x), values));
  storeLast(out, f32x4.add(v128.load(x), values), n);
}

/** y = y + alpha · x, n elements, rounded twice in every build. Accumulates; y may be x. */
export function axpy(y: usize, x: usize, n: i32, alpha: f32): void {
  const factors = f32x4.splat(alpha);
  for (; ; n -= 4, y += 16, x += 16) {
    const v = f32x4.mul(v128.load(x), factors);
    if (n <= 4) return addLast(y, v, n);
    v128.store(y, f32x4.add(v128.load(y), v));
  }
}

/** out = |x|, n elements. Overwrites; out may be x. */
export function absForward(out: usize, x: usize, n: i32): void {
  for (; n > 4; n -= 4, out += 16, x += 16) v128.store(out, f32x4.abs(v128.load(x)));
  storeLast(out, f32x4.abs(v128.load(x)), n);
}

/** dx = dy · sign(x), n elements; 0 where x is 0. Overwrites; dx may be dy or x. */
export function absBackward(dx: usize, dy: usize, x: usize, n: i32): void {
  const signBit = i32x4.splat(0x80000000);
  for (; ; n -= 4, dx += 16, dy += 16, x += 16) {
    const v = v128.load(x);
    const signed = v128.xor(v128.load(dy), v128.and(v, signBit));
    const result = v128.and(signed, f32x4.ne(v, f32x4.splat(0)));
    if (n <= 4) return storeLast(dx, result, n);
    v128.store(dx, result);
  }
}

/** out = sqrt(x), n elements; NaN below 0. Overwrites; out may be x. */
export function sqrtForward(out: usize, x: usize, n: i32): void {
  for (; n > 4; n -= 4, out += 16, x += 16) v128.store(out, f32x4.sqrt(v128.load(x)));
  storeLast(out, f32x4.sqrt(v128.load(x)), n);
}

/** dx = dy / (2 · y) for y = sqrt(x), n elements. Overwrites; dx may be dy or y. */
export function sqrtBackward(dx: usize, dy: usize, y: usize, n: i32): void {
  for (; ; n -= 4, dx += 16, dy += 16, y += 16) {
    const v = v128.load(y);
    const result = f32x4.div(v128.load(dy), f32x4.add(v, v));
    if (n <= 4) return storeLast(dx, result, n);
    v128.store(dx, result);
  }
}

/** out = x within [low, high], n elements; NaN stays. Overwrites; out may be x. */
export function clampForward(out: usize, x: usize, n: i32, low: f32, high: f32): void {
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  for (; n > 4; n -= 4, out += 16, x += 16) v128.store(out, f32x4.pmin(f32x4.pmax(v128.load(x), least), most));
  storeLast(out, f32x4.pmin(f32x4.pmax(v128.load(x), least), most), n);
}

/** dx = dy where x lies within [low, high], else 0, n elements. Overwrites; dx may be dy or x. */
export function clampBackward(dx: usize, dy: usize, x: usize, n: i32, low: f32, high: f32): void {
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  for (; ; n -= 4, dx += 16, dy += 16, x += 16) {
    const v = v128.load(x);
    const inside = v128.and(f32x4.ge(v, least), f32x4.le(v, most));
    const result = v128.and(v128.load(dy), inside);
    if (n <= 4) return storeLast(dx, result, n);
    v128.store(dx, result);
  }
}

/** out = x rounded to a whole number: down (0), up (1) or to the nearest, of two the even one (2); n elements. Overwrites; out may be x. */
export function roundWhole(out: usize, x: usize, n: i32, direction: i32): void {
  for (; ; n -= 4, out += 16, x += 16) {
    const v = v128.load(x);
    const rounded = direction == 0 ? f32x4.floor(v) : direction == 1 ? f32x4.ceil(v) : f32x4.nearest(v);
    if (n <= 4) return storeLast(out, rounded, n);
    v128.store(out, rounded);
  }
}

/** out (int32) = x rounded toward 0, n elements; NaN becomes 0, what is out of range the nearest end. Overwrites; out may be x. */
export function floatToInt(out: usize, x: usize, n: i32): void {
  for (; n > 4; n -= 4, out += 16, x += 16) v128.store(out, i32x4.trunc_sat_f32x4_s(v128.load(x)));
  storeLast(out, i32x4.trunc_sat_f32x4_s(v128.load(x)), n);
}

/** out (float) = x (int32), n elements. Overwrites; out may be x. */
export function intToFloat(out: usize, x: usize, n: i32): void {
  for (; n > 4; n -= 4, out += 16, x += 16) v128.store(out, f32x4.convert_i32x4_s(v128.load(x)));
  storeLast(out, f32x4.convert_i32x4_s(v128.load(x)), n);
}

/** Index of the first of n elements that is NaN or infinite, or -1. */
export function firstNonFinite(x: usize, n: i32): i32 {
  // Sixteen at a time: where one of them is, or of what lies behind the last, they are looked at one by one.
  for (let i = 0; i < n; i += 16, x += 64) {
    const largest = i32x4.max_s(
      i32x4.max_s(magnitude(x, 0), magnitude(x, 16)),
      i32x4.max_s(magnitude(x, 32), magnitude(x, 48)),
    );
    if (!v128.any_true(i32x4.gt_s(largest, i32x4.splat(0x7f7fffff)))) continue;
    for (let j = i; j < n && j < i + 16; j++)
      if ((load<i32>(x + ((j - i) << 2)) & 0x7fffffff) > 0x7f7fffff) return j;
  }
  return -1;
}

/** The bits of four elements without their signs: they order as the sizes do, Infinity and NaN above all. */
// @ts-ignore: decorator
@inline
function magnitude(x: usize, offset: usize): v128 {
  return v128.and(v128.load(x + offset), i32x4.splat(0x7fffffff));
}

// What gates are made of: sigmoid and tanh, and exp and log beside them. Gradients are taken from the outputs. Those of
// exp and log are a product and a quotient: `mul(dx, dy, y, n)`, `div(dx, dy, x, n)`.
import { storeLast, storeLastPair } from "../simd/lanes";
import { vexp, vlog } from "../simd/exp";
import { vsigmoid, vtanh } from "../simd/activate";

/** out = exp(x) within 1.05 ulp, n elements. Overwrites; out may be x. */
export function expForward(out: usize, x: usize, n: i32): void {
  for (; ; n -= 4, out += 16, x += 16) {
    const v = vexp(v128.load(x));
    if (n <= 4) return storeLast(out, v, n);
    v128.store(out, v);
  }
}

/** out = log(x) within 1 ulp, n elements; -Infinity at 0, NaN below. Overwrites; out may be x. */
export function logForward(out: usize, x: usize, n: i32): void {
  for (; ; n -= 4, out += 16, x += 16) {
    const v = vlog(v128.load(x));
    if (n <= 4) return storeLast(out, v, n);
    v128.store(out, v);
  }
}

/** out = 1 / (1 + exp(-x)) within 3 ulp, n elements; exactly 0 below -88.376. Overwrites; out may be x. */
export function sigmoidForward(out: usize, x: usize, n: i32): void {
  for (; ; n -= 8, out += 32, x += 32) {
    const first = vsigmoid(v128.load(x)), second = vsigmoid(v128.load(x, 16));
    if (n <= 8) return storeLastPair(out, first, second, n);
    v128.store(out, first);
    v128.store(out, second, 16);
  }
}

/** dx = dy · y · (1 - y) for y = sigmoid(x), n elements. Overwrites; dx may be dy or y. */
export function sigmoidBackward(dx: usize, dy: usize, y: usize, n: i32): void {
  for (; ; n -= 4, dx += 16, dy += 16, y += 16) {
    const v = v128.load(y);
    const slope = f32x4.mul(v, f32x4.sub(f32x4.splat(1), v));
    const result = f32x4.mul(v128.load(dy), slope);
    if (n <= 4) return storeLast(dx, result, n);
    v128.store(dx, result);
  }
}

/** out = tanh(x) within 6 ulp, n elements. Overwrites; out may be x. */
export function tanhForward(out: usize, x: usize, n: i32): void {
  for (; ; n -= 8, out += 32, x += 32) {
    const first = vtanh(v128.load(x)), second = vtanh(v128.load(x, 16));
    if (n <= 8) return storeLastPair(out, first, second, n);
    v128.store(out, first);
    v128.store(out, second, 16);
  }
}

/** dx = dy · (1 - y²) for y = tanh(x), n elements. Overwrites; dx may be dy or y. */
export function tanhBackward(dx: usize, dy: usize, y: usize, n: i32): void {
  for (; ; n -= 4, dx += 16, dy += 16, y += 16) {
    const v = v128.load(y);
    const slope = f32x4.sub(f32x4.splat(1), f32x4.mul(v, v));
    const result = f32x4.mul(v128.load(dy), slope);
    if (n <= 4) return storeLast(dx, result, n);
    v128.store(dx, result);
  }
}

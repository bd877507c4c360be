// Activations, element by element. Gradients are taken from the outputs. The gradients of exp and log
// are a product and a quotient: `mul(dx, dy, y, n)`, `div(dx, dy, x, n)`.
import { storeLanes, storePair } from "../simd/lanes";
import { vexp, vlog } from "../simd/exp";
import { vsigmoid, vtanh } from "../simd/activate";

/** out = exp(x) within 1.05 ulp, n elements. Overwrites; out may be x. */
export function expForward(out: usize, x: usize, n: i32): void {
  for (; n > 0; n -= 4, out += 16, x += 16) storeLanes(out, vexp(v128.load(x)), n);
}

/** out = log(x) within 1 ulp, n elements; -Infinity at 0, NaN below. Overwrites; out may be x. */
export function logForward(out: usize, x: usize, n: i32): void {
  for (; n > 0; n -= 4, out += 16, x += 16) storeLanes(out, vlog(v128.load(x)), n);
}

/** out = 1 / (1 + exp(-x)) within 3 ulp, n elements; exactly 0 below -88.376. Overwrites; out may be x. */
export function sigmoidForward(out: usize, x: usize, n: i32): void {
  for (; n > 0; n -= 8, out += 32, x += 32) storePair(out, vsigmoid(v128.load(x)), vsigmoid(v128.load(x, 16)), n);
}

/** dx = dy · y · (1 - y) for y = sigmoid(x), n elements. Overwrites; dx may be dy or y. */
export function sigmoidBackward(dx: usize, dy: usize, y: usize, n: i32): void {
  for (; n > 0; n -= 4, dx += 16, dy += 16, y += 16) {
    const v = v128.load(y);
    const slope = f32x4.mul(v, f32x4.sub(f32x4.splat(1), v));
    storeLanes(dx, f32x4.mul(v128.load(dy), slope), n);
  }
}

/** out = tanh(x) within 6 ulp, n elements. Overwrites; out may be x. */
export function tanhForward(out: usize, x: usize, n: i32): void {
  for (; n > 0; n -= 8, out += 32, x += 32) storePair(out, vtanh(v128.load(x)), vtanh(v128.load(x, 16)), n);
}

/** dx = dy · (1 - y²) for y = tanh(x), n elements. Overwrites; dx may be dy or y. */
export function tanhBackward(dx: usize, dy: usize, y: usize, n: i32): void {
  for (; n > 0; n -= 4, dx += 16, dy += 16, y += 16) {
    const v = v128.load(y);
    const slope = f32x4.sub(f32x4.splat(1), f32x4.mul(v, v));
    storeLanes(dx, f32x4.mul(v128.load(dy), slope), n);
  }
}

/** out = x where x > 0, else 0, n elements; NaN stays. Overwrites; out may be x. */
export function reluForward(out: usize, x: usize, n: i32): void {
  for (; n > 0; n -= 4, out += 16, x += 16)
    storeLanes(out, f32x4.pmax(v128.load(x), f32x4.splat(0)), n);
}

/** dx = dy where y = relu(x) is above 0, else 0, n elements. Overwrites; dx may be dy or y. */
export function reluBackward(dx: usize, dy: usize, y: usize, n: i32): void {
  for (; n > 0; n -= 4, dx += 16, dy += 16, y += 16)
    storeLanes(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), f32x4.splat(0))), n);
}

// Losses of one element each; the host sums or averages them. Gradients are those of the first
// operand, for dLosses[i · dLossesStride] · factor: stride 0 is one number for all.
import { select, storeLast } from "../simd/lanes";
import { vexpFlushedPlain, vlog1p } from "../simd/exp";
import { vsigmoid } from "../simd/activate";

const SQUARED = 0;
const ABSOLUTE = 1;
const BINARY_CROSS_ENTROPY = 2;

// @ts-ignore: decorator
@inline
function lossOf(op: i32, x: v128, y: v128): v128 {
  const d = f32x4.sub(x, y);
  if (op == SQUARED) return f32x4.mul(d, d);
  if (op == ABSOLUTE) return f32x4.abs(d);
  // max(x, 0) - x · y + log(1 + exp(-|x|)): no term overflows.
  const positive = f32x4.max(x, f32x4.splat(0));
  const rest = vlog1p(vexpFlushedPlain(f32x4.neg(f32x4.abs(x))));
  return f32x4.add(f32x4.sub(positive, f32x4.mul(x, y)), rest);
}

// @ts-ignore: decorator
@inline
function slopeOf(op: i32, x: v128, y: v128): v128 {
  const d = f32x4.sub(x, y);
  if (op == SQUARED) return f32x4.add(d, d);
  if (op == BINARY_CROSS_ENTROPY) return f32x4.sub(vsigmoid(x), y);
  // The sign: 0 at 0, NaN for NaN.
  const sign = v128.or(v128.and(d, i32x4.splat(0x80000000)), f32x4.splat(1));
  return select(v128.or(f32x4.lt(d, f32x4.splat(0)), f32x4.gt(d, f32x4.splat(0))), sign, d);
}

// @ts-ignore: decorator
@inline
function forward(op: i32, losses: usize, x: usize, y: usize, n: i32): void {
  for (; ; n -= 4, losses += 16, x += 16, y += 16) {
    const v = lossOf(op, v128.load(x), v128.load(y));
    if (n <= 4) return storeLast(losses, v, n);
    v128.store(losses, v);
  }
}

// @ts-ignore: decorator
@inline
function backward(op: i32, dx: usize, dLosses: usize, x: usize, y: usize, n: i32, stride: i32, factor: f32): void {
  const scale = f32x4.splat(factor);
  assert(<u32>stride <= 1, "a gradient for each loss or one for all");
  let gradient = f32x4.mul(v128.load32_splat(dLosses), scale);
  for (; ; n -= 4, dx += 16, x += 16, y += 16) {
    if (stride) {
      gradient = f32x4.mul(v128.load(dLosses), scale);
      dLosses += 16;
    }
    const result = f32x4.mul(slopeOf(op, v128.load(x), v128.load(y)), gradient);
    if (n <= 4) return storeLast(dx, result, n);
    v128.store(dx, result);
  }
}

/** losses = (x - y)², n elements. Overwrites; losses may be x or y. */
export function mseForward(losses: usize, x: usize, y: usize, n: i32): void {
  forward(SQUARED, losses, x, y, n);
}

/** dx = 2 (x - y) · dLosses[i · dLossesStride] · factor, n elements, stride 0 or 1. Overwrites; dx may be x, y or dLosses of stride 1. */
export function mseBackward(
  dx: usize, dLosses: usize, x: usize, y: usize, n: i32, dLossesStride: i32, factor: f32,
): void {
  backward(SQUARED, dx, dLosses, x, y, n, dLossesStride, factor);
}

/** losses = |x - y|, n elements. Overwrites; losses may be x or y. */
export function l1Forward(losses: usize, x: usize, y: usize, n: i32): void {
  forward(ABSOLUTE, losses, x, y, n);
}

/** dx = sign(x - y) · dLosses[i · dLossesStride] · factor, n elements, stride 0 or 1; 0 where x is y. Overwrites; dx may be x, y or dLosses of stride 1. */
export function l1Backward(
  dx: usize, dLosses: usize, x: usize, y: usize, n: i32, dLossesStride: i32, factor: f32,
): void {
  backward(ABSOLUTE, dx, dLosses, x, y, n, dLossesStride, factor);
}

/**
 * losses = d² / 2 for d = x - y within [-delta, delta], beyond them delta · (|d| - delta / 2), n elements. Overwrites;
 * losses may be x or y.
 */
export function huberForward(losses: usize, x: usize, y: usize, n: i32, delta: f32): void {
  const most = f32x4.splat(delta);
  for (; ; n -= 4, losses += 16, x += 16, y += 16) {
    const d = f32x4.abs(f32x4.sub(v128.load(x), v128.load(y)));
    const near = f32x4.min(d, most);
    const result = f32x4.mul(near, f32x4.sub(d, f32x4.mul(near, f32x4.splat(0.5))));
    if (n <= 4) return storeLast(losses, result, n);
    v128.store(losses, result);
  }
}

/** dx = x - y within [-delta, delta] · dLosses[i · dLossesStride] · factor, n elements, stride 0 or 1. Overwrites; dx may be x, y or dLosses of stride 1. */
export function huberBackward(
  dx: usize, dLosses: usize, x: usize, y: usize, n: i32, dLossesStride: i32, factor: f32, delta: f32,
): void {
  assert(<u32>dLossesStride <= 1, "a gradient for each loss or one for all");
  const most = f32x4.splat(delta);
  const least = f32x4.splat(-delta);
  for (; ; n -= 4, dx += 16, x += 16, y += 16) {
    const gradient = dLossesStride ? v128.load(dLosses) : v128.load32_splat(dLosses);
    const slope = f32x4.max(f32x4.min(f32x4.sub(v128.load(x), v128.load(y)), most), least);
    const result = f32x4.mul(slope, f32x4.mul(gradient, f32x4.splat(factor)));
    if (n <= 4) return storeLast(dx, result, n);
    v128.store(dx, result);
    if (dLossesStride) dLosses += 16;
  }
}

/** losses = -(y · log σ(x) + (1 - y) · log(1 - σ(x))), n elements, stable for any x. Overwrites; losses may be x or y. */
export function binaryCrossEntropyForward(losses: usize, x: usize, y: usize, n: i32): void {
  forward(BINARY_CROSS_ENTROPY, losses, x, y, n);
}

/** dx = (σ(x) - y) · dLosses[i · dLossesStride] · factor, n elements, stride 0 or 1. Overwrites; dx may be x, y or dLosses of stride 1. */
export function binaryCrossEntropyBackward(
  dx: usize, dLosses: usize, x: usize, y: usize, n: i32, dLossesStride: i32, factor: f32,
): void {
  backward(BINARY_CROSS_ENTROPY, dx, dLosses, x, y, n, dLossesStride, factor);
}

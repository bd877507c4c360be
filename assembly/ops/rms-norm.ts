// Root mean square normalization over rows of contiguous features. The weight's gradient is layerNormWeightAcc, with a mean
// of 0 in the stats.
import { keepLanes, storeLast, widenHigh, widenLow } from "../simd/lanes";
import { assertApart, matrixBytes } from "../simd/preconditions";

/** The sum of x · y over n elements, in double precision. */
// @ts-ignore: decorator
@inline
function sum(pairs: v128): f64 {
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}

/**
 * y[rows, width] = x / √(mean of x² + eps) · weight by rows; weight [width] is left out where it is 0. stats[rows, 2] = 0 and
 * 1 / √(…). Needs width ≥ 1. Overwrites; y may be x.
 */
export function rmsNormForward(
  y: usize, stats: usize, x: usize, weight: usize, rows: i32, width: i32, eps: f64,
): void {
  assert(rows <= 0 || width >= 1, "no mean of nothing");
  assertApart(stats, matrixBytes(rows, 2, 2), y, matrixBytes(rows, width, width));
  const rowBytes = <usize>width << 2;
  for (; rows > 0; rows--, y += rowBytes, x += rowBytes, stats += 8) {
    let low = f64x2.splat(0), high = low;
    for (let at: usize = 0, n = width; n > 0; n -= 4, at += 16) {
      const v = keepLanes(v128.load(x + at), n, f32x4.splat(0));
      const lowTerm = widenLow(v), highTerm = widenHigh(v);
      low = f64x2.add(low, f64x2.mul(lowTerm, lowTerm));
      high = f64x2.add(high, f64x2.mul(highTerm, highTerm));
    }
    const inverse = <f32>(1 / sqrt(sum(f64x2.add(low, high)) / width + eps));
    store<f32>(stats, 0);
    store<f32>(stats, inverse, 4);
    const factor = f32x4.splat(inverse);
    let at: usize = 0, n = width;
    for (; n > 4; n -= 4, at += 16) v128.store(y + at, scaled(x, factor, weight, at));
    storeLast(y + at, scaled(x, factor, weight, at), n);
  }
}

/** x · factor · weight of the four elements at `at` bytes. */
// @ts-ignore: decorator
@inline
function scaled(x: usize, factor: v128, weight: usize, at: usize): v128 {
  const v = f32x4.mul(v128.load(x + at), factor);
  return weight ? f32x4.mul(v, v128.load(weight + at)) : v;
}

/**
 * dx[rows, width] of rmsNormForward from dy, x and its stats: with g = dy · weight and n the normalized x,
 * dx = (g - n · mean(g · n)) / √(…). Overwrites; dx may be dy or x.
 */
export function rmsNormBackward(
  dx: usize, dy: usize, x: usize, stats: usize, weight: usize, rows: i32, width: i32,
): void {
  const rowBytes = <usize>width << 2;
  for (; rows > 0; rows--, dx += rowBytes, dy += rowBytes, x += rowBytes, stats += 8) {
    const factor = v128.load32_splat(stats, 4);
    let dot = f64x2.splat(0);
    for (let at: usize = 0, n = width; n > 0; n -= 4, at += 16) {
      const g = keepLanes(scaled(dy, f32x4.splat(1), weight, at), n, f32x4.splat(0));
      const normal = keepLanes(f32x4.mul(v128.load(x + at), factor), n, f32x4.splat(0));
      dot = f64x2.add(dot, f64x2.mul(widenLow(g), widenLow(normal)));
      dot = f64x2.add(dot, f64x2.mul(widenHigh(g), widenHigh(normal)));
    }
    const mean = f32x4.splat(<f32>(sum(dot) / width));
    let at: usize = 0, n = width;
    for (; n > 4; n -= 4, at += 16) v128.store(dx + at, gradient(dy, x, factor, weight, mean, at));
    storeLast(dx + at, gradient(dy, x, factor, weight, mean, at), n);
  }
}

// @ts-ignore: decorator
@inline
function gradient(dy: usize, x: usize, factor: v128, weight: usize, mean: v128, at: usize): v128 {
  let g = v128.load(dy + at);
  if (weight) g = f32x4.mul(g, v128.load(weight + at));
  const normal = f32x4.mul(v128.load(x + at), factor);
  return f32x4.mul(f32x4.sub(g, f32x4.mul(normal, mean)), factor);
}

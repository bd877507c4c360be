// Normalization over rows of contiguous features.
import { addRest, keepLanes, storeLast, widenHigh, widenLow } from "../simd/lanes";
import { assertApart, matrixBytes } from "../simd/preconditions";
import { sumRow } from "./reduce";

/** The sum of (x - mean)² over n elements. */
// @ts-ignore: decorator
@inline
function squaredDeviations(x: usize, mean: v128, n: i32): f64 {
  let low = f64x2.splat(0);
  let high = low;
  for (; n > 0; n -= 4, x += 16) {
    const v = keepLanes(f32x4.sub(v128.load(x), mean), n, f32x4.splat(0));
    const lowTerm = widenLow(v), highTerm = widenHigh(v);
    low = f64x2.add(low, f64x2.mul(lowTerm, lowTerm));
    high = f64x2.add(high, f64x2.mul(highTerm, highTerm));
  }
  const pairs = f64x2.add(low, high);
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}

/**
 * y[rows, width] = (x - mean) / √(variance + eps) · weight + bias by rows, the variance biased; weight and bias [width]
 * are left out where they are 0. stats[rows, 2] = mean and 1 / √(variance + eps). Needs width ≥ 1. Overwrites; y may be x.
 */
export function layerNormForward(
  y: usize, stats: usize, x: usize, weight: usize, bias: usize, rows: i32, width: i32, eps: f64,
): void {
  assert(rows <= 0 || width >= 1, "no mean of nothing");
  assertApart(stats, matrixBytes(rows, 2, 2), y, matrixBytes(rows, width, width));
  const rowBytes = <usize>width << 2;
  for (; rows > 0; rows--, y += rowBytes, x += rowBytes, stats += 8) {
    const mean = <f32>(sumRow(x, width) / width);
    const shift = f32x4.splat(mean);
    const inverse = <f32>(1 / sqrt(squaredDeviations(x, shift, width) / width + eps));
    store<f32>(stats, mean);
    store<f32>(stats, inverse, 4);
    const factor = f32x4.splat(inverse);
    let at: usize = 0, n = width;
    for (; n > 4; n -= 4, at += 16) v128.store(y + at, normalized(x, shift, factor, weight, bias, at));
    storeLast(y + at, normalized(x, shift, factor, weight, bias, at), n);
  }
}

/** (x - shift) · factor · weight + bias of the four elements at `at` bytes. */
// @ts-ignore: decorator
@inline
function normalized(x: usize, shift: v128, factor: v128, weight: usize, bias: usize, at: usize): v128 {
  let v = f32x4.mul(f32x4.sub(v128.load(x + at), shift), factor);
  if (weight) v = f32x4.mul(v, v128.load(weight + at));
  return bias ? f32x4.add(v, v128.load(bias + at)) : v;
}

/**
 * dx[rows, width] of layerNormForward from dy, x and its stats: with g = dy · weight and n the normalized x,
 * dx = (g - mean(g) - n · mean(g · n)) / √(variance + eps). Overwrites; dx may be dy or x.
 */
export function layerNormBackward(
  dx: usize, dy: usize, x: usize, stats: usize, weight: usize, rows: i32, width: i32,
): void {
  const rowBytes = <usize>width << 2;
  const zero = f32x4.splat(0);
  for (; rows > 0; rows--, dx += rowBytes, dy += rowBytes, x += rowBytes, stats += 8) {
    const mean = v128.load32_splat(stats), factor = v128.load32_splat(stats, 4);
    let sum = f64x2.splat(0), dot = sum;
    for (let at: usize = 0, n = width; n > 0; n -= 4, at += 16) {
      let g = v128.load(dy + at);
      if (weight) g = f32x4.mul(g, v128.load(weight + at));
      g = keepLanes(g, n, zero);
      const normal = keepLanes(f32x4.mul(f32x4.sub(v128.load(x + at), mean), factor), n, zero);
      sum = f64x2.add(sum, f64x2.add(widenLow(g), widenHigh(g)));
      dot = f64x2.add(dot, f64x2.mul(widenLow(g), widenLow(normal)));
      dot = f64x2.add(dot, f64x2.mul(widenHigh(g), widenHigh(normal)));
    }
    const meanOfG = f32x4.splat(<f32>((f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)) / width));
    const meanOfDot = f32x4.splat(<f32>((f64x2.extract_lane(dot, 0) + f64x2.extract_lane(dot, 1)) / width));
    for (let at: usize = 0, n = width; ; n -= 4, at += 16) {
      let g = v128.load(dy + at);
      if (weight) g = f32x4.mul(g, v128.load(weight + at));
      const normal = f32x4.mul(f32x4.sub(v128.load(x + at), mean), factor);
      const rest = f32x4.sub(f32x4.sub(g, meanOfG), f32x4.mul(normal, meanOfDot));
      const result = f32x4.mul(rest, factor);
      if (n <= 4) {
        storeLast(dx + at, result, n);
        break;
      }
      v128.store(dx + at, result);
    }
  }
}

/** dWeight[width] += Σ dy · n over the rows, for the normalized x: n = (x - mean) · factor of stats[rows, 2]. Accumulates. */
export function layerNormWeightAcc(dWeight: usize, dy: usize, x: usize, stats: usize, rows: i32, width: i32): void {
  const rowBytes = <usize>width << 2;
  for (; rows > 0; rows--, dy += rowBytes, x += rowBytes, stats += 8) {
    const mean = v128.load32_splat(stats), factor = v128.load32_splat(stats, 4);
    for (let at: usize = 0, n = width; ; n -= 4, at += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + at), mean), factor);
      const term = f32x4.mul(v128.load(dy + at), normal);
      if (n <= 4) {
        addRest(dWeight + at, term, n);
        break;
      }
      v128.store(dWeight + at, f32x4.add(v128.load(dWeight + at), term));
    }
  }
}

// Normalization of channels over a batch: x[batch, channels, inner]. A channel's elements stand in rows of `inner` that lie
// channels · inner apart; each kernel goes through them where they stand.
import { keepLanes, storeLast, widenHigh, widenLow } from "../simd/lanes";
import { assertApart, matrixBytes } from "../simd/preconditions";

/** The sum of both lanes. */
// @ts-ignore: decorator
@inline
function sum(pairs: v128): f64 {
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}

/**
 * stats[2, channels] = mean and biased variance of each channel of x[batch, channels, inner]. One reading: sums of elements and
 * squares in double precision, which costs a variance above a millionth of the squared mean no digit of float32. Needs batch and
 * inner ≥ 1. Overwrites.
 */
export function batchMoments(stats: usize, x: usize, batch: i32, channels: i32, inner: i32): void {
  assert(channels <= 0 || (batch >= 1 && inner >= 1), "no mean of nothing");
  assertApart(stats, matrixBytes(2, channels, channels), x, matrixBytes(batch, channels * inner, channels * inner));
  const rowBytes = <usize>inner << 2, stride = rowBytes * channels;
  const count = <f64>batch * inner;
  const zero = f32x4.splat(0);
  for (let channel = 0; channel < channels; channel++, x += rowBytes, stats += 4) {
    let low = f64x2.splat(0), high = low, lowSquares = low, highSquares = low;
    for (let b = 0, row = x; b < batch; b++, row += stride)
      for (let at: usize = 0, n = inner; n > 0; n -= 4, at += 16) {
        let v = v128.load(row + at);
        if (n < 4) v = keepLanes(v, n, zero);
        const lowTerm = widenLow(v), highTerm = widenHigh(v);
        low = f64x2.add(low, lowTerm);
        high = f64x2.add(high, highTerm);
        lowSquares = f64x2.add(lowSquares, f64x2.mul(lowTerm, lowTerm));
        highSquares = f64x2.add(highSquares, f64x2.mul(highTerm, highTerm));
      }
    const mean = sum(f64x2.add(low, high)) / count;
    const squares = sum(f64x2.add(lowSquares, highSquares)) / count;
    store<f32>(stats, <f32>mean);
    store<f32>(stats + (<usize>channels << 2), <f32>max<f64>(0, squares - mean * mean));
  }
}

/** 1 / √(variance + eps) of a channel. */
// @ts-ignore: decorator
@inline
function inverseDeviation(stats: usize, channels: i32, eps: f64): f32 {
  return <f32>(1 / sqrt(<f64>load<f32>(stats + (<usize>channels << 2)) + eps));
}

/**
 * y[batch, channels, inner] = (x - mean) / √(variance + eps) · weight + bias with stats[2, channels] of batchMoments; weight and bias
 * [channels] are left out where they are 0. Overwrites; y may be x.
 */
export function batchNormForward(
  y: usize, x: usize, stats: usize, weight: usize, bias: usize, batch: i32, channels: i32, inner: i32, eps: f64,
): void {
  const rowBytes = <usize>inner << 2, stride = rowBytes * channels;
  for (let channel: usize = 0; channel < <usize>channels; channel++, x += rowBytes, y += rowBytes, stats += 4) {
    const scale = inverseDeviation(stats, channels, eps) * (weight ? load<f32>(weight + (channel << 2)) : 1);
    const mean = v128.load32_splat(stats), factor = f32x4.splat(scale);
    const shift = f32x4.splat(bias ? load<f32>(bias + (channel << 2)) : 0);
    for (let b = 0, from = x, to = y; b < batch; b++, from += stride, to += stride) {
      let at: usize = 0, n = inner;
      for (; n > 4; n -= 4, at += 16) v128.store(to + at, moved(from + at, mean, factor, shift));
      storeLast(to + at, moved(from + at, mean, factor, shift), n);
    }
  }
}

/** (x - mean) · factor + shift of four elements. */
// @ts-ignore: decorator
@inline
function moved(x: usize, mean: v128, factor: v128, shift: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.sub(v128.load(x), mean), factor), shift);
}

/**
 * sums[2, channels] = Σ dy · n, which is the weight's gradient, and Σ dy, the bias's, with n = (x - mean) / √(variance + eps): what
 * batchNormBackward reads. Overwrites.
 */
export function batchNormSums(
  sums: usize, dy: usize, x: usize, stats: usize, batch: i32, channels: i32, inner: i32, eps: f64,
): void {
  const rowBytes = <usize>inner << 2, stride = rowBytes * channels;
  const zero = f32x4.splat(0);
  for (let channel = 0; channel < channels; channel++, x += rowBytes, dy += rowBytes, stats += 4, sums += 4) {
    const mean = v128.load32_splat(stats);
    let low = f64x2.splat(0), high = low, lowDot = low, highDot = low;
    for (let b = 0, from = x, g = dy; b < batch; b++, from += stride, g += stride)
      for (let at: usize = 0, n = inner; n > 0; n -= 4, at += 16) {
        let d = v128.load(g + at), v = f32x4.sub(v128.load(from + at), mean);
        if (n < 4) d = keepLanes(d, n, zero), v = keepLanes(v, n, zero);
        const lowTerm = widenLow(d), highTerm = widenHigh(d);
        low = f64x2.add(low, lowTerm);
        high = f64x2.add(high, highTerm);
        lowDot = f64x2.add(lowDot, f64x2.mul(lowTerm, widenLow(v)));
        highDot = f64x2.add(highDot, f64x2.mul(highTerm, widenHigh(v)));
      }
    const dot = sum(f64x2.add(lowDot, highDot)) * inverseDeviation(stats, channels, eps);
    store<f32>(sums, <f32>dot);
    store<f32>(sums + (<usize>channels << 2), <f32>sum(f64x2.add(low, high)));
  }
}

/**
 * dx[batch, channels, inner] of batchNormForward, the statistics being those of x: with n = (x - mean) / √(variance + eps) and means over
 * the channel, dx = (dy - mean(dy) - n · mean(dy · n)) · weight / √(variance + eps). Overwrites; dx may be dy or x.
 *
 * @param sums of batchNormSums
 */
export function batchNormBackward(
  dx: usize, dy: usize, x: usize, stats: usize, sums: usize, weight: usize,
  batch: i32, channels: i32, inner: i32, eps: f64,
): void {
  const rowBytes = <usize>inner << 2, stride = rowBytes * channels;
  const count = <f64>batch * inner;
  for (let channel: usize = 0; channel < <usize>channels; channel++, stats += 4, sums += 4) {
    const inverse = inverseDeviation(stats, channels, eps);
    const factor = f32x4.splat(inverse * (weight ? load<f32>(weight + (channel << 2)) : 1));
    const mean = v128.load32_splat(stats);
    const meanOfDy = f32x4.splat(<f32>(<f64>load<f32>(sums + (<usize>channels << 2)) / count));
    // n · mean(dy · n) = (x - mean) · slope
    const slope = f32x4.splat(<f32>(<f64>load<f32>(sums) * inverse / count));
    for (let b = 0, row = channel * rowBytes; b < batch; b++, row += stride) {
      let at = row, n = inner;
      for (; n > 4; n -= 4, at += 16)
        v128.store(dx + at, gradient(dy + at, x + at, mean, meanOfDy, slope, factor));
      storeLast(dx + at, gradient(dy + at, x + at, mean, meanOfDy, slope, factor), n);
    }
  }
}

/** (dy - meanOfDy - (x - mean) · slope) · factor of four elements. */
// @ts-ignore: decorator
@inline
function gradient(dy: usize, x: usize, mean: v128, meanOfDy: v128, slope: v128, factor: v128): v128 {
  const along = f32x4.mul(f32x4.sub(v128.load(x), mean), slope);
  return f32x4.mul(f32x4.sub(f32x4.sub(v128.load(dy), meanOfDy), along), factor);
}

// The streaming softmax (Milakov and Gimelshein: Online normalizer calculation for softmax, 2018), in base 2. A row's
// numbers depend on nothing but its own scores, block after block from key 0 on.
import { TILE_ROWS } from "../gemm/panels";
import { inlinedLog } from "../simd/exp";
import { vexp2 } from "../simd/exp2";
import { hmax, hsumWide, keepLanes } from "../simd/lanes";

/** Scores are multiplied with this beside the scale: 2^(x · log2 e) = e^x. */
export const LOG2E: f64 = 1.4426950408889634;
export const LN2: f64 = 0.6931471805599453;

/**
 * x = 2^(x - m), the weights of a row's next n keys but for its sum, m its largest score so far; zeros behind them, as far
 * as a tile may read. `most` (float32) and `total` (float64) are the row's largest score and sum, `mix` its mixed values
 * [width]: all are rescaled where m rises. Reads and writes whole vectors.
 */
export function weigh(x: usize, n: i32, most: usize, total: usize, mix: usize, width: i32): void {
  const least = f32x4.splat(-Infinity);
  const end = x + (<usize>n << 2);
  const whole = x + (<usize>(n & -4) << 2);
  let a = least, b = least;
  let at = x;
  for (; at + 32 <= whole; at += 32) {
    a = f32x4.pmax(a, v128.load(at));
    b = f32x4.pmax(b, v128.load(at, 16));
  }
  if (at < whole) {
    a = f32x4.pmax(a, v128.load(at));
    at += 16;
  }
  if (n & 3) {
    const rest = keepLanes(v128.load(at), n & 3, least);
    v128.store(at, rest);
    b = f32x4.pmax(b, rest);
    at += 16;
  }
  for (; at < end + (<usize>(TILE_ROWS - 1) << 2); at += 16) v128.store(at, least);
  const before = load<f32>(most);
  const highest = hmax(f32x4.pmax(a, b));
  let m = before;
  let sum = load<f64>(total);
  if (highest > before) {
    m = highest;
    store<f32>(most, m);
    // The first block has nothing to rescale.
    if (before != -Infinity) {
      const factor = vexp2(f32x4.splat(before - m));
      sum *= <f64>f32x4.extract_lane(factor, 0);
      for (const to = mix + (<usize>width << 2); mix < to; mix += 16) v128.store(mix, f32x4.mul(v128.load(mix), factor));
    }
  }
  const shift = f32x4.splat(m == -Infinity ? 0 : m);
  let first = f32x4.splat(0), second = first;
  for (; x < at - 16; x += 32) {
    const v = vexp2(f32x4.sub(v128.load(x), shift));
    const w = vexp2(f32x4.sub(v128.load(x, 16), shift));
    v128.store(x, v);
    v128.store(x, w, 16);
    first = f32x4.add(first, v);
    second = f32x4.add(second, w);
  }
  if (x < at) {
    const v = vexp2(f32x4.sub(v128.load(x), shift));
    v128.store(x, v);
    first = f32x4.add(first, v);
  }
  store<f64>(total, sum + hsumWide(f32x4.add(first, second)));
}

/** log2 Σ 2^score of a row, Infinity where it saw nothing: all its weights are then 0. */
export function logTotal(most: f32, total: f64): f32 {
  if (total == 0) return Infinity;
  return most + <f32>(<f64>f32x4.extract_lane(inlinedLog(f32x4.splat(<f32>total)), 0) * LOG2E);
}

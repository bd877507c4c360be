// Running products along an axis, in double precision.
import { storeRest, widenHigh, widenLow } from "../simd/lanes";
import { assertApart } from "../simd/preconditions";

function storeNarrow(out: usize, low: v128, high: v128, count: i32): void {
  const narrowLow = f32x4.demote_f64x2_zero(low);
  const narrowHigh = f32x4.demote_f64x2_zero(high);
  storeRest(out, v128.shuffle<f32>(narrowLow, narrowHigh, 0, 1, 4, 5), count);
}

/** out[outer, length, inner] = the running products of x over the middle axis. Overwrites; no aliasing. */
export function cumprodForward(out: usize, x: usize, outer: i32, length: i32, inner: i32): void {
  const blockBytes = <usize>(length * inner) << 2;
  assertApart(out, <usize>outer * blockBytes, x, <usize>outer * blockBytes);
  const step = <usize>inner << 2;
  for (; outer > 0; outer--, out += blockBytes, x += blockBytes) {
    for (let column = 0; column < inner; column += 4) {
      let low = f64x2.splat(1);
      let high = low;
      let at = <usize>column << 2;
      for (let i = length; i > 0; i--, at += step) {
        const v = v128.load(x + at);
        low = f64x2.mul(low, widenLow(v));
        high = f64x2.mul(high, widenHigh(v));
        storeNarrow(out + at, low, high, inner - column);
      }
    }
  }
}

/**
 * The gradient of running products y of x[outer, length, inner]: dx_i = y_{i-1} · s_i with s_i = dy_i + x_{i+1} · s_{i+1}. No
 * division: exact where x is 0. Overwrites; no aliasing.
 */
export function cumprodBackward(
  dx: usize, dy: usize, x: usize, y: usize, outer: i32, length: i32, inner: i32,
): void {
  const blockBytes = <usize>(length * inner) << 2;
  assertApart(dx, <usize>outer * blockBytes, x, <usize>outer * blockBytes);
  const step = <usize>inner << 2;
  for (; outer > 0; outer--, dx += blockBytes, dy += blockBytes, x += blockBytes, y += blockBytes) {
    for (let column = 0; column < inner; column += 4) {
      let low = f64x2.splat(0);
      let high = low;
      let at = blockBytes + (<usize>column << 2);
      for (let i = length; i > 0; i--) {
        at -= step;
        const v = v128.load(dy + at);
        low = f64x2.add(low, widenLow(v));
        high = f64x2.add(high, widenHigh(v));
        const before = i > 1 ? v128.load(y + at - step) : f32x4.splat(1);
        storeNarrow(
          dx + at, f64x2.mul(low, widenLow(before)), f64x2.mul(high, widenHigh(before)), inner - column,
        );
        const factor = v128.load(x + at);
        low = f64x2.mul(low, widenLow(factor));
        high = f64x2.mul(high, widenHigh(factor));
      }
    }
  }
}

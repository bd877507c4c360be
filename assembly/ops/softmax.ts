// Softmax and its kin over rows of contiguous classes. -Infinity entries have probability 0.
import { storeLast } from "../simd/lanes";
import { vexpFlushedPlain } from "../simd/exp";
import { assertApart, matrixBytes } from "../simd/preconditions";
import { scale } from "./elementwise";
import { dotRow, expSumRow, logOf, maxRow, sumRow } from "./reduce";

/** The largest of a row, or 0 where all are -Infinity: what is subtracted before exponentials. */
export function shiftOfRow(x: usize, n: i32): f32 {
  const most = maxRow(x, n);
  return most == -Infinity ? 0 : most;
}

/**
 * out = softmax(x) by rows. A row of -Infinity alone gives 0 · `empty`: NaN for NaN, 0 for 0. Overwrites; out
 * may be x.
 */
export function softmaxForward(out: usize, x: usize, rows: i32, classes: i32, empty: f32): void {
  const rowBytes = <usize>classes << 2;
  for (; rows > 0; rows--, out += rowBytes, x += rowBytes) {
    const total = expSumRow(out, x, classes, shiftOfRow(x, classes));
    scale(out, out, classes, total == 0 ? empty : <f32>(1 / total));
  }
}

/** dx = y · (dy - Σ dy · y) by rows, for y = softmax(x). Overwrites; dx may be dy or y. */
export function softmaxBackward(dx: usize, dy: usize, y: usize, rows: i32, classes: i32): void {
  const rowBytes = <usize>classes << 2;
  for (; rows > 0; rows--, dx += rowBytes, dy += rowBytes, y += rowBytes) {
    const mean = f32x4.splat(<f32>dotRow(dy, y, classes));
    for (let at: usize = 0, n = classes; ; n -= 4, at += 16) {
      const v = f32x4.mul(v128.load(y + at), f32x4.sub(v128.load(dy + at), mean));
      if (n <= 4) {
        storeLast(dx + at, v, n);
        break;
      }
      v128.store(dx + at, v);
    }
  }
}

/**
 * out = log(softmax(x)) by rows. A row of -Infinity alone gives -Infinity - `empty`: NaN for NaN, itself for 0.
 * Overwrites; out may be x.
 */
export function logSoftmaxForward(out: usize, x: usize, rows: i32, classes: i32, empty: f32): void {
  const rowBytes = <usize>classes << 2;
  for (; rows > 0; rows--, out += rowBytes, x += rowBytes) {
    const most = shiftOfRow(x, classes);
    const total = expSumRow(0, x, classes, most);
    const logTotal = f32x4.splat(total == 0 ? empty : logOf(total));
    const shift = f32x4.splat(most);
    for (let at: usize = 0, n = classes; ; n -= 4, at += 16) {
      const v = f32x4.sub(f32x4.sub(v128.load(x + at), shift), logTotal);
      if (n <= 4) {
        storeLast(out + at, v, n);
        break;
      }
      v128.store(out + at, v);
    }
  }
}

/** dx = dy - exp(y) · Σ dy by rows, for y = logSoftmax(x). Overwrites; dx may be dy or y. */
export function logSoftmaxBackward(dx: usize, dy: usize, y: usize, rows: i32, classes: i32): void {
  const rowBytes = <usize>classes << 2;
  for (; rows > 0; rows--, dx += rowBytes, dy += rowBytes, y += rowBytes) {
    const total = f32x4.splat(<f32>sumRow(dy, classes));
    for (let at: usize = 0, n = classes; ; n -= 4, at += 16) {
      const share = f32x4.mul(vexpFlushedPlain(v128.load(y + at)), total);
      const result = f32x4.sub(v128.load(dy + at), share);
      if (n <= 4) {
        storeLast(dx + at, result, n);
        break;
      }
      v128.store(dx + at, result);
    }
  }
}

/** out[row] = log Σ exp(x) by rows; -Infinity for a row of nothing else. Overwrites; no aliasing. */
export function logSumExpForward(out: usize, x: usize, rows: i32, classes: i32): void {
  assertApart(out, matrixBytes(1, rows, rows), x, matrixBytes(rows, classes, classes));
  for (; rows > 0; rows--, out += 4, x += <usize>classes << 2) {
    const most = maxRow(x, classes);
    const shift: f32 = abs(most) == Infinity ? 0 : most;
    store<f32>(out, logOf(expSumRow(0, x, classes, shift)) + shift);
  }
}

/** dx = dy[row] · exp(x - y[row]) for y = logSumExp(x) by rows. Overwrites; dx may be x. */
export function logSumExpBackward(dx: usize, dy: usize, x: usize, y: usize, rows: i32, classes: i32): void {
  const rowBytes = <usize>classes << 2;
  for (; rows > 0; rows--, dx += rowBytes, x += rowBytes, dy += 4, y += 4) {
    const gradient = v128.load32_splat(dy);
    const shift = v128.load32_splat(y);
    for (let at: usize = 0, n = classes; ; n -= 4, at += 16) {
      const v = f32x4.mul(vexpFlushedPlain(f32x4.sub(v128.load(x + at), shift)), gradient);
      if (n <= 4) {
        storeLast(dx + at, v, n);
        break;
      }
      v128.store(dx + at, v);
    }
  }
}

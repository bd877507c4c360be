// Reductions. Sums accumulate in double precision and a fixed order: what they give is the exact sum
// rounded once, whatever its length, and the same bits everywhere.
import { hmax, keepLanes, select, storeLast, storeRest, widenHigh, widenLow } from "../simd/lanes";
import { vexpFlushed, vlog } from "../simd/exp";
import { assertApart, matrixBytes } from "../simd/preconditions";

const SUM = 0;
const SQUARES = 1;
const DOT = 2;

// @ts-ignore: decorator
@inline
function reduceRow(op: i32, x: usize, y: usize, n: i32): f64 {
  const zero = f32x4.splat(0);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (; n > 0; n -= 4, x += 16, y += 16) {
    let v = v128.load(x);
    if (n < 4) v = keepLanes(v, n, zero);
    let lowTerm = widenLow(v);
    let highTerm = widenHigh(v);
    if (op == SQUARES) {
      lowTerm = f64x2.mul(lowTerm, lowTerm);
      highTerm = f64x2.mul(highTerm, highTerm);
    }
    if (op == DOT) {
      const w = keepLanes(v128.load(y), n, zero);
      lowTerm = f64x2.mul(lowTerm, widenLow(w));
      highTerm = f64x2.mul(highTerm, widenHigh(w));
    }
    low = f64x2.add(low, lowTerm);
    high = f64x2.add(high, highTerm);
  }
  const pairs = f64x2.add(low, high);
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}

/** The sum of n elements. */
export function sumRow(x: usize, n: i32): f64 {
  return reduceRow(SUM, x, 0, n);
}

/** The sum of x · y over n elements. */
export function dotRow(x: usize, y: usize, n: i32): f64 {
  return reduceRow(DOT, x, y, n);
}

/** The sum of the squares of n elements, in double precision: it cannot overflow. */
export function sumSquares(x: usize, n: i32): f64 {
  return reduceRow(SQUARES, x, 0, n);
}

/** The largest of n elements; where one is NaN, any of them. */
export function maxRow(x: usize, n: i32): f32 {
  const least = f32x4.splat(-Infinity);
  let most = least;
  for (; n > 0; n -= 4, x += 16) most = f32x4.pmax(most, keepLanes(v128.load(x), n, least));
  return hmax(most);
}

/** The sum of exp(x - shift) over n elements; with `out` not 0, the exponentials go there. */
export function expSumRow(out: usize, x: usize, n: i32, shift: f32): f64 {
  const subtrahend = f32x4.splat(shift);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (; ; n -= 4, x += 16) {
    let v = vexpFlushed(f32x4.sub(v128.load(x), subtrahend));
    if (n <= 4) {
      if (out) storeLast(out, v, n);
      v = keepLanes(v, n, f32x4.splat(0));
      low = f64x2.add(low, widenLow(v));
      high = f64x2.add(high, widenHigh(v));
      break;
    }
    if (out) {
      v128.store(out, v);
      out += 16;
    }
    low = f64x2.add(low, widenLow(v));
    high = f64x2.add(high, widenHigh(v));
  }
  const pairs = f64x2.add(low, high);
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}

/** log(x) of one number. */
// @ts-ignore: decorator
@inline
export function logOf(x: f64): f32 {
  return f32x4.extract_lane(vlog(f32x4.splat(<f32>x)), 0);
}

/** Sums of eight neighbouring columns, added to what `out` holds or written there. */
// @ts-ignore: decorator
@inline
function sumColumns(out: usize, x: usize, rows: i32, inner: i32, columns: i32, accumulates: bool): void {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  for (; rows > 0; rows--, x += <usize>inner << 2) {
    const v = v128.load(x);
    const w = v128.load(x, 16);
    a = f64x2.add(a, widenLow(v));
    b = f64x2.add(b, widenHigh(v));
    c = f64x2.add(c, widenLow(w));
    d = f64x2.add(d, widenHigh(w));
  }
  storeSums(out, a, b, columns, accumulates);
  if (columns > 4) storeSums(out + 16, c, d, columns - 4, accumulates);
}

function storeSums(out: usize, low: v128, high: v128, count: i32, accumulates: bool): void {
  const narrowLow = f32x4.demote_f64x2_zero(low);
  const narrowHigh = f32x4.demote_f64x2_zero(high);
  const sums = v128.shuffle<f32>(narrowLow, narrowHigh, 0, 1, 4, 5);
  storeRest(out, accumulates ? f32x4.add(v128.load(out), sums) : sums, count);
}

function sumOver(out: usize, x: usize, outer: i32, length: i32, inner: i32, accumulates: bool): void {
  assertApart(out, matrixBytes(outer, inner, inner), x, matrixBytes(outer, length * inner, length * inner));
  for (; outer > 0; outer--) {
    if (inner == 1) {
      const total = <f32>sumRow(x, length);
      store<f32>(out, accumulates ? load<f32>(out) + total : total);
    } else {
      for (let column = 0; column < inner; column += 8) {
        const offset = <usize>column << 2;
        sumColumns(out + offset, x + offset, length, inner, inner - column, accumulates);
      }
    }
    out += <usize>inner << 2;
    x += <usize>(length * inner) << 2;
  }
}

/** out[outer, inner] = the sums of x[outer, length, inner] over the middle axis. Overwrites; no aliasing. */
export function sumAxis(out: usize, x: usize, outer: i32, length: i32, inner: i32): void {
  sumOver(out, x, outer, length, inner, false);
}

/** out[outer, inner] += the sums of x[outer, length, inner] over the middle axis. Accumulates; no aliasing. */
export function sumAxisAcc(out: usize, x: usize, outer: i32, length: i32, inner: i32): void {
  sumOver(out, x, outer, length, inner, true);
}

/** out[outer, length, inner] = x[outer, inner] · factor, repeated over the middle axis: the gradient of a sum or mean. Overwrites; no aliasing. */
export function expandAxis(out: usize, x: usize, outer: i32, length: i32, inner: i32, factor: f32): void {
  assertApart(out, matrixBytes(outer, length * inner, length * inner), x, matrixBytes(outer, inner, inner));
  const scale = f32x4.splat(factor);
  for (; outer > 0; outer--, x += <usize>inner << 2) {
    if (inner == 1) {
      const v = f32x4.mul(v128.load32_splat(x), scale);
      const end = out + (<usize>length << 2);
      let n = length;
      for (; n > 4; n -= 4, out += 16) v128.store(out, v);
      storeRest(out, v, n);
      out = end;
    } else {
      for (let i = 0; i < length; i++) {
        const end = out + (<usize>inner << 2);
        let from = x, n = inner;
        for (; n > 4; n -= 4, out += 16, from += 16) v128.store(out, f32x4.mul(v128.load(from), scale));
        storeRest(out, f32x4.mul(v128.load(from), scale), n);
        out = end;
      }
    }
  }
}

/** Lanes of v that replace those of best: larger, or the first NaN. */
// @ts-ignore: decorator
@inline
export function replaces(v: v128, best: v128): v128 {
  return v128.andnot(f32x4.eq(best, best), f32x4.le(v, best));
}

/** Index of the first maximum of a row of n ≥ 1 elements, or of its first NaN. */
function argmaxRow(x: usize, n: i32): i32 {
  const least = f32x4.splat(-Infinity);
  const step = i32x4.splat(4);
  let index = i32x4(0, 1, 2, 3);
  let best = keepLanes(v128.load(x), n, least);
  let bestIndex = index;
  for (n -= 4; n > 0; n -= 4) {
    x += 16;
    index = i32x4.add(index, step);
    const v = keepLanes(v128.load(x), n, least);
    const better = replaces(v, best);
    best = select(better, v, best);
    bestIndex = select(better, index, bestIndex);
  }
  const nan = f32x4.ne(best, best);
  const candidates = v128.any_true(nan) ? nan : f32x4.eq(best, f32x4.splat(hmax(best)));
  // The smallest index among the lanes that hold the maximum.
  let first = select(candidates, bestIndex, i32x4.splat(i32.MAX_VALUE));
  first = i32x4.min_s(first, v128.shuffle<i32>(first, first, 2, 3, 0, 1));
  first = i32x4.min_s(first, v128.shuffle<i32>(first, first, 1, 0, 3, 2));
  return i32x4.extract_lane(first, 0);
}

/**
 * out[outer, inner] = the maxima of x[outer, length, inner] over the middle axis (none written where out is 0),
 * indices (int32) = where each first occurs. NaN counts as the largest. Needs length ≥ 1. Overwrites; no aliasing.
 */
export function maxAxis(out: usize, indices: usize, x: usize, outer: i32, length: i32, inner: i32): void {
  assert(outer <= 0 || length >= 1, "no maximum of nothing");
  assertApart(indices, matrixBytes(outer, inner, inner), x, matrixBytes(outer, length * inner, length * inner));
  for (; outer > 0; outer--) {
    if (inner == 1) {
      const index = argmaxRow(x, length);
      store<i32>(indices, index);
      if (out) store<f32>(out, load<f32>(x + (<usize>index << 2)));
    } else {
      for (let column = 0; column < inner; column += 4) {
        const offset = <usize>column << 2;
        let from = x + offset;
        let best = v128.load(from);
        let bestIndex = i32x4.splat(0);
        for (let i = 1; i < length; i++) {
          from += <usize>inner << 2;
          const v = v128.load(from);
          const better = replaces(v, best);
          best = select(better, v, best);
          bestIndex = select(better, i32x4.splat(i), bestIndex);
        }
        storeLast(indices + offset, bestIndex, inner - column);
        if (out) storeLast(out + offset, best, inner - column);
      }
    }
    if (out) out += <usize>inner << 2;
    indices += <usize>inner << 2;
    x += <usize>(length * inner) << 2;
  }
}

/**
 * out[outer, length, inner] = the running sums of x over the middle axis, in double precision; with `reverse` from
 * its end, the gradient. Overwrites; no aliasing.
 */
export function cumsum(out: usize, x: usize, outer: i32, length: i32, inner: i32, reverse: bool): void {
  const blockBytes = <usize>(length * inner) << 2;
  assertApart(out, <usize>outer * blockBytes, x, <usize>outer * blockBytes);
  const lastRow = reverse ? <usize>((length - 1) * inner) << 2 : 0;
  const step = reverse ? -inner << 2 : inner << 2;
  for (; outer > 0; outer--, out += blockBytes, x += blockBytes) {
    for (let column = 0; column < inner; column += 4) {
      let at = lastRow + (<usize>column << 2);
      let low = f64x2.splat(0);
      let high = low;
      for (let i = length; i > 0; i--, at += step) {
        const v = v128.load(x + at);
        low = f64x2.add(low, widenLow(v));
        high = f64x2.add(high, widenHigh(v));
        storeSums(out + at, low, high, inner - column, false);
      }
    }
  }
}

// Attention of one new query a row over keys and values that a stream keeps.
import { madd } from "../simd/madd";
import { assertAligned } from "../simd/preconditions";
import { finish } from "./forward";
import { copyScaled } from "./copies";
import { BLOCK_KEYS, floats, padded, SCORE_ROW } from "./layout";
import { LOG2E, weigh } from "./softmax";

/** Bytes of scratch that attentionStep needs. */
export function attentionStepScratchBytes(size: i32, valueSize: i32): usize {
  return floats(4) + floats(padded(size)) + floats(padded(valueSize)) + floats(SCORE_ROW);
}

/**
 * out [rows, heads · valueSize] = the mix of each query's keys: the bits that attentionForward gives a query that sees as
 * many. `keys` and `values` are [rows of them, capacity, ·] with `keyRow` and `valueRow` elements from key to key, the
 * features of a head side by side; `index` [rows] has each query's row of them, or is 0 where these are the same; `counts`
 * [rows] how many keys a query sees, the first ones. Zeros where that is none. Overwrites; no aliasing.
 */
export function attentionStep(
  out: usize, query: usize, keys: usize, values: usize, index: usize, counts: usize, scratch: usize, scale: f32, rows: i32, heads: i32,
  size: i32, valueSize: i32, outRow: i32, queryRow: i32, keyRow: i32, valueRow: i32, capacity: i32,
): void {
  assertAligned(scratch);
  const depth = padded(size), width = padded(valueSize);
  const own = scratch + floats(4), mix = own + floats(depth), weights = mix + floats(width);
  const total = scratch, most = scratch + 8;
  const factor = <f32>(<f64>scale * LOG2E);
  for (let row = 0; row < rows; row++) {
    const count = load<i32>(counts + (<usize>row << 2));
    const place = <usize>(index ? load<i32>(index + (<usize>row << 2)) : row) * capacity;
    for (let head = 0; head < heads; head++) {
      copyScaled(own, query + (<usize>(row * queryRow + head * size) << 2), 1, size, depth, size, factor);
      memory.fill(mix, 0, <usize>width << 2);
      store<f64>(total, 0);
      store<f32>(most, -Infinity);
      let key = keys + ((place * keyRow + head * size) << 2), value = values + ((place * valueRow + head * valueSize) << 2);
      for (let n = count; n > 0; n -= BLOCK_KEYS) {
        const here = min(n, BLOCK_KEYS);
        scoreRow(weights, own, key, here, size, keyRow);
        weigh(weights, here, most, total, mix, width);
        mixRow(mix, weights, value, here, valueSize, valueRow);
        key += <usize>(BLOCK_KEYS * keyRow) << 2;
        value += <usize>(BLOCK_KEYS * valueRow) << 2;
      }
      finish(out + (<usize>(row * outRow + head * valueSize) << 2), mix, valueSize, load<f64>(total), 0);
    }
  }
}

/**
 * c [n] = the products of a with each key: of each the sum takes the features in order, as a tile does. Sixteen keys go on
 * side by side, since the next term of a sum waits for the one before.
 */
function scoreRow(c: usize, a: usize, keys: usize, n: i32, size: i32, ld: i32): void {
  const stride = <usize>ld << 2;
  const last = keys + <usize>(n - 1) * stride;
  for (; n >= 16; n -= 16, c += 64, keys += 16 * stride) scoreSixteen(c, a, keys, size, stride);
  for (; n > 0; n -= 4, c += 16, keys += 4 * stride) {
    // Keys behind the last repeat it.
    let k0 = keys, k1 = min(k0 + stride, last), k2 = min(k1 + stride, last), k3 = min(k2 + stride, last);
    let sum = f32x4.splat(0);
    let x = a;
    for (let i = size; i >= 4; i -= 4, x += 16, k0 += 16, k1 += 16, k2 += 16, k3 += 16)
      sum = addFour(sum, v128.load32_splat(x), v128.load32_splat(x, 4), v128.load32_splat(x, 8), v128.load32_splat(x, 12), k0, k1, k2, k3);
    for (let i = size & 3; i > 0; i--, x += 4, k0 += 4, k1 += 4, k2 += 4, k3 += 4)
      sum = madd(v128.load32_splat(x), gather(k0, k1, k2, k3), sum);
    v128.store(c, sum);
  }
}

/** Four sums of four keys each. */
function scoreSixteen(c: usize, a: usize, keys: usize, size: i32, stride: usize): void {
  const two = stride * 2, three = stride * 3, four = stride * 4;
  let k0 = keys, k4 = k0 + four, k8 = k4 + four, k12 = k8 + four, x = a;
  let s0 = f32x4.splat(0), s4 = s0, s8 = s0, s12 = s0;
  for (let i = size; i >= 4; i -= 4, x += 16, k0 += 16, k4 += 16, k8 += 16, k12 += 16) {
    const x0 = v128.load32_splat(x), x1 = v128.load32_splat(x, 4), x2 = v128.load32_splat(x, 8), x3 = v128.load32_splat(x, 12);
    s0 = addFour(s0, x0, x1, x2, x3, k0, k0 + stride, k0 + two, k0 + three);
    s4 = addFour(s4, x0, x1, x2, x3, k4, k4 + stride, k4 + two, k4 + three);
    s8 = addFour(s8, x0, x1, x2, x3, k8, k8 + stride, k8 + two, k8 + three);
    s12 = addFour(s12, x0, x1, x2, x3, k12, k12 + stride, k12 + two, k12 + three);
  }
  for (let i = size & 3; i > 0; i--, x += 4, k0 += 4, k4 += 4, k8 += 4, k12 += 4) {
    const one = v128.load32_splat(x);
    s0 = madd(one, gather(k0, k0 + stride, k0 + two, k0 + three), s0);
    s4 = madd(one, gather(k4, k4 + stride, k4 + two, k4 + three), s4);
    s8 = madd(one, gather(k8, k8 + stride, k8 + two, k8 + three), s8);
    s12 = madd(one, gather(k12, k12 + stride, k12 + two, k12 + three), s12);
  }
  v128.store(c, s0);
  v128.store(c, s4, 16);
  v128.store(c, s8, 32);
  v128.store(c, s12, 48);
}

/** The sums of four keys, and four features of each times x. */
// @ts-ignore: decorator
@inline
function addFour(sum: v128, x0: v128, x1: v128, x2: v128, x3: v128, k0: usize, k1: usize, k2: usize, k3: usize): v128 {
  const v0 = v128.load(k0), v1 = v128.load(k1), v2 = v128.load(k2), v3 = v128.load(k3);
  const low01 = v128.shuffle<f32>(v0, v1, 0, 4, 1, 5), low23 = v128.shuffle<f32>(v2, v3, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(v0, v1, 2, 6, 3, 7), high23 = v128.shuffle<f32>(v2, v3, 2, 6, 3, 7);
  sum = madd(x0, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), sum);
  sum = madd(x1, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), sum);
  sum = madd(x2, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), sum);
  return madd(x3, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), sum);
}

/** One feature of four keys. */
// @ts-ignore: decorator
@inline
function gather(k0: usize, k1: usize, k2: usize, k3: usize): v128 {
  let v = v128.load32_zero(k0);
  v = v128.load32_lane(k1, v, 1);
  v = v128.load32_lane(k2, v, 2);
  return v128.load32_lane(k3, v, 3);
}

/** mix [width in whole tiles of 16] += weights · values over n keys, each feature's sum in the order of the keys. */
function mixRow(mix: usize, weights: usize, values: usize, n: i32, width: i32, ld: i32): void {
  const stride = <usize>ld << 2;
  const end = weights + (<usize>n << 2);
  for (; width > 16; width -= 32, mix += 128, values += 128) mixTwo(mix, weights, values, end, stride);
  if (width > 0) mixOne(mix, weights, values, end, stride);
}

function mixOne(mix: usize, weights: usize, values: usize, end: usize, stride: usize): void {
  let a = v128.load(mix), b = v128.load(mix, 16), c = v128.load(mix, 32), d = v128.load(mix, 48);
  for (; weights < end; weights += 4, values += stride) {
    const weight = v128.load32_splat(weights);
    a = madd(weight, v128.load(values), a);
    b = madd(weight, v128.load(values, 16), b);
    c = madd(weight, v128.load(values, 32), c);
    d = madd(weight, v128.load(values, 48), d);
  }
  v128.store(mix, a);
  v128.store(mix, b, 16);
  v128.store(mix, c, 32);
  v128.store(mix, d, 48);
}

/** Two tiles: eight sums side by side keep both units busy. */
function mixTwo(mix: usize, weights: usize, values: usize, end: usize, stride: usize): void {
  let a = v128.load(mix), b = v128.load(mix, 16), c = v128.load(mix, 32), d = v128.load(mix, 48);
  let e = v128.load(mix, 64), f = v128.load(mix, 80), g = v128.load(mix, 96), h = v128.load(mix, 112);
  for (; weights < end; weights += 4, values += stride) {
    const weight = v128.load32_splat(weights);
    a = madd(weight, v128.load(values), a);
    b = madd(weight, v128.load(values, 16), b);
    c = madd(weight, v128.load(values, 32), c);
    d = madd(weight, v128.load(values, 48), d);
    e = madd(weight, v128.load(values, 64), e);
    f = madd(weight, v128.load(values, 80), f);
    g = madd(weight, v128.load(values, 96), g);
    h = madd(weight, v128.load(values, 112), h);
  }
  v128.store(mix, a);
  v128.store(mix, b, 16);
  v128.store(mix, c, 32);
  v128.store(mix, d, 48);
  v128.store(mix, e, 64);
  v128.store(mix, f, 80);
  v128.store(mix, g, 96);
  v128.store(mix, h, 112);
}

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

/** c [n] = the products of a with each key, four at a time: of each the sum takes the features in order, as a tile does. */
function scoreRow(c: usize, a: usize, keys: usize, n: i32, size: i32, ld: i32): void {
  const stride = <usize>ld << 2;
  const last = keys + <usize>(n - 1) * stride;
  for (; n > 0; n -= 4, c += 16) {
    // Keys behind the last repeat it.
    let k0 = keys, k1 = min(k0 + stride, last), k2 = min(k1 + stride, last), k3 = min(k2 + stride, last);
    keys += 4 * stride;
    let sum = f32x4.splat(0);
    let x = a;
    for (let i = size; i >= 4; i -= 4, x += 16, k0 += 16, k1 += 16, k2 += 16, k3 += 16) {
      const v0 = v128.load(k0), v1 = v128.load(k1), v2 = v128.load(k2), v3 = v128.load(k3);
      const low01 = v128.shuffle<f32>(v0, v1, 0, 4, 1, 5), low23 = v128.shuffle<f32>(v2, v3, 0, 4, 1, 5);
      const high01 = v128.shuffle<f32>(v0, v1, 2, 6, 3, 7), high23 = v128.shuffle<f32>(v2, v3, 2, 6, 3, 7);
      sum = madd(v128.load32_splat(x), v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), sum);
      sum = madd(v128.load32_splat(x, 4), v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), sum);
      sum = madd(v128.load32_splat(x, 8), v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), sum);
      sum = madd(v128.load32_splat(x, 12), v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), sum);
    }
    for (let i = size & 3; i > 0; i--, x += 4, k0 += 4, k1 += 4, k2 += 4, k3 += 4) {
      let v = v128.load32_zero(k0);
      v = v128.load32_lane(k1, v, 1);
      v = v128.load32_lane(k2, v, 2);
      v = v128.load32_lane(k3, v, 3);
      sum = madd(v128.load32_splat(x), v, sum);
    }
    v128.store(c, sum);
  }
}

/** mix [width in whole vectors] += weights · values over n keys, each feature's sum in the order of the keys. */
function mixRow(mix: usize, weights: usize, values: usize, n: i32, width: i32, ld: i32): void {
  const stride = <usize>ld << 2;
  const end = weights + (<usize>n << 2);
  for (; width > 0; width -= 16, mix += 64, values += 64) {
    let a = v128.load(mix), b = v128.load(mix, 16), c = v128.load(mix, 32), d = v128.load(mix, 48);
    let value = values;
    for (let at = weights; at < end; at += 4, value += stride) {
      const weight = v128.load32_splat(at);
      a = madd(weight, v128.load(value), a);
      b = madd(weight, v128.load(value, 16), b);
      c = madd(weight, v128.load(value, 32), c);
      d = madd(weight, v128.load(value, 48), d);
    }
    v128.store(mix, a);
    v128.store(mix, b, 16);
    v128.store(mix, c, 32);
    v128.store(mix, d, 48);
  }
}

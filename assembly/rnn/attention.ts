// Attention of single queries, as a decoder asks them step by step: rows of queries, each over the keys and values of its
// row of the memory, [memory rows, S, K] and [memory rows, S, M]. The score of a key is scale · qᵀk, or with `v` [K]
// vᵀ tanh(q + k). `index` [rows] has each row's row of the memory, or is 0 where these are the same; `mask`
// [memory rows, S] is not 0 where a key counts, or is 0 where all do; a row whose `active` [rows] is 0 is left out.
import { addRest, hsum, laneMask, storeRest } from "../simd/lanes";
import { madd } from "../simd/madd";
import { vtanh } from "../simd/activate";
import { assertApart, matrixBytes } from "../simd/preconditions";
import { softmaxForward } from "../ops/softmax";
import { isActive } from "./rows";

/**
 * context [rows, M], `contextRow` elements from row to row, = Σ weights · values; weights [rows, S] = softmax(scores) over
 * the keys that count. Both are 0 where none does, or the row is not active. `query` [rows, K] has `queryRow` elements
 * from row to row. Overwrites; no aliasing.
 */
export function attendForward(
  context: usize, weights: usize, query: usize, keys: usize, values: usize, index: usize, mask: usize, active: usize,
  v: usize, scale: f32, rows: i32, S: i32, K: i32, M: i32, queryRow: i32, contextRow: i32,
): void {
  assertApart(context, matrixBytes(rows, M, contextRow), query, matrixBytes(rows, K, queryRow));
  assertApart(context, matrixBytes(rows, M, contextRow), weights, matrixBytes(rows, S, S));
  for (let row = 0; row < rows; row++) {
    const own = weights + (<usize>(row * S) << 2);
    const to = context + (<usize>(row * contextRow) << 2);
    if (!isActive(active, row, 0)) {
      memory.fill(own, 0, <usize>S << 2);
      memory.fill(to, 0, <usize>M << 2);
      continue;
    }
    const from = rowOf(index, row);
    const q = query + (<usize>(row * queryRow) << 2);
    let key = keys + (<usize>(from * S * K) << 2);
    for (let s = 0; s < S; s++, key += <usize>K << 2) {
      let score: f32 = -Infinity;
      if (mask == 0 || load<i32>(mask + (<usize>(from * S + s) << 2)) != 0)
        score = v ? additive(q, key, v, K) : scale * dot(q, key, K);
      store<f32>(own + (<usize>s << 2), score);
    }
    softmaxForward(own, own, 1, S, 0);
    mix(to, own, values + (<usize>(from * S * M) << 2), S, M);
  }
}

/**
 * The gradient of attendForward by that of its context, and of its weights where `dWeights` is not 0: row by row,
 * `dWeightsRow` elements apart. Adds to dQuery [rows, K] (`dQueryRow`), dKeys and dValues, which are laid out as keys and
 * values, and with `v` to dV [K]. `weights` are those that it gave. `scratch` [S].
 */
export function attendBackwardAcc(
  dQuery: usize, dKeys: usize, dValues: usize, dV: usize, scratch: usize, dContext: usize, dWeights: usize,
  weights: usize, query: usize, keys: usize, values: usize, index: usize, active: usize, v: usize, scale: f32, rows: i32,
  S: i32, K: i32, M: i32, dQueryRow: i32, dContextRow: i32, dWeightsRow: i32, queryRow: i32,
): void {
  const keyBytes = <usize>K << 2, valueBytes = <usize>M << 2;
  for (let row = 0; row < rows; row++) {
    if (!isActive(active, row, 0)) continue;
    const own = weights + (<usize>(row * S) << 2);
    const from = rowOf(index, row);
    const value = <usize>(from * S) * valueBytes, key = <usize>(from * S) * keyBytes;
    const dc = dContext + (<usize>(row * dContextRow) << 2);
    let total: f32 = 0;
    for (let s = 0; s < S; s++) {
      const at = <usize>s << 2;
      const w = load<f32>(own + at);
      // A key that does not count, or as good as not.
      if (w == 0) continue;
      const to = value + <usize>s * valueBytes;
      let d = valueGradient(dValues + to, dc, values + to, w, M);
      if (dWeights) d += load<f32>(dWeights + (<usize>(row * dWeightsRow) << 2) + at);
      store<f32>(scratch + at, d);
      total += w * d;
    }
    const q = query + (<usize>(row * queryRow) << 2), dq = dQuery + (<usize>(row * dQueryRow) << 2);
    for (let s = 0; s < S; s++) {
      const at = <usize>s << 2;
      const w = load<f32>(own + at);
      if (w == 0) continue;
      const d: f32 = w * (load<f32>(scratch + at) - total) * scale;
      const to = key + <usize>s * keyBytes;
      if (v) additiveGradient(dq, dKeys + to, dV, q, keys + to, v, d, K);
      else dotGradient(dq, dKeys + to, q, keys + to, d, K);
    }
  }
}

/** The row of the memory of a row. */
// @ts-ignore: decorator
@inline
function rowOf(index: usize, row: i32): i32 {
  return index ? load<i32>(index + (<usize>row << 2)) : row;
}

/** Σ a · b over n elements, in four sums of whole vectors. */
function dot(a: usize, b: usize, n: i32): f32 {
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
  for (; n >= 16; n -= 16, a += 64, b += 64) {
    s0 = madd(v128.load(a), v128.load(b), s0);
    s1 = madd(v128.load(a, 16), v128.load(b, 16), s1);
    s2 = madd(v128.load(a, 32), v128.load(b, 32), s2);
    s3 = madd(v128.load(a, 48), v128.load(b, 48), s3);
  }
  for (; n >= 4; n -= 4, a += 16, b += 16) s0 = madd(v128.load(a), v128.load(b), s0);
  // Lanes behind the row, whatever they hold, do not count.
  if (n > 0) s1 = f32x4.add(s1, v128.and(f32x4.mul(v128.load(a), v128.load(b)), laneMask(n)));
  return hsum(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

/** vᵀ tanh(q + k), two vectors at a time. */
function additive(q: usize, k: usize, v: usize, n: i32): f32 {
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
  for (; n >= 8; n -= 8, q += 32, k += 32, v += 32) {
    s0 = madd(v128.load(v), vtanh(f32x4.add(v128.load(q), v128.load(k))), s0);
    s1 = madd(v128.load(v, 16), vtanh(f32x4.add(v128.load(q, 16), v128.load(k, 16))), s1);
  }
  for (; n > 0; n -= 4, q += 16, k += 16, v += 16) {
    const term = f32x4.mul(v128.load(v), vtanh(f32x4.add(v128.load(q), v128.load(k))));
    s0 = f32x4.add(s0, v128.and(term, laneMask(n)));
  }
  return hsum(f32x4.add(s0, s1));
}

/** out [M] = Σ weights [S] · values [S, M]: sixteen columns at a time, in the order of the keys. */
function mix(out: usize, weights: usize, values: usize, S: i32, M: i32): void {
  const stride = <usize>M << 2, end = weights + (<usize>S << 2);
  for (let n = M; n > 0; n -= 16, out += 64, values += 64) {
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
    for (let w = weights, value = values; w < end; w += 4, value += stride) {
      // A weight of 0: most often of a key that does not count, whose value does not either.
      if (load<f32>(w) == 0) continue;
      const weight = v128.load32_splat(w);
      s0 = madd(weight, v128.load(value), s0);
      s1 = madd(weight, v128.load(value, 16), s1);
      s2 = madd(weight, v128.load(value, 32), s2);
      s3 = madd(weight, v128.load(value, 48), s3);
    }
    if (n < 16) {
      storeRest(out, s0, n);
      if (n > 4) storeRest(out + 16, s1, n - 4);
      if (n > 8) storeRest(out + 32, s2, n - 8);
      if (n > 12) storeRest(out + 48, s3, n - 12);
      return;
    }
    v128.store(out, s0), v128.store(out, s1, 16), v128.store(out, s2, 32), v128.store(out, s3, 48);
  }
}

/** dValue += w · dContext; gives Σ dContext · value. */
function valueGradient(dValue: usize, dContext: usize, value: usize, w: f32, n: i32): f32 {
  const weight = f32x4.splat(w);
  for (let rest = n, to = dValue, from = dContext; rest > 0; rest -= 4, to += 16, from += 16)
    addRest(to, f32x4.mul(weight, v128.load(from)), rest);
  return dot(dContext, value, n);
}

/** dq += d · k; dk += d · q. */
function dotGradient(dq: usize, dk: usize, q: usize, k: usize, d: f32, n: i32): void {
  const share = f32x4.splat(d);
  for (; n > 0; n -= 4, dq += 16, dk += 16, q += 16, k += 16) {
    addRest(dq, f32x4.mul(share, v128.load(k)), n);
    addRest(dk, f32x4.mul(share, v128.load(q)), n);
  }
}

/** With u = tanh(q + k): dv += d · u; dq and dk += d · v · (1 - u²). */
function additiveGradient(
  dq: usize, dk: usize, dv: usize, q: usize, k: usize, v: usize, d: f32, n: i32,
): void {
  const share = f32x4.splat(d), one = f32x4.splat(1);
  for (; n > 0; n -= 4, dq += 16, dk += 16, dv += 16, q += 16, k += 16, v += 16) {
    const u = vtanh(f32x4.add(v128.load(q), v128.load(k)));
    const inner = f32x4.mul(f32x4.mul(share, v128.load(v)), f32x4.sub(one, f32x4.mul(u, u)));
    addRest(dv, f32x4.mul(share, u), n);
    addRest(dq, inner, n);
    addRest(dk, inner, n);
  }
}

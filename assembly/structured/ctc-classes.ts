// What a step of CTC does over the classes: the softmax of its logits, and the gradient from the states' occupancies.
import { hsum, keepLanes, storeLast, widenHigh, widenLow } from "../simd/lanes";
import { shiftOfRow } from "../ops/softmax";
import { CHUNK, TABLE } from "./ctc-lattice";
import { expExponent, expFraction, scaledTo } from "./scaled";

/** weights[classes] = exp(x - max x), as pairs of fraction and exponent - 127; returns their sum. */
export function weigh(weights: usize, x: usize, classes: i32): f64 {
  const shift = f32x4.splat(shiftOfRow(x, classes));
  const bias = f32x4.splat(127), zero = f32x4.splat(0);
  let low = f64x2.splat(0), high = low;
  for (let n = classes; n > 0; n -= 4, x += 16, weights += 32) {
    const logarithm = f32x4.sub(v128.load(x), shift);
    const exponent = expExponent(logarithm);
    const fraction = expFraction(logarithm, exponent);
    const biased = f32x4.sub(exponent, bias);
    v128.store(weights, v128.shuffle<f32>(fraction, biased, 0, 4, 1, 5));
    v128.store(weights, v128.shuffle<f32>(fraction, biased, 2, 6, 3, 7), 16);
    const v = keepLanes(scaledTo(zero, fraction, exponent), n, zero);
    low = f64x2.add(low, widenLow(v));
    high = f64x2.add(high, widenHigh(v));
  }
  const pairs = f64x2.add(low, high);
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}

/** out[classes] = the weights · factor. */
export function probabilities(out: usize, weights: usize, factor: f32, classes: i32): void {
  const bias = f32x4.splat(-127), scale = f32x4.splat(factor);
  for (let n = classes; ; n -= 4, out += 16, weights += 32) {
    const first = v128.load(weights), second = v128.load(weights, 16);
    const fraction = v128.shuffle<f32>(first, second, 0, 2, 4, 6);
    const exponent = v128.shuffle<f32>(first, second, 1, 3, 5, 7);
    const result = f32x4.mul(scaledTo(bias, fraction, exponent), scale);
    if (n <= 4) return storeLast(out, result, n);
    v128.store(out, result);
  }
}

/**
 * Adds each state's share of all occupancies to its class in shares[classes]; `most` is their largest exponent, `table`
 * names the labels' classes.
 */
export function addShares(
  shares: usize, occupancy: usize, most: f32, table: usize, blank: i32, chunks: i32,
): void {
  const largest = f32x4.splat(most);
  const end = occupancy + <usize>chunks * CHUNK;
  let labels = f32x4.splat(0), blanks = labels;
  for (let at = occupancy; at < end; at += CHUNK) {
    const v = scaledTo(largest, v128.load(at), v128.load(at, 16));
    v128.store(at, v);
    labels = f32x4.add(labels, v);
    blanks = f32x4.add(blanks, scaledTo(largest, v128.load(at, 32), v128.load(at, 48)));
  }
  const ofBlanks = hsum(blanks);
  const scale: f32 = 1 / (hsum(labels) + ofBlanks);
  add(shares + (<usize>blank << 2), ofBlanks * scale);
  const factor = f32x4.splat(scale);
  for (; occupancy < end; occupancy += CHUNK, table += TABLE) {
    const v = f32x4.mul(v128.load(occupancy), factor);
    add(shareAt(shares, table), f32x4.extract_lane(v, 0));
    add(shareAt(shares, table + 4), f32x4.extract_lane(v, 1));
    add(shareAt(shares, table + 8), f32x4.extract_lane(v, 2));
    add(shareAt(shares, table + 12), f32x4.extract_lane(v, 3));
  }
}

/** Where the share of a class stands, whose weight is a pair. */
// @ts-ignore: decorator
@inline
function shareAt(shares: usize, table: usize): usize {
  return shares + (<usize>load<u32>(table) >> 1);
}

// @ts-ignore: decorator
@inline
function add(at: usize, share: f32): void {
  store<f32>(at, load<f32>(at) + share);
}

/**
 * row[classes] = its probabilities - shares, whose sum is 0: what rounding leaves of it is spread by the probabilities,
 * as the gradient of a softmax does, so that a class near 1 is as exact as the others together. Clears the shares.
 */
export function finishRow(row: usize, shares: usize, classes: i32): void {
  const zero = f32x4.splat(0);
  let rest = zero;
  for (let at: usize = 0, n = classes; n > 0; n -= 4, at += 16) {
    const d = f32x4.sub(v128.load(row + at), v128.load(shares + at));
    v128.store(shares + at, d);
    rest = f32x4.add(rest, keepLanes(d, n, zero));
  }
  const left = f32x4.splat(hsum(rest));
  for (let n = classes; ; n -= 4, row += 16, shares += 16) {
    const v = f32x4.sub(v128.load(shares), f32x4.mul(v128.load(row), left));
    v128.store(shares, zero);
    if (n <= 4) return storeLast(row, v, n);
    v128.store(row, v);
  }
}

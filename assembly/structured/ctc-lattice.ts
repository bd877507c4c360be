// The states of CTC's alignments: the target's labels with blanks before, between and after them. Label i and the blank
// before it are lane i % 4 of chunk i / 4. A chunk of states is [label fractions, label exponents, blank fractions, blank
// exponents] in 64 bytes; where α is kept for the gradient, the labels' weights follow, [fractions, exponents].
import { hmax } from "../simd/lanes";
import { biasedExponentOf, fractionOf, scaledTo } from "./scaled";

/** Bytes of four labels and four blanks. */
export const CHUNK: usize = 64;
/** The same with the labels' weights. */
export const RECORD: usize = 96;
/** Of their table: where the labels' weights stand, and what is added on the way over the blank before a label. */
export const TABLE: usize = 32;
/** Bytes of a class's weight: fraction, and exponent - 127. */
export const PAIR: usize = 8;

/** Chunks for `length` labels and the blank behind the last. */
export function chunksOf(length: i32): i32 {
  return length / 4 + 1;
}

// @ts-ignore: decorator
@inline
function placeOf(i: i32, stride: usize): usize {
  return <usize>(i >> 2) * stride + (<usize>(i & 3) << 2);
}

/** The table of a target: the blank between two equal labels cannot be left out. */
export function writeTable(table: usize, target: usize, length: i32, chunks: i32): void {
  let before = -1;
  for (let i = 0; i < chunks * 4; i++) {
    const label = i < length ? load<i32>(target + (<usize>i << 2)) : 0;
    const at = table + placeOf(i, TABLE);
    store<i32>(at, label * <i32>PAIR);
    store<f32>(at, label == before ? -Infinity : 0, 16);
    before = label;
  }
}

/** All states 0, but the blank before label i, which is 1. */
export function beginAt(i: i32, state: usize, chunks: i32, stride: usize): void {
  const never = f32x4.splat(-Infinity), one = f32x4.splat(1);
  const blank = state + placeOf(i, stride);
  for (; chunks > 0; chunks--, state += stride) {
    v128.store(state, one);
    v128.store(state, never, 16);
    v128.store(state, one, 32);
    v128.store(state, never, 48);
  }
  store<f32>(blank, 0, 48);
}

/** Two labels' weights. */
// @ts-ignore: decorator
@inline
function twoWeights(weights: usize, table: usize): v128 {
  return v128.load64_lane(weights + load<u32>(table, 4), v128.load64_zero(weights + load<u32>(table)), 1);
}

/**
 * to = α of the next step, α'[s] = weight[s] · (α[s] + α[s - 1] + α[s - 2]), the last only into a label that differs from
 * the one before. `blank` is the blank's weight. Records; `to` may be `from`.
 */
export function alphaStep(to: usize, from: usize, table: usize, weights: usize, blank: usize, chunks: i32): void {
  const blankFraction = v128.load32_splat(blank), blankExponent = v128.load32_splat(blank, 4);
  let lastFraction = f32x4.splat(1), lastExponent = f32x4.splat(-Infinity);
  for (; chunks > 0; chunks--, from += RECORD, to += RECORD, table += TABLE) {
    const label = v128.load(from), labelExponent = v128.load(from, 16);
    const between = v128.load(from, 32), betweenExponent = v128.load(from, 48);
    const before = v128.shuffle<f32>(lastFraction, label, 3, 4, 5, 6);
    const beforeExponent = v128.shuffle<f32>(lastExponent, labelExponent, 3, 4, 5, 6);
    lastFraction = label;
    lastExponent = labelExponent;

    let most = f32x4.pmax(betweenExponent, beforeExponent);
    let sum = f32x4.add(scaledTo(most, between, betweenExponent), scaledTo(most, before, beforeExponent));
    sum = f32x4.mul(sum, blankFraction);
    v128.store(to, fractionOf(sum), 32);
    v128.store(to, f32x4.add(f32x4.add(most, blankExponent), biasedExponentOf(sum)), 48);

    const first = twoWeights(weights, table), second = twoWeights(weights, table + 8);
    const weight = v128.shuffle<f32>(first, second, 0, 2, 4, 6);
    const weightExponent = v128.shuffle<f32>(first, second, 1, 3, 5, 7);
    const skipExponent = f32x4.add(beforeExponent, v128.load(table, 16));
    most = f32x4.pmax(f32x4.pmax(labelExponent, betweenExponent), skipExponent);
    sum = f32x4.add(scaledTo(most, label, labelExponent), scaledTo(most, between, betweenExponent));
    sum = f32x4.mul(f32x4.add(sum, scaledTo(most, before, skipExponent)), weight);
    v128.store(to, fractionOf(sum));
    v128.store(to, f32x4.add(f32x4.add(most, weightExponent), biasedExponentOf(sum)), 16);
    v128.store(to, weight, 64);
    v128.store(to, weightExponent, 80);
  }
}

/**
 * From β of the step behind, with that step's weights, to β of this one: first without its weights, which makes
 * occupancy = α · β, then with them, in place. `alpha` are records; returns the largest exponent of an occupancy.
 */
export function betaStep(beta: usize, occupancy: usize, alpha: usize, table: usize, blank: usize, chunks: i32): f32 {
  const blankFraction = v128.load32_splat(blank), blankExponent = v128.load32_splat(blank, 4);
  const one = f32x4.splat(1), never = f32x4.splat(-Infinity);
  let nextLabel = one, nextSkipExponent = never, nextBlank = one, nextBlankExponent = never;
  let largest = never;
  const last = <usize>(chunks - 1);
  beta += last * CHUNK;
  occupancy += last * CHUNK;
  alpha += last * RECORD;
  table += last * TABLE;
  for (; chunks > 0; chunks--, beta -= CHUNK, occupancy -= CHUNK, alpha -= RECORD, table -= TABLE) {
    const label = v128.load(beta), labelExponent = v128.load(beta, 16);
    const between = v128.load(beta, 32), betweenExponent = v128.load(beta, 48);
    const skipExponent = f32x4.add(labelExponent, v128.load(table, 16));
    const after = v128.shuffle<f32>(between, nextBlank, 1, 2, 3, 4);
    const afterExponent = v128.shuffle<f32>(betweenExponent, nextBlankExponent, 1, 2, 3, 4);
    const over = v128.shuffle<f32>(label, nextLabel, 1, 2, 3, 4);
    const overExponent = v128.shuffle<f32>(skipExponent, nextSkipExponent, 1, 2, 3, 4);
    nextLabel = label;
    nextSkipExponent = skipExponent;
    nextBlank = between;
    nextBlankExponent = betweenExponent;

    let most = f32x4.pmax(betweenExponent, labelExponent);
    let sum = f32x4.add(scaledTo(most, between, betweenExponent), scaledTo(most, label, labelExponent));
    let exponent = f32x4.add(v128.load(alpha, 48), most);
    largest = f32x4.pmax(largest, exponent);
    v128.store(occupancy, f32x4.mul(v128.load(alpha, 32), sum), 32);
    v128.store(occupancy, exponent, 48);
    sum = f32x4.mul(sum, blankFraction);
    v128.store(beta, fractionOf(sum), 32);
    v128.store(beta, f32x4.add(f32x4.add(most, blankExponent), biasedExponentOf(sum)), 48);

    most = f32x4.pmax(f32x4.pmax(labelExponent, afterExponent), overExponent);
    sum = f32x4.add(scaledTo(most, label, labelExponent), scaledTo(most, after, afterExponent));
    sum = f32x4.add(sum, scaledTo(most, over, overExponent));
    exponent = f32x4.add(v128.load(alpha, 16), most);
    largest = f32x4.pmax(largest, exponent);
    v128.store(occupancy, f32x4.mul(v128.load(alpha), sum));
    v128.store(occupancy, exponent, 16);
    sum = f32x4.mul(sum, v128.load(alpha, 64));
    v128.store(beta, fractionOf(sum));
    v128.store(beta, f32x4.add(f32x4.add(most, v128.load(alpha, 80)), biasedExponentOf(sum)), 16);
  }
  return hmax(largest);
}

/** Divides all states by a power of two, so that the largest exponent becomes 0; returns what it was. */
export function recenter(state: usize, chunks: i32, stride: usize): f32 {
  const end = state + <usize>chunks * stride;
  let largest = f32x4.splat(-Infinity);
  for (let at = state; at < end; at += stride)
    largest = f32x4.pmax(f32x4.pmax(largest, v128.load(at, 16)), v128.load(at, 48));
  const most = hmax(largest);
  if (most == -Infinity) return 0;
  const shift = f32x4.splat(most);
  for (; state < end; state += stride) {
    v128.store(state, f32x4.sub(v128.load(state, 16), shift), 16);
    v128.store(state, f32x4.sub(v128.load(state, 48), shift), 48);
  }
  return most;
}

/** Where the sum of the last label and of the blank behind it stands as a fraction and its exponent: in lane 0. */
export function endOf(state: usize, length: i32): v128 {
  const blank = state + placeOf(length, RECORD);
  let fraction = v128.load32_splat(blank, 32), exponent = v128.load32_splat(blank, 48);
  if (length > 0) {
    const label = state + placeOf(length - 1, RECORD);
    const other = v128.load32_splat(label), otherExponent = v128.load32_splat(label, 16);
    const most = f32x4.pmax(exponent, otherExponent);
    fraction = f32x4.add(scaledTo(most, fraction, exponent), scaledTo(most, other, otherExponent));
    exponent = most;
  }
  return v128.shuffle<f32>(fraction, exponent, 0, 4, 0, 4);
}

// Connectionist temporal classification (Graves et al. 2006): the negative logarithm of the summed probability of all
// alignments of a target with the steps of a sequence, and its gradient with respect to the logits:
//   probability of a class - share of the alignments that are at it.
import { assertAligned } from "../simd/preconditions";
import { fill, scale } from "../ops/elementwise";
import { logOf } from "../ops/reduce";
import { addShares, finishRow, probabilities, weigh } from "./ctc-classes";
import {
  alphaStep, beginAt, betaStep, CHUNK, chunksOf, endOf, PAIR, RECORD, recenter, TABLE, writeTable,
} from "./ctc-lattice";

const LN2: f64 = 0.6931471805599453;
/** Steps between two recenterings: exponents stay exact unless a step's probability is below 2^-(2^24 / 32). */
const RECENTER: i32 = 32;

/** Bytes of one step's α, and of the blank's weight behind it. */
// @ts-ignore: decorator
@inline
function stepBytes(chunks: i32): usize {
  return <usize>chunks * RECORD + 16;
}

// @ts-ignore: decorator
@inline
function wholeVectors(n: i32): usize {
  return <usize>((n + 3) & -4);
}

/** Bytes of scratch that ctcForward needs, for the longest of its inputs and targets. */
export function ctcScratchBytes(time: i32, classes: i32, length: i32, withGradient: bool): usize {
  const chunks = chunksOf(length);
  const kept = withGradient ? time : 0;
  return <usize>chunks * (TABLE + 2 * CHUNK) + wholeVectors(classes) * (PAIR + 4) + <usize>(kept + 1) * stepBytes(chunks);
}

/**
 * losses[batch]: of logits[batch, time, classes] and targets[batch, length] (int32 classes, none of them the blank), of
 * which inputLengths[batch] steps and targetLengths[batch] labels count (int32). A target without an alignment has the loss
 * Infinity and a gradient of NaN, with zeroInfinity 0 and 0. For the backward, where it is not 0: dLogits[batch, time,
 * classes] = the gradient of each sequence's loss, 0 behind its end. Overwrites; no aliasing.
 */
export function ctcForward(
  losses: usize, dLogits: usize, logits: usize, targets: usize, inputLengths: usize, targetLengths: usize, scratch: usize,
  batch: i32, time: i32, classes: i32, length: i32, blank: i32, zeroInfinity: bool,
): void {
  assert(<u32>blank < <u32>classes);
  assertAligned(scratch);
  const sequenceBytes = (<usize>time * classes) << 2;
  for (; batch > 0; batch--) {
    const steps = load<i32>(inputLengths), labels = load<i32>(targetLengths);
    assert(<u32>steps <= <u32>time && <u32>labels <= <u32>length);
    let loss = <f32>sequence(dLogits, logits, targets, scratch, steps, classes, labels, blank);
    const isZeroed = zeroInfinity && loss == Infinity;
    if (isZeroed) loss = 0;
    store<f32>(losses, loss);
    if (dLogits) {
      const used = steps * classes;
      if (isZeroed || !(loss < Infinity)) fill(dLogits, used, isZeroed ? 0 : NaN);
      memory.fill(dLogits + (<usize>used << 2), 0, sequenceBytes - (<usize>used << 2));
      dLogits += sequenceBytes;
    }
    losses += 4;
    logits += sequenceBytes;
    targets += <usize>length << 2;
    inputLengths += 4;
    targetLengths += 4;
  }
}

/** The loss of one sequence; its gradient where dLogits is not 0 and the loss is finite. */
function sequence(
  dLogits: usize, logits: usize, target: usize, scratch: usize, steps: i32, classes: i32, length: i32, blank: i32,
): f64 {
  const chunks = chunksOf(length);
  const table = scratch;
  const beta = table + <usize>chunks * TABLE;
  const occupancy = beta + <usize>chunks * CHUNK;
  const weights = occupancy + <usize>chunks * CHUNK;
  const shares = weights + wholeVectors(classes) * PAIR;
  const alpha = shares + (wholeVectors(classes) << 2);
  const blankWeight = weights + <usize>blank * PAIR;
  const rowBytes = <usize>classes << 2;
  const ofBlank = <usize>chunks * RECORD;

  if (!ASC_NO_ASSERT) assert(isTarget(target, length, classes, blank));
  writeTable(table, target, length, chunks);
  beginAt(0, alpha, chunks, RECORD);
  let logTotal: f64 = 0, center: f64 = 0;
  let state = alpha;
  for (let t = 1; t <= steps; t++, logits += rowBytes) {
    const total = weigh(weights, logits, classes);
    logTotal += logOfWide(total);
    const from = state;
    if (dLogits) {
      state += stepBytes(chunks);
      store<u64>(state + ofBlank, load<u64>(blankWeight));
      probabilities(dLogits, weights, <f32>(1 / total), classes);
      dLogits += rowBytes;
    }
    alphaStep(state, from, table, weights, blankWeight, chunks);
    if (t % RECENTER == 0) center += recenter(state, chunks, RECORD);
  }
  const end = endOf(state, length);
  const exponent = f32x4.extract_lane(end, 1);
  const logEnd = logOfWide(f32x4.extract_lane(end, 0)) + (center + <f64>exponent) * LN2;
  const loss = logTotal - logEnd;
  if (dLogits == 0 || !(loss < Infinity)) return loss;

  beginAt(length, beta, chunks, CHUNK);
  memory.fill(shares, 0, wholeVectors(classes) << 2);
  for (let t = 1; t <= steps; t++, state -= stepBytes(chunks)) {
    dLogits -= rowBytes;
    const most = betaStep(beta, occupancy, state, table, state + ofBlank, chunks);
    if (t % RECENTER == 0) recenter(beta, chunks, CHUNK);
    addShares(shares, occupancy, most, table, blank, chunks);
    finishRow(dLogits, shares, classes);
  }
  return loss;
}

/** Whether all labels are classes and none is the blank. */
function isTarget(target: usize, length: i32, classes: i32, blank: i32): bool {
  for (; length > 0; length--, target += 4) {
    const label = load<i32>(target);
    if (<u32>label >= <u32>classes || label == blank) return false;
  }
  return true;
}

/** log(x) without what rounding x to f32 loses near 1. */
function logOfWide(x: f64): f64 {
  if (x == 0) return -Infinity;
  const rounded = <f64><f32>x;
  return <f64>logOf(x) + (x - rounded) / rounded;
}

/**
 * dLogits[batch, time, classes] = the gradients that ctcForward left times dLosses[batch], 0 behind a sequence's end.
 * Overwrites; dLogits may be gradients.
 */
export function ctcBackward(
  dLogits: usize, gradients: usize, dLosses: usize, inputLengths: usize, batch: i32, time: i32, classes: i32,
): void {
  for (; batch > 0; batch--, dLosses += 4, inputLengths += 4) {
    const used = load<i32>(inputLengths) * classes, rest = time * classes - used;
    scale(dLogits, gradients, used, load<f32>(dLosses));
    memory.fill(dLogits + (<usize>used << 2), 0, <usize>rest << 2);
    dLogits += <usize>(used + rest) << 2;
    gradients += <usize>(used + rest) << 2;
  }
}

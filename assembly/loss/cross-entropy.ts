// Negative log likelihood and softmax cross-entropy, PyTorch's semantics: class weights, an ignored
// target, label smoothing. Losses are one a row; `mean` divides their sum by `targetWeightSum`.
import { storeLast } from "../simd/lanes";
import { assertApart, matrixBytes } from "../simd/preconditions";
import { dotRow, expSumRow, logOf, sumRow } from "../ops/reduce";
import { shiftOfRow } from "../ops/softmax";

/** Position of the first target that is neither a class nor ignoreIndex, or -1. */
function firstBadTarget(targets: usize, rows: i32, classes: i32, ignoreIndex: i32): i32 {
  for (let row = 0; row < rows; row++) {
    const target = load<i32>(targets + (<usize>row << 2));
    if (<u32>target >= <u32>classes && target != ignoreIndex) return row;
  }
  return -1;
}

/** The weight of a class; weight 0 stands for weights of 1. */
// @ts-ignore: decorator
@inline
function weightOf(weight: usize, target: i32): f32 {
  return weight ? load<f32>(weight + (<usize>target << 2)) : 1;
}

/** The sum of the weights of all classes. */
function totalWeight(weight: usize, classes: i32): f64 {
  return weight ? sumRow(weight, classes) : <f64>classes;
}

/** The sum of the weights (0: each 1) of the targets that are not ignored: what a mean divides by. Needs checked targets. */
export function targetWeightSum(targets: usize, weight: usize, rows: i32, ignoreIndex: i32): f64 {
  let total: f64 = 0;
  for (; rows > 0; rows--, targets += 4) {
    const target = load<i32>(targets);
    if (target != ignoreIndex) total += weightOf(weight, target);
  }
  return total;
}

/**
 * losses[rows] = -weight[target] · logProbs[row, target], 0 where the target is ignoreIndex. weight[classes] may be 0:
 * none. Returns -1, or the row of the first bad target; then nothing is written. Overwrites; no aliasing.
 */
export function nllForward(
  losses: usize, logProbs: usize, targets: usize, weight: usize, rows: i32, classes: i32, ignoreIndex: i32,
): i32 {
  assertApart(losses, matrixBytes(1, rows, rows), logProbs, matrixBytes(rows, classes, classes));
  const bad = firstBadTarget(targets, rows, classes, ignoreIndex);
  if (bad >= 0) return bad;
  for (; rows > 0; rows--, losses += 4, targets += 4, logProbs += <usize>classes << 2) {
    const target = load<i32>(targets);
    const loss: f32 =
      target == ignoreIndex ? 0 : -weightOf(weight, target) * load<f32>(logProbs + (<usize>target << 2));
    store<f32>(losses, loss);
  }
  return -1;
}

/**
 * dLogProbs[rows, classes] = the gradient of `nllForward` for dLosses[row · dLossesStride] · factor (stride 0: one for
 * all rows). Needs checked targets. Overwrites; no aliasing.
 */
export function nllBackward(
  dLogProbs: usize, dLosses: usize, targets: usize, weight: usize,
  rows: i32, classes: i32, ignoreIndex: i32, dLossesStride: i32, factor: f32,
): void {
  memory.fill(dLogProbs, 0, <usize>(rows * classes) << 2);
  for (; rows > 0; rows--, targets += 4, dLosses += dLossesStride << 2, dLogProbs += <usize>classes << 2) {
    const target = load<i32>(targets);
    if (target == ignoreIndex) continue;
    store<f32>(dLogProbs + (<usize>target << 2), -weightOf(weight, target) * load<f32>(dLosses) * factor);
  }
}

/**
 * losses[rows] = (1 - s) · (-weight[target] · log p[target]) + s / classes · Σ -weight[c] · log p[c], with p =
 * softmax(logits) and s = labelSmoothing; 0 where the target is ignoreIndex. For the backward, where `exps` is not 0:
 * exps[rows, classes] and behind them scales[rows], p = exps · scales. weight[classes] may be 0: none. Returns -1, or the
 * row of the first bad target; then nothing is written. Overwrites; no aliasing.
 */
export function crossEntropyForward(
  losses: usize, exps: usize, logits: usize, targets: usize, weight: usize,
  rows: i32, classes: i32, ignoreIndex: i32, labelSmoothing: f32,
): i32 {
  assertApart(losses, matrixBytes(1, rows, rows), logits, matrixBytes(rows, classes, classes));
  if (exps) assertApart(exps, matrixBytes(rows, classes + 1, classes + 1), logits, matrixBytes(rows, classes, classes));
  const bad = firstBadTarget(targets, rows, classes, ignoreIndex);
  if (bad >= 0) return bad;
  const rowBytes = <usize>classes << 2;
  const weightTotal = totalWeight(weight, classes);
  let scales = exps + <usize>rows * rowBytes;
  for (; rows > 0; rows--, losses += 4, targets += 4, logits += rowBytes) {
    const most = shiftOfRow(logits, classes);
    const total = expSumRow(exps, logits, classes, most);
    if (exps) {
      store<f32>(scales, <f32>(1 / total));
      exps += rowBytes;
      scales += 4;
    }
    const target = load<i32>(targets);
    let loss: f64 = 0;
    if (target != ignoreIndex) {
      const logTotal = logOf(total);
      const score = load<f32>(logits + (<usize>target << 2)) - most - logTotal;
      loss = -weightOf(weight, target) * score;
      if (labelSmoothing != 0) {
        const scores = weight ? dotRow(logits, weight, classes) : sumRow(logits, classes);
        const all = scores - (<f64>most + <f64>logTotal) * weightTotal;
        loss += <f64>labelSmoothing * (-all / <f64>classes - loss);
      }
    }
    store<f32>(losses, <f32>loss);
  }
  return -1;
}

/** exp · slope - smooth · weight, of four classes: the gradient but for the target's own share. */
// @ts-ignore: decorator
@inline
function softGradient(exps: usize, slope: v128, smooth: v128, weight: usize, at: usize): v128 {
  const share = weight ? f32x4.mul(smooth, v128.load(weight + at)) : smooth;
  return f32x4.sub(f32x4.mul(v128.load(exps), slope), share);
}

/**
 * dLogits[rows, classes] = the gradient of `crossEntropyForward` for dLosses[row · dLossesStride] · factor (stride 0:
 * one for all rows), from what it left. Rows of ignored targets get exact zeros. Needs checked targets. Overwrites;
 * dLogits may be exps.
 */
export function crossEntropyBackward(
  dLogits: usize, dLosses: usize, exps: usize, targets: usize, weight: usize,
  rows: i32, classes: i32, ignoreIndex: i32, labelSmoothing: f32, dLossesStride: i32, factor: f32,
): void {
  const rowBytes = <usize>classes << 2;
  const share = <f64>labelSmoothing / <f64>classes;
  const weightTotal = totalWeight(weight, classes);
  let scales = exps + <usize>rows * rowBytes;
  for (; rows > 0; rows--, targets += 4, dLosses += dLossesStride << 2, dLogits += rowBytes) {
    const target = load<i32>(targets);
    if (target == ignoreIndex) memory.fill(dLogits, 0, rowBytes);
    else {
      const gradient = <f64>load<f32>(dLosses) * <f64>factor;
      const hard = gradient * (1 - <f64>labelSmoothing) * <f64>weightOf(weight, target);
      const slope = f32x4.splat(<f32>((hard + gradient * share * weightTotal) * <f64>load<f32>(scales)));
      const smooth = f32x4.splat(<f32>(gradient * share));
      let at: usize = 0, n = classes;
      // Not one loop that leaves in its midst: for ten classes it takes 1.7 times as long.
      for (; n > 4; n -= 4, at += 16) v128.store(dLogits + at, softGradient(exps + at, slope, smooth, weight, at));
      storeLast(dLogits + at, softGradient(exps + at, slope, smooth, weight, at), n);
      const hit = dLogits + (<usize>target << 2);
      store<f32>(hit, load<f32>(hit) - <f32>hard);
    }
    exps += rowBytes;
    scales += 4;
  }
}

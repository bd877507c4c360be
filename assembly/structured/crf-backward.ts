// The gradient of the CRF's loss: the probability of each tag at each step, and how often each transition is taken, less
// what the targets take. With the sums of the forward pass it is a recurrence over probabilities alone,
//   γ(t-1, i) = p(t-1, i) · Σ_j factor(i, j) · γ(t, j) / sum(t, j),
// from the distribution at the end, without logarithms.
import { storeLast } from "../simd/lanes";
import { gemm, gemmTN } from "../gemm/gemm";
import { packB, packBT } from "../gemm/pack";
import { packedBytes } from "../gemm/panels";
import { mul } from "../ops/broadcast";
import { axpy, scale } from "../ops/elementwise";
import { sumAxis } from "../ops/reduce";
import { intAt, normalize, scoresInto } from "./crf-forward";
import { beforeOf, factorsOf, floats, lastOf, scoresOf, sumsOf } from "./crf-record";

/**
 * The gradients of crfForward's losses times dLosses[batch]: dEmissions[batch, time, tags], 0 behind a sequence's end, and
 * dWeights[tags + 2, tags]. Overwrites, and the record's sums; no aliasing.
 */
export function crfBackward(
  dEmissions: usize, dWeights: usize, dLosses: usize, record: usize, targets: usize, weights: usize, order: usize,
  lengths: usize, scratch: usize, batch: i32, time: i32, tags: i32, count: i32,
): void {
  const rowBytes = <usize>tags << 2;
  const dStart = dWeights + <usize>tags * rowBytes, dEnd = dStart + rowBytes;
  memory.fill(dWeights, 0, <usize>tags * rowBytes);
  recur(dEmissions, dWeights, dLosses, record, weights, order, lengths, scratch, batch, time, tags, count);
  addTransitions(dWeights, record, lengths, scratch, batch, tags, count);
  subtractTargets(dEmissions, dWeights, dLosses, targets, lengths, batch, time, tags);
  sumRows(dStart, dEmissions, lengths, scratch, batch, time, tags, false);
  sumRows(dEnd, dEmissions, lengths, scratch, batch, time, tags, true);
}

/**
 * marginals[batch, time, tags] = the probability of each tag at each step given the whole sequence, 0 behind its end, from
 * the record of crfForward. Overwrites, and the record's sums; no aliasing.
 */
export function crfMarginals(
  marginals: usize, record: usize, weights: usize, order: usize, lengths: usize, scratch: usize, batch: i32, time: i32,
  tags: i32, count: i32,
): void {
  recur(marginals, 0, 0, record, weights, order, lengths, scratch, batch, time, tags, count);
}

/**
 * out[batch, time, tags] = γ, times dLosses where that is not 0. The record's sums become γ / sum; what sums that were
 * taken exactly give dTransitions is added to it, where it is not 0.
 */
function recur(
  out: usize, dTransitions: usize, dLosses: usize, record: usize, transitions: usize, order: usize, lengths: usize,
  scratch: usize, batch: i32, time: i32, tags: i32, count: i32,
): void {
  const rowBytes = <usize>tags << 2;
  const packed = scratch;
  let own = packed + packedBytes(tags, tags);
  let following = own + floats(batch * tags);
  const ways = following + floats(batch * tags);
  packBT(packed, factorsOf(record), tags, tags, tags);
  memory.fill(out, 0, <usize>(batch * time) * rowBytes);

  // Behind the last step of each matrix: rows are read from there down.
  let scores = scoresOf(record, batch, tags) + <usize>count * rowBytes;
  const pairs = <usize>pairsOf(lengths, batch, count) * rowBytes;
  let before = beforeOf(record, batch, count, tags) + pairs;
  let sums = sumsOf(record, batch, count, tags) + pairs;
  let going = 0;
  for (let t = batch > 0 ? intAt(lengths, intAt(order, 0)) - 1 : -1; t >= 0; t--) {
    let active = going;
    while (active < batch && intAt(lengths, intAt(order, active)) == t + 1) active++;
    scores -= <usize>active * rowBytes;
    if (going > 0) {
      before -= <usize>going * rowBytes;
      sums -= <usize>going * rowBytes;
      const isExact = divideBySums(sums, following, going * tags);
      gemm(own, sums, packed, 0, going, tags, tags, tags, tags);
      mul(own, own, before, going * tags);
      if (isExact)
        for (let row: usize = 0; row < <usize>going * rowBytes; row += rowBytes)
          giveExactly(own + row, dTransitions, following + row, sums + row, scores + row, transitions, ways, tags);
    }
    for (let place = going; place < active; place++) {
      const row = <usize>place * rowBytes;
      const factor: f32 = dLosses ? load<f32>(dLosses + (<usize>intAt(order, place) << 2)) : 1;
      scale(own + row, lastOf(record, tags) + row, tags, factor);
    }
    for (let place = 0; place < active; place++) {
      const to = out + <usize>(intAt(order, place) * time + t) * rowBytes;
      memory.copy(to, own + <usize>place * rowBytes, rowBytes);
    }
    const used = following;
    following = own;
    own = used;
    going = active;
  }
}

/** Rows that have a step before them, of `count` in all. */
function pairsOf(lengths: usize, batch: i32, count: i32): i32 {
  for (let row = 0; row < batch; row++) if (intAt(lengths, row) > 0) count--;
  return count;
}

/** sums = γ / sums; returns whether one of them was Infinity. */
function divideBySums(sums: usize, gamma: usize, n: i32): bool {
  const infinity = f32x4.splat(Infinity);
  let exact = f32x4.splat(0);
  for (; ; n -= 4, sums += 16, gamma += 16) {
    const sum = v128.load(sums);
    // What stands behind the last element may raise a false alarm, no more.
    exact = v128.or(exact, f32x4.eq(sum, infinity));
    const quotient = f32x4.div(v128.load(gamma), sum);
    if (n <= 4) {
      storeLast(sums, quotient, n);
      break;
    }
    v128.store(sums, quotient);
  }
  return v128.any_true(exact);
}

/**
 * Hands γ of the tags whose sums were taken exactly back to the tags before: by the softmax of the scores of all ways into
 * such a tag. Its γ was divided by Infinity: no other quotient of a γ above 0 is 0.
 */
function giveExactly(
  own: usize, dTransitions: usize, gamma: usize, quotients: usize, scores: usize, transitions: usize, ways: usize, tags: i32,
): void {
  for (let tag = 0; tag < tags; tag++) {
    const place = <usize>tag << 2;
    const given = load<f32>(gamma + place);
    if (given == 0 || load<f32>(quotients + place) != 0) continue;
    scoresInto(ways, scores, transitions + place, tags);
    normalize(ways, ways, tags);
    axpy(own, ways, tags, given);
    if (dTransitions)
      for (let from = 0; from < tags; from++) {
        const to = dTransitions + (<usize>(from * tags) << 2) + place;
        store<f32>(to, load<f32>(to) + given * load<f32>(ways + (<usize>from << 2)));
      }
  }
}

/** dTransitions += factors ⊙ Σ p(t-1)ᵀ · γ(t) / sum(t). */
function addTransitions(
  dTransitions: usize, record: usize, lengths: usize, scratch: usize, batch: i32, tags: i32, count: i32,
): void {
  const pairs = pairsOf(lengths, batch, count);
  const product = scratch + packedBytes(pairs, tags);
  const workspace = product + floats(tags * tags);
  packB(scratch, sumsOf(record, batch, count, tags), pairs, tags, tags);
  gemmTN(product, beforeOf(record, batch, count, tags), scratch, workspace, tags, tags, pairs, tags, tags);
  mul(product, product, factorsOf(record), tags * tags);
  axpy(dTransitions, product, tags * tags, 1);
}

/** Takes what the targets have off the gradients. */
function subtractTargets(
  dEmissions: usize, dTransitions: usize, dLosses: usize, targets: usize, lengths: usize, batch: i32, time: i32, tags: i32,
): void {
  for (let row = 0; row < batch; row++, targets += <usize>time << 2, dLosses += 4) {
    const share = load<f32>(dLosses);
    for (let t = 0; t < intAt(lengths, row); t++) {
      const tag = intAt(targets, t);
      subtract(dEmissions, (row * time + t) * tags + tag, share);
      if (t > 0) subtract(dTransitions, intAt(targets, t - 1) * tags + tag, share);
    }
  }
}

function subtract(from: usize, place: i32, value: f32): void {
  const to = from + (<usize>place << 2);
  store<f32>(to, load<f32>(to) - value);
}

/** out[tags] = the sum of the first rows of all sequences, or of their last ones. */
function sumRows(
  out: usize, dEmissions: usize, lengths: usize, scratch: usize, batch: i32, time: i32, tags: i32, last: bool,
): void {
  const rowBytes = <usize>tags << 2;
  let rows = 0;
  for (let row = 0; row < batch; row++) {
    const steps = intAt(lengths, row);
    if (steps == 0) continue;
    const from = row * time + (last ? steps - 1 : 0);
    memory.copy(scratch + <usize>rows * rowBytes, dEmissions + <usize>from * rowBytes, rowBytes);
    rows++;
  }
  sumAxis(out, scratch, 1, rows, tags);
}

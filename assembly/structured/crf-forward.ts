// The loss of a linear-chain conditional random field by the forward algorithm (Rabiner 1989), for all sequences at once.
// Each step is one matrix product of probabilities: with p the distribution of the tags given the steps so far,
//   score(t, j) = emission(t, j) + log Σ_i p(t-1, i) · factor(i, j),   p(t) = softmax(score(t)),
// and log Z is the sum of the steps' log Σ exp(score) in double precision. Normalized at every step, nothing can overflow; a
// sum that loses digits to underflow is taken again from logarithms, so that the result holds for scores of any size.
import { laneMask, storeLast } from "../simd/lanes";
import { inlinedLog } from "../simd/exp";
import { assertAligned, assertApart } from "../simd/preconditions";
import { gemm } from "../gemm/gemm";
import { packB } from "../gemm/pack";
import { packedBytes } from "../gemm/panels";
import { expForward } from "../ops/activation-gates";
import { add } from "../ops/broadcast";
import { addScalar, scale } from "../ops/elementwise";
import { expSumRow, logOf } from "../ops/reduce";
import { shiftOfRow } from "../ops/softmax";
import { beforeOf, crfRecordBytes, crfScratchBytes, factorsOf, floats, lastOf, scoresOf, sumsOf } from "./crf-record";

/** Below this a sum of products may have lost terms that count. */
const TINY: f32 = 1e-30;

// @ts-ignore: decorator
@inline
export function intAt(table: usize, i: i32): i32 {
  return load<i32>(table + (<usize>i << 2));
}

/**
 * losses[batch] = log Z - score of emissions[batch, time, tags] and targets[batch, time] (int32 tags), 0 for a sequence
 * without steps; only the record where losses is 0. weights[tags + 2, tags] = the transitions [from, to], then the scores at
 * the start, then those at the end; -Infinity where something is not possible. order[batch] (int32) has the sequences by
 * their lengths[batch] (int32), longest first; count is the sum of the lengths. Overwrites; no aliasing.
 */
export function crfForward(
  losses: usize, record: usize, emissions: usize, targets: usize, weights: usize, order: usize, lengths: usize, scratch: usize,
  batch: i32, time: i32, tags: i32, count: i32,
): void {
  assert(tags > 0 && time >= 0);
  assertAligned(record);
  assertAligned(scratch);
  assertApart(record, crfRecordBytes(batch, count, tags), scratch, crfScratchBytes(batch, count, tags));
  const rowBytes = <usize>tags << 2;
  const transitions = weights, start = weights + <usize>tags * rowBytes, end = start + rowBytes;
  const factors = factorsOf(record);
  const packed = scratch;
  const logZ = packed + packedBytes(tags, tags);
  const ways = logZ + floats(2 * batch);
  const shift = makeFactors(factors, transitions, tags);
  packB(packed, factors, tags, tags, tags);
  memory.fill(logZ, 0, <usize>batch << 3);

  let scores = scoresOf(record, batch, tags);
  let before = beforeOf(record, batch, count, tags);
  let sums = sumsOf(record, batch, count, tags);
  const last = lastOf(record, tags);
  if (!ASC_NO_ASSERT) assert(isOrdered(order, lengths, batch, time, count));
  let active = batch;
  while (active > 0 && intAt(lengths, intAt(order, active - 1)) == 0) active--;
  let previous = scores;
  for (let t = 0; active > 0; t++) {
    if (t > 0) gemm(sums, before - <usize>active * rowBytes, packed, 0, active, tags, tags, tags, tags);
    let going = active;
    while (going > 0 && intAt(lengths, intAt(order, going - 1)) == t + 1) going--;
    for (let place = 0; place < active; place++) {
      const sequence = intAt(order, place);
      const emission = emissions + <usize>(sequence * time + t) * rowBytes;
      const row = scores + <usize>place * rowBytes;
      if (t == 0) add(row, emission, start, tags);
      else {
        const offset = <usize>place * rowBytes;
        if (logScores(row, sums + offset, emission, tags))
          takeExactly(row, sums + offset, emission, previous + offset, transitions, ways, tags, shift);
      }
      if (place >= going) add(row, row, end, tags);
      const to = (place < going ? before : last) + <usize>place * rowBytes;
      const sum = logZ + (<usize>sequence << 3);
      store<f64>(sum, load<f64>(sum) + normalize(to, row, tags) + (t > 0 ? <f64>shift : 0));
    }
    previous = scores;
    scores += <usize>active * rowBytes;
    if (t > 0) sums += <usize>active * rowBytes;
    before += <usize>going * rowBytes;
    active = going;
  }
  if (losses == 0) return;
  for (let row = 0; row < batch; row++) {
    const score = targetScore(emissions, targets, transitions, start, end, intAt(lengths, row), tags);
    store<f32>(losses + (<usize>row << 2), <f32>(load<f64>(logZ + (<usize>row << 3)) - score));
    emissions += <usize>time * rowBytes;
    targets += <usize>time << 2;
  }
}

/** Whether `order` has every length up to `time`, the longest first, and their sum is `count`. */
function isOrdered(order: usize, lengths: usize, batch: i32, time: i32, count: i32): bool {
  let most = time, total = 0;
  for (let place = 0; place < batch; place++) {
    const sequence = intAt(order, place);
    if (<u32>sequence >= <u32>batch || <u32>intAt(lengths, sequence) > <u32>most) return false;
    most = intAt(lengths, sequence);
    total += most;
  }
  return total == count;
}

/** factors = exp(transitions - the largest), which is returned. */
function makeFactors(factors: usize, transitions: usize, tags: i32): f32 {
  const shift = shiftOfRow(transitions, tags * tags);
  addScalar(factors, transitions, tags * tags, -shift);
  expForward(factors, factors, tags * tags);
  return shift;
}

/** row = log(sums) + emission; returns whether a sum is too small to trust. */
function logScores(row: usize, sums: usize, emission: usize, n: i32): bool {
  const least = f32x4.splat(TINY);
  let tiny = f32x4.splat(0);
  for (; ; n -= 4, row += 16, sums += 16, emission += 16) {
    const sum = v128.load(sums);
    tiny = v128.or(tiny, v128.and(laneMask(n), f32x4.lt(sum, least)));
    const score = f32x4.add(inlinedLog(sum), v128.load(emission));
    if (n <= 4) {
      storeLast(row, score, n);
      break;
    }
    v128.store(row, score);
  }
  return v128.any_true(tiny);
}

/** The scores of sums that are too small, from the scores of the step before; the sums become Infinity. */
function takeExactly(
  row: usize, sums: usize, emission: usize, previous: usize, transitions: usize, ways: usize, tags: i32, shift: f32,
): void {
  const all = logSumExp(previous, tags);
  for (let tag = 0; tag < tags; tag++) {
    const place = <usize>tag << 2;
    if (!(load<f32>(sums + place) < TINY)) continue;
    scoresInto(ways, previous, transitions + place, tags);
    store<f32>(row + place, logSumExp(ways, tags) - all - shift + load<f32>(emission + place));
    store<f32>(sums + place, Infinity);
  }
}

/** ways[tags] = scores + the transitions into a tag, whose column begins at `column`. */
export function scoresInto(ways: usize, scores: usize, column: usize, tags: i32): void {
  for (let from = 0; from < tags; from++, ways += 4, scores += 4, column += <usize>tags << 2)
    store<f32>(ways, load<f32>(scores) + load<f32>(column));
}

function logSumExp(x: usize, n: i32): f32 {
  const shift = shiftOfRow(x, n);
  return logOf(expSumRow(0, x, n, shift)) + shift;
}

/** out = softmax(x); returns log Σ exp(x). */
export function normalize(out: usize, x: usize, n: i32): f64 {
  const shift = shiftOfRow(x, n);
  const total = expSumRow(out, x, n, shift);
  scale(out, out, n, <f32>(1 / total));
  return <f64>logOf(total) + <f64>shift;
}

/** The sum of the target's emissions and transitions. */
function targetScore(
  emissions: usize, targets: usize, transitions: usize, start: usize, end: usize, steps: i32, tags: i32,
): f64 {
  if (steps == 0) return 0;
  let before = intAt(targets, 0);
  let score = <f64>load<f32>(start + (<usize>before << 2)) + <f64>load<f32>(emissions + (<usize>before << 2));
  for (let t = 1; t < steps; t++) {
    const tag = intAt(targets, t);
    score += <f64>load<f32>(emissions + (<usize>(t * tags + tag) << 2));
    score += <f64>load<f32>(transitions + (<usize>(before * tags + tag) << 2));
    before = tag;
  }
  return score + <f64>load<f32>(end + (<usize>before << 2));
}

// The gradient of a step of the heads of a Neural Turing Machine: head by head from the last to the first, each first
// through what it did with the memory, then through how it came to look there.
import { hsum } from "../simd/lanes";
import { madd } from "../simd/madd";
import { dotRow } from "../ops/reduce";
import { softmaxBackward } from "../ops/softmax";
import { assertApart } from "../simd/preconditions";
import {
  KEY_FREE, KEY_INVERSE, LEAST_NORM, LEAST_WEIGHT, MOST_GRADIENT, SHARPNESS_SLOPE, STRENGTH_SLOPE, UNIT_KEY,
  cosinesOf, endRow, isWriter, ntmRecordSize, parameterCount, rowBytes, wrapRow, wrappedBytes,
} from "./record";

/** Float32 elements of the scratch of ntmBackward. */
export function ntmScratchSize(N: i32, shiftRange: i32): i32 {
  const bytes: usize = 3 * rowBytes(N) + wrappedBytes(N, shiftRange);
  return <i32>(bytes >> 2);
}

/**
 * The gradient of ntmForward. `parameters`, as that left them, become the gradient of what the controller gave, zeros for a
 * row that is not active; dWeights [B, heads, P] and dCells [B, M, P], of the weightings and the memory after the step, become
 * those of before it. dReads as reads; `cells`, `cellStep`, `before`, `after`, `records` as ntmForward had and gave them, not
 * in place. Every gradient is within ±1e12. `scratch` [ntmScratchSize].
 */
export function ntmBackward(
  dCells: usize, dWeights: usize, parameters: usize, scratch: usize, dReads: usize, after: usize, records: usize, cells: usize,
  before: usize, active: usize, cellStep: i32, B: i32, N: i32, M: i32, heads: i32, writers: i32, shiftRange: i32, readRow: i32,
): void {
  const size = rowBytes(N);
  const cellBytes = <usize>M * size;
  const recordBytes = <usize>ntmRecordSize(N, M, shiftRange) << 2;
  assertApart(scratch, <usize>ntmScratchSize(N, shiftRange) << 2, dCells, <usize>B * cellBytes);
  assertApart(dCells, <usize>B * cellBytes, dWeights, <usize>(B * heads) * size);
  let count = 0, versions = 0, readers = 0;
  for (let head = 0; head < heads; head++) {
    const writes = isWriter(writers, head);
    count += parameterCount(M, shiftRange, writes);
    if (writes) versions++;
    else readers++;
  }
  for (let b = 0; b < B; b++, dReads += <usize>readRow << 2, cells += cellBytes, dCells += cellBytes) {
    let own = parameters + (<usize>count << 2);
    const last = own;
    if (active != 0 && load<i32>(active + (<usize>b << 2)) == 0) memory.fill(parameters, 0, <usize>count << 2);
    else {
      let now = cells + (<usize>(versions * cellStep) << 2);
      let dRead = dReads + (<usize>(readers * M) << 2);
      for (let head = heads - 1; head >= 0; head--) {
        const at = <usize>(b * heads + head);
        const writes = isWriter(writers, head);
        own -= <usize>parameterCount(M, shiftRange, writes) << 2;
        const erase = own + (<usize>parameterCount(M, shiftRange, false) << 2);
        memory.copy(scratch, dWeights + at * size, size);
        if (writes) {
          now -= <usize>cellStep << 2;
          writeBackward(scratch, dCells, erase, now, after + at * size, M, size);
        } else {
          dRead -= <usize>M << 2;
          readBackward(scratch, dCells, dRead, now, after + at * size, M, size);
        }
        addressBackward(
          dWeights + at * size, dCells, own, scratch, after + at * size, records + at * recordBytes, now,
          before + at * size, N, M, shiftRange,
        );
      }
      for (let i = parameters; i < last; i += 4) store<f32>(i, bounded(load<f32>(i)));
    }
    parameters = last;
  }
}

// @ts-ignore: decorator
@inline
function bounded(x: f32): f32 {
  return min(max(x, -MOST_GRADIENT), MOST_GRADIENT);
}

// @ts-ignore: decorator
@inline
function boundedLanes(v: v128): v128 {
  return f32x4.pmax(f32x4.splat(-MOST_GRADIENT), f32x4.pmin(f32x4.splat(MOST_GRADIENT), v));
}

/** dw [P] and dCells [M, P] += the gradients by what was read. */
function readBackward(dw: usize, dCells: usize, dRead: usize, cells: usize, w: usize, M: i32, size: usize): void {
  for (let end = dRead + (<usize>M << 2); dRead < end; dRead += 4, cells += size, dCells += size) {
    const d = v128.load32_splat(dRead);
    for (let at: usize = 0; at < size; at += 16) {
      v128.store(dw + at, madd(d, v128.load(cells + at), v128.load(dw + at)));
      v128.store(dCells + at, madd(d, v128.load(w + at), v128.load(dCells + at)));
    }
  }
}

/** dw += the gradient by what was written; dCells, of the memory after it, becomes that before it; erase and add theirs. */
function writeBackward(dw: usize, dCells: usize, erase: usize, cells: usize, w: usize, M: i32, size: usize): void {
  const add = <usize>M << 2;
  for (let end = erase + add; erase < end; erase += 4, cells += size, dCells += size) {
    const share = load<f32>(erase);
    const e = f32x4.splat(share), a = v128.load32_splat(erase + add);
    let dErase = f32x4.splat(0), dAdd = dErase;
    for (let at: usize = 0; at < size; at += 16) {
      const d = v128.load(dCells + at), cell = v128.load(cells + at);
      const part = f32x4.mul(d, v128.load(w + at));
      dAdd = f32x4.add(dAdd, part);
      dErase = madd(part, cell, dErase);
      v128.store(dw + at, madd(d, f32x4.sub(a, f32x4.mul(e, cell)), v128.load(dw + at)));
      v128.store(dCells + at, f32x4.sub(d, f32x4.mul(part, e)));
    }
    store<f32>(erase, -hsum(dErase) * share * (1 - share));
    store<f32>(erase + add, hsum(dAdd));
  }
}

/** dBefore, dCells (added to) and the parameters' gradients, by that of the weighting at `scratch`. */
function addressBackward(
  dBefore: usize, dCells: usize, parameters: usize, scratch: usize, after: usize, record: usize, cells: usize, before: usize,
  N: i32, M: i32, shiftRange: i32,
): void {
  const size = rowBytes(N);
  const strength = parameters + (<usize>M << 2), gate = strength + 4, shift = strength + 8;
  const places = 2 * shiftRange + 1;
  const sharpness = shift + (<usize>places << 2);
  const cosines = cosinesOf(record, M), inverses = cosines + size, content = inverses + size;
  const shifted = content + size, logs = shifted + size, wrapped = logs + size;
  const dMixed = scratch, dCosines = scratch + size, dSquares = dCosines + size, dWrapped = dSquares + size;
  const dShifted = dWrapped + (<usize>shiftRange << 2);
  memory.fill(dWrapped, 0, wrappedBytes(N, shiftRange));
  sharpenBackward(dShifted, scratch, sharpness, after, shifted, logs, record, size);
  shiftGradient(dSquares, dShifted, wrapped, places, size);
  wrapRow(dWrapped, N, shiftRange);
  moveBack(dMixed, dWrapped, shift, places, size);
  softmaxBackward(shift, dSquares, shift, 1, places);
  interpolateBackward(dBefore, dMixed, gate, content, before, size);
  endRow(dBefore, N, 0);
  contentBackward(dCosines, dSquares, dMixed, strength, record, cosines, inverses, content, size);
  compareBackward(dCells, parameters, dCosines, dSquares, record, cells, M, size);
}

/** Σ x · y over [P]. */
// @ts-ignore: decorator
@inline
function dot(x: usize, y: usize, size: usize): f32 {
  let total = f32x4.splat(0);
  for (let at: usize = 0; at < size; at += 16) total = madd(v128.load(x + at), v128.load(y + at), total);
  return hsum(total);
}

/** dShifted by dw; the sharpness becomes its gradient. */
function sharpenBackward(
  dShifted: usize, dw: usize, sharpness: usize, w: usize, shifted: usize, logs: usize, record: usize, size: usize,
): void {
  const mean = f32x4.splat(dot(w, dw, size));
  const power = v128.load32_splat(sharpness);
  const least = f32x4.splat(LEAST_WEIGHT);
  // A weighting of nothing has zeros for w.
  let dPower = f32x4.splat(0);
  for (let at: usize = 0; at < size; at += 16) {
    const part = f32x4.mul(v128.load(w + at), f32x4.sub(v128.load(dw + at), mean));
    dPower = madd(part, v128.load(logs + at), dPower);
    const slope = f32x4.mul(power, f32x4.div(part, f32x4.pmax(least, v128.load(shifted + at))));
    v128.store(dShifted + at, boundedLanes(slope));
  }
  store<f32>(sharpness, hsum(dPower) * load<f32>(record + SHARPNESS_SLOPE));
}

/** out [places] = the gradient of each place's share in the shift. */
function shiftGradient(out: usize, dShifted: usize, wrapped: usize, places: i32, size: usize): void {
  for (let place: usize = 0, end = <usize>places << 2; place < end; place += 4)
    store<f32>(out + place, dot(dShifted, wrapped + place, size));
}

/** out [P] = the gradient before the shift: moved the other way. */
function moveBack(out: usize, dWrapped: usize, shift: usize, places: i32, size: usize): void {
  const end = <usize>(places - 1) << 2;
  for (let at: usize = 0; at < size; at += 16) {
    let moved = f32x4.mul(v128.load32_splat(shift), v128.load(dWrapped + at + end));
    for (let place: usize = 4; place <= end; place += 4)
      moved = madd(v128.load32_splat(shift + place), v128.load(dWrapped + at + end - place), moved);
    v128.store(out + at, moved);
  }
}

/** dBefore [P]; dMixed [P] becomes the gradient of the weighting by content; the gate its own. */
function interpolateBackward(dBefore: usize, dMixed: usize, gate: usize, content: usize, before: usize, size: usize): void {
  const share = load<f32>(gate);
  const fresh = f32x4.splat(share), old = f32x4.splat(1 - share);
  let dGate = f32x4.splat(0);
  for (let at: usize = 0; at < size; at += 16) {
    const d = v128.load(dMixed + at);
    dGate = madd(d, f32x4.sub(v128.load(content + at), v128.load(before + at)), dGate);
    v128.store(dBefore + at, boundedLanes(f32x4.mul(d, old)));
    v128.store(dMixed + at, f32x4.mul(d, fresh));
  }
  store<f32>(gate, hsum(dGate) * share * (1 - share));
}

/**
 * By dContent [P]: dCosines [P] = the gradient of key · row, dSquares [P] = minus that of the row's square divided by the row;
 * the strength becomes its gradient.
 */
function contentBackward(
  dCosines: usize, dSquares: usize, dContent: usize, strength: usize, record: usize, cosines: usize, inverses: usize,
  content: usize, size: usize,
): void {
  const mean = f32x4.splat(dot(content, dContent, size));
  const scale = v128.load32_splat(strength);
  const most = f32x4.splat(<f32>(1 / LEAST_NORM));
  let dStrength = f32x4.splat(0);
  for (let at: usize = 0; at < size; at += 16) {
    const part = f32x4.mul(v128.load(content + at), f32x4.sub(v128.load(dContent + at), mean));
    const cosine = v128.load(cosines + at), inverse = v128.load(inverses + at);
    dStrength = madd(part, cosine, dStrength);
    const d = f32x4.mul(boundedLanes(f32x4.mul(scale, part)), inverse);
    v128.store(dCosines + at, d);
    // A norm that counts as the least does not move with the row.
    const square = f32x4.mul(f32x4.mul(d, cosine), inverse);
    v128.store(dSquares + at, v128.and(square, f32x4.lt(inverse, most)));
  }
  store<f32>(strength, hsum(dStrength) * load<f32>(record + STRENGTH_SLOPE));
}

/** dCells [M, P] += the gradient of cosines; the key [M] becomes its own. */
function compareBackward(
  dCells: usize, key: usize, dCosines: usize, dSquares: usize, record: usize, cells: usize, M: i32, size: usize,
): void {
  const bytes = <usize>M << 2;
  const unit = record + UNIT_KEY;
  for (let at: usize = 0; at < bytes; at += 4, cells += size, dCells += size) {
    const k = v128.load32_splat(unit + at);
    let total = f32x4.splat(0);
    for (let i: usize = 0; i < size; i += 16) {
      const d = v128.load(dCosines + i), cell = v128.load(cells + i);
      total = madd(d, cell, total);
      const by = f32x4.sub(f32x4.mul(d, k), f32x4.mul(v128.load(dSquares + i), cell));
      v128.store(dCells + i, boundedLanes(f32x4.add(v128.load(dCells + i), by)));
    }
    store<f32>(key + at, hsum(total));
  }
  const along = load<f32>(record + KEY_FREE) * <f32>dotRow(key, unit, M);
  const inverse = load<f32>(record + KEY_INVERSE);
  for (let at: usize = 0; at < bytes; at += 4)
    store<f32>(key + at, (load<f32>(key + at) - along * load<f32>(unit + at)) * inverse);
}

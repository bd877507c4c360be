// Where a head of a Neural Turing Machine looks (Graves, Wayne & Danihelka 2014, equations 5 to 9), for one row of a batch.
import { vexpFlushed, vlog, vlog1p } from "../simd/exp";
import { vsigmoid } from "../simd/activate";
import { hmax, hsum } from "../simd/lanes";
import { madd } from "../simd/madd";
import { sumSquares } from "../ops/reduce";
import { softmaxForward } from "../ops/softmax";
import {
  FOCUSED, KEY_FREE, KEY_INVERSE, LEAST_FOCUS, LEAST_NORM, LEAST_WEIGHT, SHARPNESS_SLOPE, STRENGTH_SLOPE, UNIT_KEY,
  cosinesOf, endRow, rowBytes, wrapRow, wrappedBytes,
} from "./record";

/**
 * The weighting of a head, `after` [P] of `before` [P], which may be one. `parameters` (record.ts) are as the controller gave
 * them and become what they stand for: strength = softplus, gate = σ, shift = softmax, sharpness = 1 + softplus; key,
 * erase and add are left as they are. `cells` [M, P] is the memory.
 */
export function address(
  after: usize, before: usize, parameters: usize, record: usize, cells: usize, N: i32, M: i32, shiftRange: i32,
): void {
  const size = rowBytes(N);
  const strength = parameters + (<usize>M << 2), gate = strength + 4, shift = strength + 8;
  const places = 2 * shiftRange + 1;
  const sharpness = shift + (<usize>places << 2);
  const cosines = cosinesOf(record, M), inverses = cosines + size, content = inverses + size;
  const shifted = content + size, logs = shifted + size, wrapped = logs + size;
  softplus(strength, record + STRENGTH_SLOPE, 0);
  store<f32>(gate, f32x4.extract_lane(vsigmoid(v128.load32_splat(gate)), 0));
  softmaxForward(shift, shift, 1, places, 0);
  softplus(sharpness, record + SHARPNESS_SLOPE, 1);
  unitKey(record, parameters, M);
  compare(cosines, inverses, record + UNIT_KEY, cells, M, size);
  endRow(cosines, N, -1);
  expScaled(content, cosines, strength, size);
  endRow(content, N, 0);
  // Lanes of padding read behind what is wrapped round.
  memory.fill(wrapped, 0, wrappedBytes(N, shiftRange));
  interpolate(wrapped + (<usize>shiftRange << 2), content, before, load<f32>(gate), size);
  wrapRow(wrapped, N, shiftRange);
  move(shifted, wrapped, shift, places, size);
  endRow(shifted, N, 0);
  sharpen(after, shifted, logs, record, sharpness, N);
}

/** In place log(1 + e^x), plus `least`; its slope σ(x) goes to `slope`. */
function softplus(at: usize, slope: usize, least: f32): void {
  const x = v128.load32_splat(at);
  const log = vlog1p(vexpFlushed(f32x4.neg(f32x4.abs(x))));
  const value = f32x4.add(f32x4.pmax(f32x4.splat(0), x), log);
  store<f32>(slope, f32x4.extract_lane(vsigmoid(x), 0));
  store<f32>(at, f32x4.extract_lane(value, 0) + least);
}

/** The key divided by its norm, in double precision: no key is too long. */
function unitKey(record: usize, key: usize, M: i32): void {
  const norm = Math.sqrt(sumSquares(key, M));
  const inverse = 1 / max(norm, LEAST_NORM);
  store<f32>(record + KEY_INVERSE, <f32>inverse);
  store<f32>(record + KEY_FREE, norm > LEAST_NORM ? 1 : 0);
  for (let i: usize = 0, end = <usize>M << 2; i < end; i += 4)
    store<f32>(record + UNIT_KEY + i, <f32>(inverse * load<f32>(key + i)));
}

/** Cosines [P] of a unit vector [M] and each row of memory, and 1 / the rows' norms. */
function compare(cosines: usize, inverses: usize, unit: usize, cells: usize, M: i32, size: usize): void {
  const least = f32x4.splat(<f32>(LEAST_NORM * LEAST_NORM));
  const one = f32x4.splat(1);
  const end = unit + (<usize>M << 2);
  for (let at: usize = 0; at < size; at += 16) {
    let dots = f32x4.splat(0), squares = dots;
    for (let key = unit, column = cells + at; key < end; key += 4, column += size) {
      const v = v128.load(column);
      dots = madd(v128.load32_splat(key), v, dots);
      squares = madd(v, v, squares);
    }
    const inverse = f32x4.div(one, f32x4.sqrt(f32x4.pmax(least, squares)));
    v128.store(inverses + at, inverse);
    v128.store(cosines + at, f32x4.mul(dots, inverse));
  }
}

/** out [P] = exp(factor · (x - the largest x)), at most 1. */
function expScaled(out: usize, x: usize, factor: usize, size: usize): void {
  let most = v128.load(x);
  for (let at: usize = 16; at < size; at += 16) most = f32x4.pmax(most, v128.load(x + at));
  const shift = f32x4.splat(hmax(most));
  const scale = v128.load32_splat(factor);
  for (let at: usize = 0; at < size; at += 16)
    v128.store(out + at, vexpFlushed(f32x4.mul(scale, f32x4.sub(v128.load(x + at), shift))));
}

function sum(x: usize, size: usize): f32 {
  let total = f32x4.splat(0);
  for (let at: usize = 0; at < size; at += 16) total = f32x4.add(total, v128.load(x + at));
  return hsum(total);
}

/** content [P] is divided by its sum; out = gate · content + (1 - gate) · before. */
function interpolate(out: usize, content: usize, before: usize, gate: f32, size: usize): void {
  const share = f32x4.splat(1 / sum(content, size));
  const fresh = f32x4.splat(gate), old = f32x4.splat(1 - gate);
  for (let at: usize = 0; at < size; at += 16) {
    const c = f32x4.mul(v128.load(content + at), share);
    v128.store(content + at, c);
    v128.store(out + at, madd(fresh, c, f32x4.mul(old, v128.load(before + at))));
  }
}

/** out [P] = Σ over places of shift[place] · the wrapped weighting from that place on: a circular convolution. */
function move(out: usize, wrapped: usize, shift: usize, places: i32, size: usize): void {
  for (let at: usize = 0; at < size; at += 16) {
    let moved = f32x4.mul(v128.load32_splat(shift), v128.load(wrapped + at));
    for (let place: usize = 4, end = <usize>places << 2; place < end; place += 4)
      moved = madd(v128.load32_splat(shift + place), v128.load(wrapped + at + place), moved);
    v128.store(out + at, moved);
  }
}

/** after = shifted ^ sharpness, divided by its sum: by logarithms, so that neither can vanish; `logs` [P] stay. */
function sharpen(after: usize, shifted: usize, logs: usize, record: usize, sharpness: usize, N: i32): void {
  const size = rowBytes(N);
  const least = f32x4.splat(LEAST_WEIGHT);
  let most = f32x4.splat(0);
  for (let at: usize = 0; at < size; at += 16) {
    const v = v128.load(shifted + at);
    most = f32x4.pmax(most, v);
    v128.store(logs + at, vlog(f32x4.pmax(least, v)));
  }
  const focused = hmax(most) >= LEAST_FOCUS;
  store<f32>(record + FOCUSED, focused ? 1 : 0);
  if (!focused) return memory.fill(after, 0, size);
  expScaled(after, logs, sharpness, size);
  endRow(after, N, 0);
  const share = f32x4.splat(1 / sum(after, size));
  for (let at: usize = 0; at < size; at += 16)
    v128.store(after + at, f32x4.mul(v128.load(after + at), share));
}

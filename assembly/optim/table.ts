// What optimizers, norm and clip walk over: records of eight int32 words, {parameter, gradient (addresses
// in bytes), length in elements, up to three states (addresses), 0, 0}. A record without a gradient
// (address 0) is skipped.
import { hsumWide, keepLanes, storeRest } from "../simd/lanes";
import { sumSquares } from "../ops/reduce";

export const RECORD_BYTES: usize = 32;

// @ts-ignore: decorator
@inline
export function parameterOf(record: usize): usize {
  return <usize>load<u32>(record);
}

// @ts-ignore: decorator
@inline
export function gradientOf(record: usize): usize {
  return <usize>load<u32>(record, 4);
}

// @ts-ignore: decorator
@inline
export function lengthOf(record: usize): i32 {
  return load<i32>(record, 8);
}

// @ts-ignore: decorator
@inline
export function stateOf(record: usize): usize {
  return <usize>load<u32>(record, 12);
}

// @ts-ignore: decorator
@inline
export function secondStateOf(record: usize): usize {
  return <usize>load<u32>(record, 16);
}

// @ts-ignore: decorator
@inline
export function thirdStateOf(record: usize): usize {
  return <usize>load<u32>(record, 20);
}

/** The sum of the squares of every gradient in the table, in the table's order and double precision. */
export function gradSquaredNorm(table: usize, count: i32): f64 {
  let total: f64 = 0;
  for (; count > 0; count--, table += RECORD_BYTES) {
    const gradient = gradientOf(table);
    if (gradient) total += sumSquares(gradient, lengthOf(table));
  }
  return total;
}

/** The sum of every |gradient| in the table, in its order and double precision, or the largest; NaN where one is NaN. */
export function gradAbsNorm(table: usize, count: i32, largest: i32): f64 {
  let total: f64 = 0;
  let most = f32x4.splat(0);
  for (; count > 0; count--, table += RECORD_BYTES) {
    let gradient = gradientOf(table);
    if (!gradient) continue;
    for (let n = lengthOf(table); n > 0; n -= 4, gradient += 16) {
      const v = f32x4.abs(keepLanes(v128.load(gradient), n, f32x4.splat(0)));
      most = f32x4.max(most, v);
      total += hsumWide(v);
    }
  }
  if (!largest) return total;
  most = f32x4.max(most, v128.shuffle<f32>(most, most, 2, 3, 0, 1));
  return max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
}

/** Every gradient in the table · factor, in place. */
export function scaleGradients(table: usize, count: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  for (; count > 0; count--, table += RECORD_BYTES) {
    let gradient = gradientOf(table);
    if (!gradient) continue;
    let n = lengthOf(table);
    for (; n > 4; n -= 4, gradient += 16) v128.store(gradient, f32x4.mul(v128.load(gradient), factors));
    storeRest(gradient, f32x4.mul(v128.load(gradient), factors), n);
  }
}

/** Every gradient in the table within [-limit, limit], in place; NaN stays. */
export function clampGradients(table: usize, count: i32, limit: f32): void {
  const most = f32x4.splat(limit);
  const least = f32x4.splat(-limit);
  for (; count > 0; count--, table += RECORD_BYTES) {
    let gradient = gradientOf(table);
    if (!gradient) continue;
    let n = lengthOf(table);
    for (; n > 4; n -= 4, gradient += 16) v128.store(gradient, within(v128.load(gradient), least, most));
    storeRest(gradient, within(v128.load(gradient), least, most), n);
  }
}

// @ts-ignore: decorator
@inline
function within(v: v128, least: v128, most: v128): v128 {
  return f32x4.pmax(f32x4.pmin(v, most), least);
}

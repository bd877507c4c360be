// What stands round the products of winograd.ts: kernels, tiles and outputs brought to the 36 matrices and back. Each of four
// lanes is a channel. Matrix number 6i + j begins `part` bytes behind the one before; rows of V and of the products have their
// columns rounded up to whole vectors (`lanesOf`), what stands in the rest is undefined.
//
// A transform of two dimensions is one of columns, then one of rows, by the same function; what lies between stands in scratch, as
// more vectors than there are registers. The transforms of one dimension store their results `step` bytes apart.
import { PANEL, tilePanel } from "../gemm/panels";
import { constant, storeLast } from "../simd/lanes";
import { madd } from "../simd/madd";

/** Outputs of a tile down and across, and the elements that these read beyond their own number. */
const TILE: i32 = 4;
const BEYOND: i32 = 2;
/** Elements of a tile's matrices down and across. */
export const POINTS: usize = 6;

/** Elements from row to row of a matrix of `columns`. */
// @ts-ignore: decorator
@inline
export function lanesOf(columns: i32): i32 {
  return (columns + 3) & -4;
}

/** Of the output. */
// @ts-ignore: decorator
@inline
export function tilesDown(geometry: usize): i32 {
  return (load<i32>(geometry, 16) + TILE - 1) / TILE;
}
// @ts-ignore: decorator
@inline
export function tilesAcross(geometry: usize): i32 {
  return (load<i32>(geometry, 20) + TILE - 1) / TILE;
}

/** Tiles of a row at a time, so that what lies between the two halves does not grow with the picture. */
const RUN: i32 = 8;
/** What lies between the two halves of the transforms. */
export const STRIP_BYTES: usize = (<usize>(RUN * TILE + BEYOND) * POINTS + TILE) << 4;

const CONSTANTS = memory.data<f32>([
  0.5, -2.5, 0.7071067811865476, 1.4142135623730951, 0.3333333333333333, -0.3333333333333333, 0.08333333333333333,
  0.16666666666666666, -0.6666666666666666, 0.11785113019775792, -0.4714045207910317,
]);
const HALF: usize = 0, LESS_FIVE_HALVES: usize = 1, ROOT_HALF: usize = 2, ROOT_TWO: usize = 3, THIRD: usize = 4;
const LESS_THIRD: usize = 5, TWELFTH: usize = 6, SIXTH: usize = 7, LESS_TWO_THIRDS: usize = 8;
const ROOT_HALF_SIXTH: usize = 9, LESS_ROOT_TWO_THIRD: usize = 10;

/** A constant, by its number, times x, plus y. */
// @ts-ignore: decorator
@inline
function plus(y: v128, factor: usize, x: v128): v128 {
  return madd(constant(CONSTANTS, factor), x, y);
}

// @ts-ignore: decorator
@inline
function times(factor: usize, x: v128): v128 {
  return f32x4.mul(constant(CONSTANTS, factor), x);
}

// @ts-ignore: decorator
@inline
function twice(x: v128): v128 {
  return f32x4.add(x, x);
}

/** The sum and the difference of two vectors. */
// @ts-ignore: decorator
@inline
function storeBoth(to: usize, step: usize, even: v128, odd: v128): void {
  v128.store(to, f32x4.add(even, odd));
  v128.store(to + step, f32x4.sub(even, odd));
}

/** Bᵀ of six elements. */
// @ts-ignore: decorator
@inline
function transformTile(to: usize, step: usize, d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128): void {
  v128.store(to, plus(f32x4.add(d0, d4), LESS_FIVE_HALVES, d2));
  storeBoth(to + step, step, f32x4.sub(d4, twice(d2)), times(ROOT_HALF, f32x4.sub(d3, twice(d1))));
  storeBoth(to + 3 * step, step, f32x4.sub(twice(d4), d2), times(ROOT_TWO, f32x4.sub(twice(d3), d1)));
  v128.store(to + 5 * step, plus(f32x4.add(d1, d5), LESS_FIVE_HALVES, d3));
}

/** A of four gradients. */
// @ts-ignore: decorator
@inline
function transformGradient(to: usize, step: usize, y0: v128, y1: v128, y2: v128, y3: v128): void {
  v128.store(to, y0);
  storeBoth(to + step, step, plus(y0, HALF, y2), times(ROOT_HALF, plus(y1, HALF, y3)));
  storeBoth(to + 3 * step, step, f32x4.add(y0, twice(y2)), times(ROOT_TWO, f32x4.add(y1, twice(y3))));
  v128.store(to + 5 * step, y3);
}

/** G of three taps. */
// @ts-ignore: decorator
@inline
function transformTaps(to: usize, step: usize, g0: v128, g1: v128, g2: v128): void {
  v128.store(to, g0);
  storeBoth(to + step, step, times(LESS_THIRD, f32x4.add(twice(g0), g2)), times(LESS_ROOT_TWO_THIRD, g1));
  storeBoth(to + 3 * step, step, times(TWELFTH, f32x4.add(g0, twice(g2))), times(ROOT_HALF_SIXTH, g1));
  v128.store(to + 5 * step, g2);
}

/** Gᵀ of six sums, `apart` bytes from each to the next, all of which are read before the first store. */
// @ts-ignore: decorator
@inline
function transformSums(to: usize, step: usize, from: usize, apart: usize): void {
  const u1 = v128.load(from + apart), u2 = v128.load(from + 2 * apart);
  const u3 = v128.load(from + 3 * apart), u4 = v128.load(from + 4 * apart);
  const inner = f32x4.add(u1, u2), outer = f32x4.add(u3, u4);
  const left = times(LESS_ROOT_TWO_THIRD, f32x4.sub(u1, u2)), right = times(ROOT_HALF_SIXTH, f32x4.sub(u3, u4));
  const u0 = v128.load(from), u5 = v128.load(from + 5 * apart);
  v128.store(to, f32x4.add(u0, f32x4.add(times(LESS_TWO_THIRDS, inner), times(TWELFTH, outer))));
  v128.store(to + step, f32x4.add(left, right));
  v128.store(to + 2 * step, f32x4.add(f32x4.sub(times(SIXTH, outer), times(THIRD, inner)), u5));
}

// The transpose of four vectors, in two steps: pairs of elements, then pairs of these.
// @ts-ignore: decorator
@inline
function lowPairs(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 4, 1, 5);
}
// @ts-ignore: decorator
@inline
function highPairs(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 6, 3, 7);
}
// @ts-ignore: decorator
@inline
function firstOf(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 1, 4, 5);
}
// @ts-ignore: decorator
@inline
function secondOf(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 3, 6, 7);
}

/** One element of each of four kernels. */
// @ts-ignore: decorator
@inline
function ofKernels(at: usize, second: usize, third: usize, fourth: usize): v128 {
  let v = v128.load32_zero(at);
  v = v128.load32_lane(at + second, v, 1);
  v = v128.load32_lane(at + third, v, 2);
  return v128.load32_lane(at + fourth, v, 3);
}

/**
 * u[36][k, n] = G g Gᵀ in the panels of packB, of kernels of nine elements that lie `kStep` and `nStep` bytes apart; `turned`: each
 * by 180°. Overwrites.
 *
 * @param strip STRIP_BYTES
 */
export function transformKernels(
  u: usize, weight: usize, k: i32, n: i32, kStep: usize, nStep: usize, turned: bool, part: usize, strip: usize,
): void {
  const tap: usize = turned ? <usize>-4 : <usize>4, origin: usize = turned ? <usize>32 : <usize>0;
  for (let j = 0; j < n; j += 4) {
    const panel = j & -PANEL, w = tilePanel(n - panel);
    let to = u + (<usize>(panel * k + j - panel) << 2);
    let first = weight + origin + <usize>j * nStep;
    // Lanes beyond the last column repeat it.
    const last = n - 1 - j;
    const n1 = <usize>min(1, last) * nStep, n2 = <usize>min(2, last) * nStep, n3 = <usize>min(3, last) * nStep;
    for (let i = 0; i < k; i++, first += kStep, to += <usize>w << 2) {
      for (let column: usize = 0, at = first; column < 3; column++, at += tap)
        transformTaps(
          strip + (column << 4), 48, ofKernels(at, n1, n2, n3), ofKernels(at + 3 * tap, n1, n2, n3),
          ofKernels(at + 6 * tap, n1, n2, n3),
        );
      for (let row: usize = 0, at = strip, out = to; row < POINTS; row++, at += 48, out += POINTS * part)
        transformTaps(out, part, v128.load(at), v128.load(at, 16), v128.load(at, 32));
    }
  }
}

/**
 * strip[rows][columns] = the elements of four channels from (row, column) of a picture on, zeros round it; channels beyond the last,
 * `last` planes away, repeat it. Overwrites, and up to three vectors behind.
 */
function fillStrip(
  strip: usize, picture: usize, height: i32, width: i32, last: i32, row: i32, column: i32, rows: i32, columns: i32,
): void {
  const plane = <usize>(height * width) << 2;
  const n1 = <usize>min(1, last) * plane, n2 = <usize>min(2, last) * plane, n3 = <usize>min(3, last) * plane;
  const begin = max(0, -column), end = min(columns, width - column);
  const zeros = f32x4.splat(0);
  for (const bottom = row + rows; row < bottom; row++, strip += <usize>columns << 4) {
    let i = 0;
    if (<u32>row < <u32>height && begin < end) {
      for (; i < begin; i++) v128.store(strip + (<usize>i << 4), zeros);
      let at = picture + (<usize>(row * width + column + begin) << 2);
      for (; i < end; i += 4, at += 16) {
        const a = v128.load(at), b = v128.load(at + n1), c = v128.load(at + n2), d = v128.load(at + n3);
        const ab = lowPairs(a, b), cd = lowPairs(c, d), AB = highPairs(a, b), CD = highPairs(c, d);
        const to = strip + (<usize>i << 4);
        v128.store(to, firstOf(ab, cd));
        v128.store(to, secondOf(ab, cd), 16);
        v128.store(to, firstOf(AB, CD), 32);
        v128.store(to, secondOf(AB, CD), 48);
      }
      i = end;
    }
    for (; i < columns; i++) v128.store(strip + (<usize>i << 4), zeros);
  }
}

/**
 * v[36][count, channels] = Bᵀ d B of tiles `from` to `from + count` of images[…, channels, height, width], zeros round each.
 * Overwrites, whole vectors of each row.
 *
 * @param strip STRIP_BYTES
 */
export function transformTiles(
  v: usize, images: usize, geometry: usize, channels: i32, from: i32, count: i32, part: usize, strip: usize,
): void {
  const height = load<i32>(geometry), width = load<i32>(geometry, 4);
  const top = load<i32>(geometry, 8), left = load<i32>(geometry, 12);
  const down = tilesDown(geometry), across = tilesAcross(geometry);
  const plane = <usize>(height * width) << 2, step = <usize>lanesOf(channels) << 2;
  while (count > 0) {
    const line = from / across, first = from % across, run = min(min(count, across - first), RUN);
    const columns = run * TILE + BEYOND, pitch = <usize>columns << 4;
    for (let c = 0; c < channels; c += 4) {
      fillStrip(
        strip, images + <usize>(line / down * channels + c) * plane, height, width, channels - 1 - c,
        line % down * TILE - top, first * TILE - left, <i32>POINTS, columns,
      );
      for (let at = strip, end = strip + pitch; at < end; at += 16)
        transformTile(
          at, pitch, v128.load(at), v128.load(at + pitch), v128.load(at + 2 * pitch), v128.load(at + 3 * pitch),
          v128.load(at + 4 * pitch), v128.load(at + 5 * pitch),
        );
      let to = v + (<usize>c << 2);
      for (let tile = 0, begin = strip; tile < run; tile++, begin += TILE << 4, to += step)
        for (let row: usize = 0, at = begin, out = to; row < POINTS; row++, at += pitch, out += POINTS * part)
          transformTile(
            out, part, v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48), v128.load(at, 64),
            v128.load(at, 80),
          );
    }
    from += run;
    count -= run;
    v += <usize>run * step;
  }
}

/**
 * packed[36][count, outputs] = A dy Aᵀ of tiles `from` to `from + count` of dy[…, outputs, height', width'], zeros behind each, in
 * the panels of packB. Overwrites.
 *
 * @param strip STRIP_BYTES
 */
export function transformGradients(
  packed: usize, dy: usize, geometry: usize, outputs: i32, from: i32, count: i32, part: usize, strip: usize,
): void {
  const height = load<i32>(geometry, 16), width = load<i32>(geometry, 20);
  const down = tilesDown(geometry), across = tilesAcross(geometry);
  const plane = <usize>(height * width) << 2;
  let done = 0;
  while (done < count) {
    const line = from / across, first = from % across, run = min(min(count - done, across - first), RUN);
    const columns = run * TILE, pitch = <usize>columns << 4;
    for (let o = 0; o < outputs; o += 4) {
      fillStrip(
        strip, dy + <usize>(line / down * outputs + o) * plane, height, width, outputs - 1 - o,
        line % down * TILE, first * TILE, TILE, columns,
      );
      for (let at = strip, end = strip + pitch; at < end; at += 16)
        transformGradient(
          at, pitch, v128.load(at), v128.load(at + pitch), v128.load(at + 2 * pitch), v128.load(at + 3 * pitch),
        );
      const panel = o & -PANEL, w = tilePanel(outputs - panel);
      let to = packed + (<usize>(panel * count + done * w + o - panel) << 2);
      for (let tile = 0, begin = strip; tile < run; tile++, begin += TILE << 4, to += <usize>w << 2)
        for (let row: usize = 0, at = begin, out = to; row < POINTS; row++, at += pitch, out += POINTS * part)
          transformGradient(out, part, v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48));
    }
    from += run;
    done += run;
  }
}

/** Writes a row of a tile's outputs in four channels, those of them that there are. */
// @ts-ignore: decorator
@inline
function storeRow(y: usize, plane: usize, channels: i32, columns: i32, y0: v128, y1: v128, y2: v128, y3: v128): void {
  const ab = lowPairs(y0, y1), cd = lowPairs(y2, y3), AB = highPairs(y0, y1), CD = highPairs(y2, y3);
  const a = firstOf(ab, cd), b = secondOf(ab, cd), c = firstOf(AB, CD), d = secondOf(AB, CD);
  if (channels >= 4 && columns >= TILE) {
    v128.store(y, a);
    v128.store(y + plane, b);
    v128.store(y + 2 * plane, c);
    v128.store(y + 3 * plane, d);
  } else {
    storeLast(y, a, min(columns, TILE));
    if (channels > 1) storeLast(y + plane, b, min(columns, TILE));
    if (channels > 2) storeLast(y + 2 * plane, c, min(columns, TILE));
    if (channels > 3) storeLast(y + 3 * plane, d, min(columns, TILE));
  }
}

/** Aᵀ of six products, `step` bytes apart: to vectors a row apart, or, `last`, with a bias to a row of outputs. */
// @ts-ignore: decorator
@inline
function transformProduct(
  last: bool, to: usize, from: usize, step: usize, shift: v128, plane: usize, channels: i32, columns: i32,
): void {
  const m1 = v128.load(from + step), m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step), m4 = v128.load(from + 4 * step);
  const inner = f32x4.add(m1, m2), outer = f32x4.add(m3, m4);
  const left = times(ROOT_HALF, f32x4.sub(m1, m2)), right = times(ROOT_TWO, f32x4.sub(m3, m4));
  const y0 = f32x4.add(f32x4.add(v128.load(from), inner), outer), y1 = f32x4.add(left, right);
  const y2 = plus(twice(outer), HALF, inner);
  const y3 = plus(f32x4.add(v128.load(from + 5 * step), twice(right)), HALF, left);
  if (last)
    storeRow(
      to, plane, channels, columns, f32x4.add(y0, shift), f32x4.add(y1, shift), f32x4.add(y2, shift), f32x4.add(y3, shift),
    );
  else {
    v128.store(to, y0);
    v128.store(to, y1, POINTS << 4);
    v128.store(to, y2, 2 * POINTS << 4);
    v128.store(to, y3, 3 * POINTS << 4);
  }
}

/**
 * Tiles `from` to `from + count` of y[…, outputs, height', width'] = Aᵀ m A of the products m[36][count, outputs], plus bias[outputs]
 * where it is not 0. Overwrites.
 *
 * @param strip STRIP_BYTES
 */
export function transformProducts(
  y: usize, m: usize, bias: usize, geometry: usize, outputs: i32, from: i32, count: i32, part: usize, strip: usize,
): void {
  const height = load<i32>(geometry, 16), width = load<i32>(geometry, 20);
  const down = tilesDown(geometry), across = tilesAcross(geometry);
  const step = <usize>lanesOf(outputs) << 2, plane = <usize>(height * width) << 2, rowBytes = <usize>width << 2;
  while (count > 0) {
    const line = from / across, first = from % across, run = min(min(count, across - first), RUN);
    const top = line % down * TILE, left = first * TILE, rows = min(TILE, height - top);
    for (let o = 0; o < outputs; o += 4) {
      const shift = bias ? v128.load(bias + (<usize>o << 2)) : f32x4.splat(0);
      let to = y + <usize>(line / down * outputs + o) * plane + (<usize>(top * width + left) << 2);
      let at = m + (<usize>o << 2);
      for (let columns = width - left, tile = 0; tile < run; tile++, columns -= TILE, to += TILE << 2, at += step) {
        for (let j: usize = 0, column = at; j < POINTS; j++, column += part)
          transformProduct(false, strip + (j << 4), column, POINTS * part, shift, 0, 0, 0);
        for (let i = 0, row = strip, out = to; i < rows; i++, row += POINTS << 4, out += rowBytes)
          transformProduct(true, out, row, 16, shift, plane, outputs - o, columns);
      }
    }
    from += run;
    count -= run;
    m += <usize>run * step;
  }
}

/**
 * dWeight[outputs, inputs, 3, 3] += Gᵀ u G of u[36][inputs, outputs], whose rows lie close. Accumulates.
 *
 * @param strip STRIP_BYTES
 */
export function transformKernelsBackAcc(
  dWeight: usize, u: usize, outputs: i32, inputs: i32, part: usize, strip: usize,
): void {
  for (let o = 0; o < outputs; o += 4) {
    const last = min(outputs, o + 4);
    for (let c = 0; c < inputs; c++) {
      for (let j: usize = 0, at = u + (<usize>(c * outputs + o) << 2); j < POINTS; j++, at += part)
        transformSums(strip + (j << 4), POINTS << 4, at, POINTS * part);
      for (let row: usize = 0; row < 3; row++)
        transformSums(strip + row * 48, 16, strip + row * (POINTS << 4), 16);
      for (let k = o, from = strip; k < last; k++, from += 4)
        for (let tap: usize = 0, to = dWeight + <usize>(k * inputs + c) * 36; tap < 9; tap++, to += 4)
          store<f32>(to, load<f32>(to) + load<f32>(from + (tap << 4)));
    }
  }
}

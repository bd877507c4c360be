// What stands round the products of winograd.ts: kernels, tiles and outputs brought to the 16 matrices and back. Each of four
// lanes is a channel. Matrix number 4i + j begins `part` bytes behind the one before; rows of V and of the products have their
// columns rounded up to whole vectors (`lanesOf`), what stands in the rest is undefined.
import { PANEL, tilePanel } from "../gemm/panels";

/** Elements from row to row of a matrix of `columns`. */
// @ts-ignore: decorator
@inline
export function lanesOf(columns: i32): i32 {
  return (columns + 3) & -4;
}

/** Of the output. */
// @ts-ignore: decorator
@inline
export function tilesAcross(geometry: usize): i32 {
  return (load<i32>(geometry, 20) + 1) >> 1;
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

/** A row of Gg to a row of G g Gᵀ: four stores. */
// @ts-ignore: decorator
@inline
function storeKernelRow(to: usize, part: usize, x: v128, y: v128, z: v128): void {
  const half = f32x4.splat(0.5);
  const outer = f32x4.mul(f32x4.add(x, z), half), inner = f32x4.mul(y, half);
  v128.store(to, x);
  v128.store(to + part, f32x4.add(outer, inner));
  v128.store(to + 2 * part, f32x4.sub(outer, inner));
  v128.store(to + 3 * part, z);
}

/**
 * u[16][k, n] = G g Gᵀ in the panels of packB, of kernels of nine elements that lie `kStep` and `nStep` bytes apart; `turned`: each
 * by 180°. Overwrites.
 */
export function transformKernels(
  u: usize, weight: usize, k: i32, n: i32, kStep: usize, nStep: usize, turned: bool, part: usize,
): void {
  const half = f32x4.splat(0.5);
  const tap: usize = turned ? <usize>-4 : <usize>4, origin: usize = turned ? <usize>32 : <usize>0;
  for (let j = 0; j < n; j += 4) {
    const panel = j & -PANEL, w = tilePanel(n - panel);
    let to = u + (<usize>(panel * k + j - panel) << 2);
    let at = weight + origin + <usize>j * nStep;
    // Lanes beyond the last column repeat it.
    const last = n - 1 - j;
    const n1 = <usize>min(1, last) * nStep, n2 = <usize>min(2, last) * nStep, n3 = <usize>min(3, last) * nStep;
    for (let i = 0; i < k; i++, at += kStep, to += <usize>w << 2) {
      const x0 = ofKernels(at, n1, n2, n3), y0 = ofKernels(at + tap, n1, n2, n3);
      const z0 = ofKernels(at + 2 * tap, n1, n2, n3);
      const x1 = f32x4.mul(ofKernels(at + 3 * tap, n1, n2, n3), half);
      const y1 = f32x4.mul(ofKernels(at + 4 * tap, n1, n2, n3), half);
      const z1 = f32x4.mul(ofKernels(at + 5 * tap, n1, n2, n3), half);
      const x2 = ofKernels(at + 6 * tap, n1, n2, n3), y2 = ofKernels(at + 7 * tap, n1, n2, n3);
      const z2 = ofKernels(at + 8 * tap, n1, n2, n3);
      const x = f32x4.mul(f32x4.add(x0, x2), half);
      const y = f32x4.mul(f32x4.add(y0, y2), half);
      const z = f32x4.mul(f32x4.add(z0, z2), half);
      storeKernelRow(to, part, x0, y0, z0);
      storeKernelRow(to + 4 * part, part, f32x4.add(x, x1), f32x4.add(y, y1), f32x4.add(z, z1));
      storeKernelRow(to + 8 * part, part, f32x4.sub(x, x1), f32x4.sub(y, y1), f32x4.sub(z, z1));
      storeKernelRow(to + 12 * part, part, x2, y2, z2);
    }
  }
}

/** A row of Bᵀd of four channels to a row of Bᵀ d B: four stores. */
// @ts-ignore: decorator
@inline
function storeTileRow(to: usize, part: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = lowPairs(a, b), cd = lowPairs(c, d), AB = highPairs(a, b), CD = highPairs(c, d);
  const x0 = firstOf(ab, cd), x1 = secondOf(ab, cd), x2 = firstOf(AB, CD), x3 = secondOf(AB, CD);
  v128.store(to, f32x4.sub(x0, x2));
  v128.store(to + part, f32x4.add(x1, x2));
  v128.store(to + 2 * part, f32x4.sub(x2, x1));
  v128.store(to + 3 * part, f32x4.sub(x3, x1));
}

/** Four elements of an image, without those that the mask leaves out, where there is one. */
// @ts-ignore: decorator
@inline
function pixels(masked: bool, at: usize, mask: v128): v128 {
  return masked ? v128.and(v128.load(at), mask) : v128.load(at);
}

/** Bᵀ d B of a tile and four channels, whose rows begin at r0..r3 in the first of them. */
// @ts-ignore: decorator
@inline
function transformTile(
  masked: bool, to: usize, part: usize, r0: usize, r1: usize, r2: usize, r3: usize, m0: v128, m1: v128, m2: v128, m3: v128,
  n1: usize, n2: usize, n3: usize,
): void {
  const a0 = pixels(masked, r0, m0), b0 = pixels(masked, r0 + n1, m0), c0 = pixels(masked, r0 + n2, m0), d0 = pixels(masked, r0 + n3, m0);
  const a2 = pixels(masked, r2, m2), b2 = pixels(masked, r2 + n1, m2), c2 = pixels(masked, r2 + n2, m2), d2 = pixels(masked, r2 + n3, m2);
  storeTileRow(to, part, f32x4.sub(a0, a2), f32x4.sub(b0, b2), f32x4.sub(c0, c2), f32x4.sub(d0, d2));
  const a1 = pixels(masked, r1, m1), b1 = pixels(masked, r1 + n1, m1), c1 = pixels(masked, r1 + n2, m1), d1 = pixels(masked, r1 + n3, m1);
  storeTileRow(to + 4 * part, part, f32x4.add(a1, a2), f32x4.add(b1, b2), f32x4.add(c1, c2), f32x4.add(d1, d2));
  storeTileRow(to + 8 * part, part, f32x4.sub(a2, a1), f32x4.sub(b2, b1), f32x4.sub(c2, c1), f32x4.sub(d2, d1));
  const a3 = pixels(masked, r3, m3), b3 = pixels(masked, r3 + n1, m3), c3 = pixels(masked, r3 + n2, m3), d3 = pixels(masked, r3 + n3, m3);
  storeTileRow(to + 12 * part, part, f32x4.sub(a3, a1), f32x4.sub(b3, b1), f32x4.sub(c3, c1), f32x4.sub(d3, d1));
}

/** All ones where a row lies on the image. */
// @ts-ignore: decorator
@inline
function rowMask(row: i32, height: i32): v128 {
  return i32x4.splat(<u32>row < <u32>height ? -1 : 0);
}

/** Where a row of the image begins, or the nearest that there is. */
// @ts-ignore: decorator
@inline
function rowAt(image: usize, row: i32, height: i32, width: i32): usize {
  return image + (<usize>(max(0, min(row, height - 1)) * width) << 2);
}

/**
 * v[16][count, channels] = Bᵀ d B of tiles `from` to `from + count` of image[channels, height, width], zeros round it.
 * Overwrites, whole vectors of each row. Reads up to 12 bytes before the image.
 */
export function transformTiles(
  v: usize, image: usize, geometry: usize, channels: i32, from: i32, count: i32, part: usize,
): void {
  const height = load<i32>(geometry), width = load<i32>(geometry, 4);
  const top = load<i32>(geometry, 8), left = load<i32>(geometry, 12), across = tilesAcross(geometry);
  const step = <usize>lanesOf(channels) << 2, plane = <usize>(height * width) << 2;
  // The tiles of a row whose four columns lie on the image.
  const inside = max(0, (left + 1) >> 1), beyond = (width - 4 + left) >> 1;
  while (count > 0) {
    const first = from % across, row = 2 * (from / across) - top, run = min(count, across - first);
    const whole = row >= 0 && row + 3 < height;
    const i0 = rowMask(row, height), i1 = rowMask(row + 1, height), i2 = rowMask(row + 2, height), i3 = rowMask(row + 3, height);
    for (let c = 0; c < channels; c += 4) {
      const base = image + <usize>c * plane;
      const last = channels - 1 - c;
      const n1 = <usize>min(1, last) * plane, n2 = <usize>min(2, last) * plane, n3 = <usize>min(3, last) * plane;
      const r0 = rowAt(base, row, height, width), r1 = rowAt(base, row + 1, height, width);
      const r2 = rowAt(base, row + 2, height, width), r3 = rowAt(base, row + 3, height, width);
      let to = v + (<usize>c << 2);
      for (let tile = first; tile < first + run; tile++, to += step) {
        const column = 2 * tile - left;
        if (whole && tile >= inside && tile <= beyond) {
          const at = <usize>column << 2;
          transformTile(false, to, part, r0 + at, r1 + at, r2 + at, r3 + at, i0, i0, i0, i0, n1, n2, n3);
        } else {
          const columns = i32x4.add(i32x4.splat(column), i32x4(0, 1, 2, 3));
          const on = v128.andnot(i32x4.lt_s(columns, i32x4.splat(width)), i32x4.lt_s(columns, i32x4.splat(0)));
          const at = <usize>(max(-3, min(column, width - 1)) << 2);
          transformTile(
            true, to, part, r0 + at, r1 + at, r2 + at, r3 + at, v128.and(i0, on), v128.and(i1, on), v128.and(i2, on),
            v128.and(i3, on), n1, n2, n3,
          );
        }
      }
    }
    from += run;
    count -= run;
    v += <usize>run * step;
  }
}

/** Writes the 2 × 2 outputs of a tile in one channel, those of them that there are. */
// @ts-ignore: decorator
@inline
function storeTile(whole: bool, y: usize, width: usize, v: v128, rows: i32, columns: i32): void {
  if (whole) {
    v128.store64_lane(y, v, 0);
    v128.store64_lane(y + width, v, 1);
  } else {
    v128.store32_lane(y, v, 0);
    if (columns > 1) v128.store32_lane(y, v, 1, 4);
    if (rows > 1) {
      v128.store32_lane(y + width, v, 2);
      if (columns > 1) v128.store32_lane(y + width, v, 3, 4);
    }
  }
}

/** x + y + z. */
// @ts-ignore: decorator
@inline
function sum3(x: v128, y: v128, z: v128): v128 {
  return f32x4.add(f32x4.add(x, y), z);
}

/** x - y + z. */
// @ts-ignore: decorator
@inline
function between(x: v128, y: v128, z: v128): v128 {
  return f32x4.add(f32x4.sub(x, y), z);
}

/**
 * Tiles `from` to `from + count` of y[outputs, height', width'] = Aᵀ m A of the products m[16][count, outputs], plus bias[outputs] where
 * it is not 0. Overwrites.
 */
export function transformProducts(
  y: usize, m: usize, bias: usize, geometry: usize, outputs: i32, from: i32, count: i32, p: usize,
): void {
  const height = load<i32>(geometry, 16), width = load<i32>(geometry, 20), across = tilesAcross(geometry);
  const step = <usize>lanesOf(outputs) << 2, plane = <usize>(height * width) << 2;
  const rowBytes = <usize>width << 2;
  while (count > 0) {
    const first = from % across, row = 2 * (from / across), run = min(count, across - first);
    const rows = height - row;
    for (let o = 0; o < outputs; o += 4) {
      const shift = bias ? v128.load(bias + (<usize>o << 2)) : f32x4.splat(0);
      const some = outputs - o;
      let to = y + <usize>o * plane + (<usize>(row * width + 2 * first) << 2);
      let at = m + (<usize>o << 2);
      for (let tile = first; tile < first + run; tile++, to += 8, at += step) {
        const m10 = v128.load(at + 4 * p), m20 = v128.load(at + 8 * p);
        const s0 = sum3(v128.load(at), m10, m20), t0 = between(m10, m20, v128.load(at + 12 * p));
        const m11 = v128.load(at + 5 * p), m21 = v128.load(at + 9 * p);
        const s1 = sum3(v128.load(at + p), m11, m21), t1 = between(m11, m21, v128.load(at + 13 * p));
        const m12 = v128.load(at + 6 * p), m22 = v128.load(at + 10 * p);
        const s2 = sum3(v128.load(at + 2 * p), m12, m22), t2 = between(m12, m22, v128.load(at + 14 * p));
        const m13 = v128.load(at + 7 * p), m23 = v128.load(at + 11 * p);
        const s3 = sum3(v128.load(at + 3 * p), m13, m23), t3 = between(m13, m23, v128.load(at + 15 * p));
        const y00 = f32x4.add(sum3(s0, s1, s2), shift), y01 = f32x4.add(between(s1, s2, s3), shift);
        const y10 = f32x4.add(sum3(t0, t1, t2), shift), y11 = f32x4.add(between(t1, t2, t3), shift);
        const ab = lowPairs(y00, y01), cd = lowPairs(y10, y11), AB = highPairs(y00, y01), CD = highPairs(y10, y11);
        const columns = width - 2 * tile;
        if (some >= 4 && rows >= 2 && columns >= 2) {
          storeTile(true, to, rowBytes, firstOf(ab, cd), 2, 2);
          storeTile(true, to + plane, rowBytes, secondOf(ab, cd), 2, 2);
          storeTile(true, to + 2 * plane, rowBytes, firstOf(AB, CD), 2, 2);
          storeTile(true, to + 3 * plane, rowBytes, secondOf(AB, CD), 2, 2);
        } else {
          storeTile(false, to, rowBytes, firstOf(ab, cd), rows, columns);
          if (some > 1) storeTile(false, to + plane, rowBytes, secondOf(ab, cd), rows, columns);
          if (some > 2) storeTile(false, to + 2 * plane, rowBytes, firstOf(AB, CD), rows, columns);
          if (some > 3) storeTile(false, to + 3 * plane, rowBytes, secondOf(AB, CD), rows, columns);
        }
      }
    }
    from += run;
    count -= run;
    m += <usize>run * step;
  }
}

/** A row of A dy to a row of A dy Aᵀ: four stores. */
// @ts-ignore: decorator
@inline
function storeGradientRow(to: usize, part: usize, x: v128, y: v128): void {
  v128.store(to, x);
  v128.store(to + part, f32x4.add(x, y));
  v128.store(to + 2 * part, f32x4.sub(x, y));
  v128.store(to + 3 * part, y);
}

/** The 2 × 2 elements of a tile in one channel. */
// @ts-ignore: decorator
@inline
function loadTile(at: usize, down: usize): v128 {
  return v128.load64_lane(at + down, v128.load64_zero(at), 1);
}

/**
 * packed[16][count, outputs] = A dy Aᵀ of tiles `from` to `from + count` of dy[outputs, height', width'], zeros round it, in the panels of
 * packB. Overwrites.
 */
export function transformGradients(
  packed: usize, dy: usize, geometry: usize, outputs: i32, from: i32, count: i32, p: usize,
): void {
  const height = load<i32>(geometry, 16), width = load<i32>(geometry, 20), across = tilesAcross(geometry);
  const plane = <usize>(height * width) << 2;
  const all = count;
  let done = 0;
  while (done < all) {
    const first = from % across, row = 2 * (from / across), run = min(all - done, across - first);
    const below = row + 1 < height;
    // The row below the last one is the last again, but counts as zeros.
    const down = below ? <usize>width << 2 : 0;
    const rowsOn = below ? i32x4.splat(-1) : i32x4(-1, -1, 0, 0);
    for (let o = 0; o < outputs; o += 4) {
      const panel = o & -PANEL, w = tilePanel(outputs - panel), step = <usize>w << 2;
      let to = packed + (<usize>(panel * all + done * w + o - panel) << 2);
      let at = dy + <usize>o * plane + (<usize>(row * width + 2 * first) << 2);
      const last = outputs - 1 - o;
      const n1 = <usize>min(1, last) * plane, n2 = <usize>min(2, last) * plane, n3 = <usize>min(3, last) * plane;
      for (let tile = first; tile < first + run; tile++, to += step, at += 8) {
        let a = loadTile(at, down), b = loadTile(at + n1, down), c = loadTile(at + n2, down), d = loadTile(at + n3, down);
        if (!below || 2 * tile + 1 >= width) {
          const on = 2 * tile + 1 < width ? rowsOn : v128.and(rowsOn, i32x4(-1, 0, -1, 0));
          a = v128.and(a, on), b = v128.and(b, on), c = v128.and(c, on), d = v128.and(d, on);
        }
        const ab = lowPairs(a, b), cd = lowPairs(c, d), AB = highPairs(a, b), CD = highPairs(c, d);
        const y00 = firstOf(ab, cd), y01 = secondOf(ab, cd), y10 = firstOf(AB, CD), y11 = secondOf(AB, CD);
        storeGradientRow(to, p, y00, y01);
        storeGradientRow(to + 4 * p, p, f32x4.add(y00, y10), f32x4.add(y01, y11));
        storeGradientRow(to + 8 * p, p, f32x4.sub(y00, y10), f32x4.sub(y01, y11));
        storeGradientRow(to + 12 * p, p, y10, y11);
      }
    }
    from += run;
    done += run;
  }
}

/** Adds a row of Gᵀ u G, from a row of Gᵀu. */
// @ts-ignore: decorator
@inline
function addKernelRow(to: usize, x0: f32, x1: f32, x2: f32, x3: f32): void {
  const half: f32 = 0.5, both = half * (x1 + x2);
  store<f32>(to, load<f32>(to) + (x0 + both));
  store<f32>(to, load<f32>(to, 4) + half * (x1 - x2), 4);
  store<f32>(to, load<f32>(to, 8) + (both + x3), 8);
}

/** Half the sum of two elements, and of their difference. */
// @ts-ignore: decorator
@inline
function halfSum(x: usize, y: usize): f32 {
  return <f32>0.5 * (load<f32>(x) + load<f32>(y));
}
// @ts-ignore: decorator
@inline
function halfDifference(x: usize, y: usize): f32 {
  return <f32>0.5 * (load<f32>(x) - load<f32>(y));
}

/** dWeight[outputs, inputs, 3, 3] += Gᵀ u G of u[16][inputs, outputs], whose rows lie close. Accumulates. */
export function transformKernelsBackAcc(dWeight: usize, u: usize, outputs: i32, inputs: i32, p: usize): void {
  for (let o = 0; o < outputs; o++)
    for (let c = 0; c < inputs; c++, dWeight += 36) {
      const r0 = u + (<usize>(c * outputs + o) << 2), r1 = r0 + 4 * p, r2 = r0 + 8 * p, r3 = r0 + 12 * p;
      const s0 = halfSum(r1, r2), s1 = halfSum(r1 + p, r2 + p), s2 = halfSum(r1 + 2 * p, r2 + 2 * p), s3 = halfSum(r1 + 3 * p, r2 + 3 * p);
      addKernelRow(dWeight, load<f32>(r0) + s0, load<f32>(r0 + p) + s1, load<f32>(r0 + 2 * p) + s2, load<f32>(r0 + 3 * p) + s3);
      addKernelRow(
        dWeight + 12, halfDifference(r1, r2), halfDifference(r1 + p, r2 + p), halfDifference(r1 + 2 * p, r2 + 2 * p),
        halfDifference(r1 + 3 * p, r2 + 3 * p),
      );
      addKernelRow(dWeight + 24, s0 + load<f32>(r3), s1 + load<f32>(r3 + p), s2 + load<f32>(r3 + 2 * p), s3 + load<f32>(r3 + 3 * p));
    }
}

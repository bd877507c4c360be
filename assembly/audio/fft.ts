// The discrete Fourier transform of four frames at once, a frame in each lane: no shuffles whatever the size, and a frame's
// bits do not depend on the frames beside it. Stockham's form (Cochran et al. 1967): each stage reads one buffer and writes
// the other, already in order. A complex number is two vectors, 32 bytes.
import { radixOf, stagesOf, turnsOf } from "./plan";

/** Bytes of a complex number in four lanes. */
export const COMPLEX: usize = 32;

// @ts-ignore: decorator
@inline
function re(at: usize): v128 {
  return v128.load(at);
}

// @ts-ignore: decorator
@inline
function im(at: usize): v128 {
  return v128.load(at, 16);
}

// @ts-ignore: decorator
@inline
function put(at: usize, a: v128, b: v128): void {
  v128.store(at, a);
  v128.store(at, b, 16);
}

/** (a + ib) times the turn at `turn`. */
// @ts-ignore: decorator
@inline
function putTurned(at: usize, a: v128, b: v128, turn: usize): void {
  const c = v128.load32_splat(turn), s = v128.load32_splat(turn, 4);
  put(at, f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)), f32x4.add(f32x4.mul(a, s), f32x4.mul(b, c)));
}

/** Transforms `length` complex numbers in `from`, with `other` as room for as many. Returns which of both holds the result. */
export function transform(plan: usize, from: usize, other: usize, length: i32): usize {
  let rest = length;
  let stride: usize = 1;
  for (let stage = stagesOf(plan); radixOf(stage) != 0; stage += 8) {
    const radix = radixOf(stage), turns = turnsOf(plan, stage);
    rest /= radix;
    if (radix == 4) radix4(other, from, turns, rest, stride);
    else if (radix == 2) radix2(other, from, turns, rest, stride);
    else if (radix == 3) radix3(other, from, turns, rest, stride);
    else if (radix == 5) radix5(other, from, turns, rest, stride);
    else anyRadix(other, from, turns, rest, stride, radix);
    stride *= radix;
    const read = from;
    from = other;
    other = read;
  }
  return from;
}

// A stage of radix r joins r spectra of `stride` interleaved transforms: of inputs a_j, `legs` · stride apart, output k is
// turn(p, k) · Σ_j a_j e^(-2πi jk / r).

function radix2(to: usize, from: usize, turns: usize, legs: i32, stride: usize): void {
  const step = stride * COMPLEX, leg = <usize>legs * step;
  for (let p = 0; p < legs; p++, turns += 8, to += step) {
    for (const end = from + step; from < end; from += COMPLEX, to += COMPLEX) {
      const a = re(from), b = im(from), c = re(from + leg), d = im(from + leg);
      put(to, f32x4.add(a, c), f32x4.add(b, d));
      putTurned(to + step, f32x4.sub(a, c), f32x4.sub(b, d), turns);
    }
  }
}

const ROOT3: f32 = 0.8660254037844386; // sin(2π / 3)

function radix3(to: usize, from: usize, turns: usize, legs: i32, stride: usize): void {
  const step = stride * COMPLEX, leg = <usize>legs * step;
  const half = f32x4.splat(0.5), root = f32x4.splat(ROOT3);
  for (let p = 0; p < legs; p++, turns += 16, to += 2 * step) {
    for (const end = from + step; from < end; from += COMPLEX, to += COMPLEX) {
      const a = re(from), b = im(from);
      const sumRe = f32x4.add(re(from + leg), re(from + 2 * leg)), sumIm = f32x4.add(im(from + leg), im(from + 2 * leg));
      const partRe = f32x4.mul(root, f32x4.sub(re(from + leg), re(from + 2 * leg)));
      const partIm = f32x4.mul(root, f32x4.sub(im(from + leg), im(from + 2 * leg)));
      const midRe = f32x4.sub(a, f32x4.mul(half, sumRe)), midIm = f32x4.sub(b, f32x4.mul(half, sumIm));
      put(to, f32x4.add(a, sumRe), f32x4.add(b, sumIm));
      putTurned(to + step, f32x4.add(midRe, partIm), f32x4.sub(midIm, partRe), turns);
      putTurned(to + 2 * step, f32x4.sub(midRe, partIm), f32x4.add(midIm, partRe), turns + 8);
    }
  }
}

function radix4(to: usize, from: usize, turns: usize, legs: i32, stride: usize): void {
  const step = stride * COMPLEX, leg = <usize>legs * step;
  for (let p = 0; p < legs; p++, turns += 24, to += 3 * step) {
    for (const end = from + step; from < end; from += COMPLEX, to += COMPLEX) {
      const second = from + leg, third = second + leg, fourth = third + leg;
      const evenRe = f32x4.add(re(from), re(third)), evenIm = f32x4.add(im(from), im(third));
      const apartRe = f32x4.sub(re(from), re(third)), apartIm = f32x4.sub(im(from), im(third));
      const oddRe = f32x4.add(re(second), re(fourth)), oddIm = f32x4.add(im(second), im(fourth));
      const turnedRe = f32x4.sub(re(second), re(fourth)), turnedIm = f32x4.sub(im(second), im(fourth));
      put(to, f32x4.add(evenRe, oddRe), f32x4.add(evenIm, oddIm));
      putTurned(to + step, f32x4.add(apartRe, turnedIm), f32x4.sub(apartIm, turnedRe), turns);
      putTurned(to + 2 * step, f32x4.sub(evenRe, oddRe), f32x4.sub(evenIm, oddIm), turns + 8);
      putTurned(to + 3 * step, f32x4.sub(apartRe, turnedIm), f32x4.add(apartIm, turnedRe), turns + 16);
    }
  }
}

const COS1: f32 = 0.30901699437494745; // cos(2π / 5), sin(2π / 5), cos(4π / 5), sin(4π / 5)
const SIN1: f32 = 0.9510565162951535;
const COS2: f32 = -0.8090169943749475;
const SIN2: f32 = 0.5877852522924731;

function radix5(to: usize, from: usize, turns: usize, legs: i32, stride: usize): void {
  const step = stride * COMPLEX, leg = <usize>legs * step;
  const c1 = f32x4.splat(COS1), s1 = f32x4.splat(SIN1), c2 = f32x4.splat(COS2), s2 = f32x4.splat(SIN2);
  for (let p = 0; p < legs; p++, turns += 32, to += 4 * step) {
    for (const end = from + step; from < end; from += COMPLEX, to += COMPLEX) {
      const a1 = from + leg, a2 = a1 + leg, a3 = a2 + leg, a4 = a3 + leg;
      const outerRe = f32x4.add(re(a1), re(a4)), outerIm = f32x4.add(im(a1), im(a4));
      const innerRe = f32x4.add(re(a2), re(a3)), innerIm = f32x4.add(im(a2), im(a3));
      const wideRe = f32x4.sub(re(a1), re(a4)), wideIm = f32x4.sub(im(a1), im(a4));
      const closeRe = f32x4.sub(re(a2), re(a3)), closeIm = f32x4.sub(im(a2), im(a3));
      const a = re(from), b = im(from);
      put(to, f32x4.add(a, f32x4.add(outerRe, innerRe)), f32x4.add(b, f32x4.add(outerIm, innerIm)));
      let midRe = f32x4.add(a, f32x4.add(f32x4.mul(c1, outerRe), f32x4.mul(c2, innerRe)));
      let midIm = f32x4.add(b, f32x4.add(f32x4.mul(c1, outerIm), f32x4.mul(c2, innerIm)));
      let partRe = f32x4.add(f32x4.mul(s1, wideIm), f32x4.mul(s2, closeIm));
      let partIm = f32x4.add(f32x4.mul(s1, wideRe), f32x4.mul(s2, closeRe));
      putTurned(to + step, f32x4.add(midRe, partRe), f32x4.sub(midIm, partIm), turns);
      putTurned(to + 4 * step, f32x4.sub(midRe, partRe), f32x4.add(midIm, partIm), turns + 24);
      midRe = f32x4.add(a, f32x4.add(f32x4.mul(c2, outerRe), f32x4.mul(c1, innerRe)));
      midIm = f32x4.add(b, f32x4.add(f32x4.mul(c2, outerIm), f32x4.mul(c1, innerIm)));
      partRe = f32x4.sub(f32x4.mul(s2, wideIm), f32x4.mul(s1, closeIm));
      partIm = f32x4.sub(f32x4.mul(s2, wideRe), f32x4.mul(s1, closeRe));
      putTurned(to + 2 * step, f32x4.add(midRe, partRe), f32x4.sub(midIm, partIm), turns + 8);
      putTurned(to + 3 * step, f32x4.sub(midRe, partRe), f32x4.add(midIm, partIm), turns + 16);
    }
  }
}

/** A prime above 5, by its sum: as many products as its square. */
function anyRadix(to: usize, from: usize, turns: usize, legs: i32, stride: usize, radix: i32): void {
  const step = stride * COMPLEX, leg = <usize>legs * step, across = <usize>radix * leg;
  const roots = turns + ((<usize>legs * (radix - 1)) << 3);
  for (let p = 0; p < legs; p++, turns += <usize>(radix - 1) << 3, to += <usize>(radix - 1) * step) {
    for (const end = from + step; from < end; from += COMPLEX, to += COMPLEX) {
      for (let k = 0; k < radix; k++) {
        let sumRe = re(from), sumIm = im(from);
        let root = 0;
        for (let a = from + leg; a < from + across; a += leg) {
          root += k;
          if (root >= radix) root -= radix;
          const at = roots + (<usize>root << 3);
          const c = v128.load32_splat(at), s = v128.load32_splat(at, 4);
          sumRe = f32x4.add(sumRe, f32x4.sub(f32x4.mul(re(a), c), f32x4.mul(im(a), s)));
          sumIm = f32x4.add(sumIm, f32x4.add(f32x4.mul(re(a), s), f32x4.mul(im(a), c)));
        }
        if (k == 0) put(to, sumRe, sumIm);
        else putTurned(to + <usize>k * step, sumRe, sumIm, turns + (<usize>(k - 1) << 3));
      }
    }
  }
}

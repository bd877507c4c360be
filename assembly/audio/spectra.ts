// Spectra of the frames of a signal, four frames at a time, and what is made of them while they are in the cache.
import { inlinedLog } from "../simd/exp";
import { madd } from "../simd/madd";
import { assertAligned } from "../simd/preconditions";
import { COMPLEX, transform } from "./fft";
import { storeLanes, transposed } from "./lanes";
import { filtersOf, hopOf, sizeOf, spansOf, splitOf, weightsOf, windowOf } from "./plan";

/** Complex numbers that the transform of a frame works on: a frame of even size is half as many. */
// @ts-ignore: decorator
@inline
function lengthOf(size: i32): i32 {
  return size & 1 ? size : size >> 1;
}

// @ts-ignore: decorator
@inline
function bufferBytes(size: i32): usize {
  return <usize>(lengthOf(size) + 4) * COMPLEX;
}

/** Bytes of scratch of spectra and melSpectra. */
export function spectraScratchBytes(size: i32, filters: i32): usize {
  return 2 * bufferBytes(size) + (<usize>(filters + 4) << 4);
}

/**
 * out[frames, bins, 2] = the Fourier transforms of windowed frames, for kind 0; out[frames, bins] their magnitudes (1) or
 * squares of these (2). bins = size / 2 + 1. Frame t begins `hop` · t samples behind the signal's begin. Overwrites.
 */
export function spectra(out: usize, signal: usize, plan: usize, scratch: usize, frames: i32, kind: i32): void {
  const size = sizeOf(plan), bins = (size >> 1) + 1;
  const width = kind == 0 ? 2 * bins : bins;
  const hop = hopOf(plan) << 2;
  assertAligned(scratch);
  for (; frames > 0; frames -= 4, signal += 4 * hop, out += <usize>width << 4) {
    let at = spectrum(signal, plan, scratch, frames);
    if (kind != 0) at = powers(at, bins, kind == 1);
    storeLanes(out, at, frames, width);
  }
}

/**
 * out[frames, filters] = the plan's filters over powers of the spectra (over magnitudes, where `magnitudes`); with `factor`
 * other than 0, factor · ln of what is at least `floor`. Overwrites.
 */
export function melSpectra(
  out: usize, signal: usize, plan: usize, scratch: usize, frames: i32, magnitudes: bool, factor: f32, floor: f32,
): void {
  const size = sizeOf(plan), bins = (size >> 1) + 1, filters = filtersOf(plan);
  const hop = hopOf(plan) << 2;
  const sums = scratch + 2 * bufferBytes(size);
  const least = f32x4.splat(floor), scale = f32x4.splat(factor);
  assertAligned(scratch);
  for (; frames > 0; frames -= 4, signal += 4 * hop, out += <usize>filters << 4) {
    const values = powers(spectrum(signal, plan, scratch, frames), bins, magnitudes);
    let span = spansOf(plan), weights = weightsOf(plan);
    for (let sum = sums, end = sums + (<usize>filters << 4); sum < end; sum += 16, span += 8) {
      let total = f32x4.splat(0);
      let value = values + (<usize>load<i32>(span) << 4);
      for (const last = value + (<usize>load<i32>(span, 4) << 4); value < last; value += 16, weights += 4)
        total = madd(v128.load(value), v128.load32_splat(weights), total);
      v128.store(sum, total);
    }
    if (factor != 0)
      for (let sum = sums, end = sums + (<usize>filters << 4); sum < end; sum += 16)
        // Of these operands pmax keeps NaN.
        v128.store(sum, f32x4.mul(inlinedLog(f32x4.pmax(v128.load(sum), least)), scale));
    storeLanes(out, sums, frames, filters);
  }
}

/** The spectra of up to four frames, [bins] complex numbers of four lanes: where they are. */
function spectrum(signal: usize, plan: usize, scratch: usize, frames: i32): usize {
  const size = sizeOf(plan);
  const other = scratch + bufferBytes(size);
  gather(scratch, signal, plan, frames);
  const length = lengthOf(size);
  const at = transform(plan, scratch, other, length);
  if (size & 1) return at;
  const to = at == scratch ? other : scratch;
  split(to, at, splitOf(plan), length);
  return to;
}

/** Windowed samples, one behind the other as real and imaginary parts by turns; of an odd size as real parts. */
function gather(to: usize, signal: usize, plan: usize, frames: i32): void {
  const size = sizeOf(plan), hop = hopOf(plan) << 2;
  let window = windowOf(plan);
  // Lanes without a frame of their own hold the last one's.
  const first = signal;
  const second = frames > 1 ? first + hop : first;
  const third = frames > 2 ? second + hop : second;
  const fourth = frames > 3 ? third + hop : third;
  const shift = size & 1 ? 5 : 4;
  const zero = f32x4.splat(0);
  for (let i = 0; i < size; i += 4, window += 16) {
    const from = <usize>i << 2;
    const a = v128.load(first + from), b = v128.load(second + from);
    const c = v128.load(third + from), d = v128.load(fourth + from);
    const at = to + (<usize>i << shift), step = <usize>1 << shift;
    v128.store(at, f32x4.mul(transposed(a, b, c, d, 0), v128.load32_splat(window)));
    v128.store(at + step, f32x4.mul(transposed(a, b, c, d, 1), v128.load32_splat(window, 4)));
    v128.store(at + 2 * step, f32x4.mul(transposed(a, b, c, d, 2), v128.load32_splat(window, 8)));
    v128.store(at + 3 * step, f32x4.mul(transposed(a, b, c, d, 3), v128.load32_splat(window, 12)));
    if (size & 1)
      for (let k: usize = 0; k < 4; k++) v128.store(at + k * step, zero, 16);
  }
}

/**
 * The spectrum of a real frame of 2 · length samples from the transform Z of its pairs: with E and O those of its even and odd
 * samples, X[k] = E + turn · O and X[length - k] = conj(E - turn · O), where E = (Z[k] + conj Z[length - k]) / 2 and
 * O = -i (Z[k] - conj Z[length - k]) / 2.
 */
function split(to: usize, from: usize, turns: usize, length: i32): void {
  const half = f32x4.splat(0.5);
  const end = <usize>length * COMPLEX;
  for (let k = 0; k <= length >> 1; k++, turns += 8) {
    const near = <usize>k * COMPLEX, far = end - near;
    const mirror = from + (k == 0 ? 0 : far);
    const a = v128.load(from + near), b = v128.load(from + near, 16);
    const c = v128.load(mirror), d = v128.load(mirror, 16);
    const evenRe = f32x4.mul(half, f32x4.add(a, c)), evenIm = f32x4.mul(half, f32x4.sub(b, d));
    const oddRe = f32x4.mul(half, f32x4.add(b, d)), oddIm = f32x4.mul(half, f32x4.sub(c, a));
    const cos = v128.load32_splat(turns), sin = v128.load32_splat(turns, 4);
    const turnedRe = f32x4.sub(f32x4.mul(oddRe, cos), f32x4.mul(oddIm, sin));
    const turnedIm = f32x4.add(f32x4.mul(oddRe, sin), f32x4.mul(oddIm, cos));
    v128.store(to + far, f32x4.sub(evenRe, turnedRe));
    v128.store(to + far, f32x4.sub(turnedIm, evenIm), 16);
    v128.store(to + near, f32x4.add(evenRe, turnedRe));
    v128.store(to + near, f32x4.add(evenIm, turnedIm), 16);
  }
}

/** |X|², or |X|, in place of the complex numbers, a vector each. */
function powers(at: usize, bins: i32, magnitudes: bool): usize {
  let to = at;
  for (let from = at, end = at + <usize>bins * COMPLEX; from < end; from += COMPLEX, to += 16) {
    const a = v128.load(from), b = v128.load(from, 16);
    const power = f32x4.add(f32x4.mul(a, a), f32x4.mul(b, b));
    v128.store(to, magnitudes ? f32x4.sqrt(power) : power);
  }
  return at;
}

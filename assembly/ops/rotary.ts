// Rotary positions: pairs of a head's features turned by an angle that grows with the position.
import { storeRest } from "../simd/lanes";

/**
 * out[rows, heads · size] = x, each pair of a head's features turned by the angle of its row's position, which is the row's
 * number modulo `time`; rows lie outRow and xRow elements apart. angles[time, size]: size / 2 cosines, then as many sines.
 * Pairs are (i, i + size / 2), or with `interleaved` (2i, 2i + 1). `inverse` turns back: the gradient. `size` is even.
 * Overwrites; out may be x if the strides agree.
 */
export function rotate(
  out: usize, x: usize, angles: usize, rows: i32, time: i32, heads: i32, size: i32, outRow: i32, xRow: i32,
  interleaved: bool, inverse: bool,
): void {
  assert((size & 1) == 0, "a feature without its pair");
  const headBytes = <usize>size << 2;
  const sign = f32x4.splat(inverse ? -1 : 1);
  let position = 0;
  for (let row = 0; row < rows; row++) {
    const cosines = angles + <usize>position * headBytes;
    const to = out + (<usize>row * outRow << 2), from = x + (<usize>row * xRow << 2);
    for (let head = 0; head < heads; head++) {
      const at = <usize>head * headBytes;
      if (interleaved) turnNeighbours(to + at, from + at, cosines, size, sign);
      else turnHalves(to + at, from + at, cosines, size, sign);
    }
    if (++position == time) position = 0;
  }
}

// @ts-ignore: decorator
@inline
function turnHalves(to: usize, from: usize, cosines: usize, size: i32, sign: v128): void {
  const half = size >> 1;
  const halfBytes = <usize>half << 2;
  for (let at: usize = 0, n = half; n > 0; n -= 4, at += 16) {
    const a = v128.load(from + at), b = v128.load(from + halfBytes + at);
    const cosine = v128.load(cosines + at), sine = f32x4.mul(v128.load(cosines + halfBytes + at), sign);
    storeRest(to + at, f32x4.sub(f32x4.mul(a, cosine), f32x4.mul(b, sine)), n);
    storeRest(to + halfBytes + at, f32x4.add(f32x4.mul(b, cosine), f32x4.mul(a, sine)), n);
  }
}

// @ts-ignore: decorator
@inline
function turnNeighbours(to: usize, from: usize, cosines: usize, size: i32, sign: v128): void {
  const sines = cosines + (<usize>size << 1);
  const signs = f32x4.mul(sign, f32x4(-1, 1, -1, 1));
  for (let at: usize = 0, n = size; n > 0; n -= 4, at += 16) {
    const v = v128.load(from + at);
    const c = v128.load64_zero(cosines + (at >> 1)), s = v128.load64_zero(sines + (at >> 1));
    const cosine = v128.shuffle<f32>(c, c, 0, 0, 1, 1);
    const sine = f32x4.mul(v128.shuffle<f32>(s, s, 0, 0, 1, 1), signs);
    const turned = v128.shuffle<f32>(v, v, 1, 0, 3, 2);
    storeRest(to + at, f32x4.add(f32x4.mul(v, cosine), f32x4.mul(turned, sine)), n);
  }
}

// The largest element of each window over channels: without a copy of the windows, since each element is read but once or twice.
// Geometries are those of convolution.ts.
import { select, storeLast } from "../simd/lanes";
import { replaces } from "./reduce";

/** Four elements, `step` bytes apart, of which `rest` count: the others may be anything. */
// @ts-ignore: decorator
@inline
function everyStep(at: usize, step: usize, rest: i32): v128 {
  if (step == 4) return v128.load(at);
  if (step == 8) return v128.shuffle<f32>(v128.load(at), v128.load(at, 16), 0, 2, 4, 6);
  const last = rest - 1;
  let v = v128.load32_zero(at);
  v = v128.load32_lane(at + <usize>min(1, last) * step, v, 1);
  v = v128.load32_lane(at + <usize>min(2, last) * step, v, 2);
  return v128.load32_lane(at + <usize>min(3, last) * step, v, 3);
}

/**
 * y[channels, positions] = the largest element of each window of the image, the first NaN if there is one; places: how many bytes
 * from the window's first element it stands, the first of equals. Overwrites; no aliasing.
 */
export function maxPoolForward(y: usize, places: usize, image: usize, geometry: usize, positions: i32): void {
  const channels = load<i32>(geometry), plane = load<u32>(geometry, 4) << 2, width = load<u32>(geometry, 8) << 2;
  const kernelHeight = load<i32>(geometry, 12), kernelWidth = load<i32>(geometry, 16);
  const down = load<u32>(geometry, 20) * width, across = load<u32>(geometry, 24) << 2;
  const tapDown = load<u32>(geometry, 28) * width, tapAcross = load<u32>(geometry, 32) << 2;
  const outWidth = load<i32>(geometry, 36), outHeight = positions / outWidth;
  for (let c = 0; c < channels; c++, image += plane)
    for (let row = 0, line = image; row < outHeight; row++, line += down) {
      for (let n = outWidth, window = line; n > 0; n -= 4, window += across << 2) {
        let best = everyStep(window, across, n), place = i32x4.splat(0);
        for (let i = 0, from: usize = 0; i < kernelHeight; i++, from += tapDown)
          for (let j = 0, at = from; j < kernelWidth; j++, at += tapAcross) {
            const v = everyStep(window + at, across, n);
            const better = replaces(v, best);
            best = select(better, v, best);
            place = select(better, i32x4.splat(<i32>at), place);
          }
        const written = <usize>(outWidth - n) << 2;
        storeLast(y + written, best, n);
        storeLast(places + written, place, n);
      }
      y += <usize>outWidth << 2;
      places += <usize>outWidth << 2;
    }
}

/** image += dy[channels, positions], each where maxPoolForward found its element. Accumulates; no aliasing. */
export function maxPoolBackwardAcc(image: usize, dy: usize, places: usize, geometry: usize, positions: i32): void {
  const channels = load<i32>(geometry), plane = load<u32>(geometry, 4) << 2, width = load<u32>(geometry, 8) << 2;
  const down = load<u32>(geometry, 20) * width, across = load<u32>(geometry, 24) << 2;
  const outWidth = load<i32>(geometry, 36), outHeight = positions / outWidth;
  for (let c = 0; c < channels; c++, image += plane)
    for (let row = 0, line = image; row < outHeight; row++, line += down)
      for (let i = 0, window = line; i < outWidth; i++, window += across, dy += 4, places += 4) {
        const to = window + load<u32>(places);
        store<f32>(to, load<f32>(to) + load<f32>(dy));
      }
}

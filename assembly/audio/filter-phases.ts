// A signal at another rate: each sample is a sum over samples around it, by one of a few filters in turn.
import { hsum } from "../simd/lanes";
import { madd } from "../simd/madd";

/**
 * out[count]: sample i, of phase p = (first + i) mod phases and round r = (first + i) div phases, is the sum over
 * signal[r · step + starts[p] + k] · taps[p, k], k < width, a multiple of four, which begins at `signal` for r = 0 and start 0.
 * starts are int32. Overwrites; no aliasing.
 */
export function filterPhases(
  out: usize, signal: usize, taps: usize, starts: usize, count: i32, first: i32, phases: i32, step: i32, width: i32,
): void {
  assert(phases > 0 && (width & 3) == 0 && first >= 0);
  const row = <usize>width << 2;
  let phase = first % phases;
  signal += (<usize>(first / phases) * step) << 2;
  for (; count > 0; count--, out += 4) {
    let from = signal + (<usize>load<i32>(starts + (<usize>phase << 2)) << 2);
    let even = f32x4.splat(0), odd = f32x4.splat(0);
    let tap = taps + <usize>phase * row;
    const end = tap + row;
    for (; tap + 16 < end; tap += 32, from += 32) {
      even = madd(v128.load(from), v128.load(tap), even);
      odd = madd(v128.load(from, 16), v128.load(tap, 16), odd);
    }
    if (tap < end) even = madd(v128.load(from), v128.load(tap), even);
    store<f32>(out, hsum(f32x4.add(even, odd)));
    if (++phase == phases) {
      phase = 0;
      signal += <usize>step << 2;
    }
  }
}

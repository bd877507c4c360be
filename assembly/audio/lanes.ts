// Four rows of numbers as vectors, a row in each lane, and back.
import { storeRest } from "../simd/lanes";

/** Lanes 0 of four vectors; lanes 1, 2, 3 follow: `transposed(…, 0)` to `transposed(…, 3)`. */
// @ts-ignore: decorator
@inline
export function transposed(a: v128, b: v128, c: v128, d: v128, lane: i32): v128 {
  if (lane < 2) {
    const first = v128.shuffle<f32>(a, b, 0, 4, 1, 5), second = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    return lane == 0
      ? v128.shuffle<f64>(first, second, 0, 2)
      : v128.shuffle<f64>(first, second, 1, 3);
  }
  const first = v128.shuffle<f32>(a, b, 2, 6, 3, 7), second = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  return lane == 2 ? v128.shuffle<f64>(first, second, 0, 2) : v128.shuffle<f64>(first, second, 1, 3);
}

/** out[rows ≤ 4, width] = the first `rows` lanes of columns[width], which may be read up to three vectors on. */
export function storeLanes(out: usize, columns: usize, rows: i32, width: i32): void {
  const row = <usize>width << 2;
  for (; width > 0; width -= 4, columns += 64, out += 16) {
    const a = v128.load(columns), b = v128.load(columns, 16), c = v128.load(columns, 32), d = v128.load(columns, 48);
    storeRest(out, transposed(a, b, c, d, 0), width);
    if (rows > 1) storeRest(out + row, transposed(a, b, c, d, 1), width);
    if (rows > 2) storeRest(out + 2 * row, transposed(a, b, c, d, 2), width);
    if (rows > 3) storeRest(out + 3 * row, transposed(a, b, c, d, 3), width);
  }
}

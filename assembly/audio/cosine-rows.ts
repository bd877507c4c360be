// Products with a small table that stays in the cache: the cosine transform of log-mel frames.
import { storeRest } from "../simd/lanes";
import { madd } from "../simd/madd";

/**
 * out[rows, count] = x[rows, width] · table[width, count rounded up to four]. Each sum goes over the width in order, so
 * a row's bits are its own. Overwrites; no aliasing.
 */
export function cosineRows(out: usize, x: usize, table: usize, rows: i32, width: i32, count: i32): void {
  const stride = <usize>((count + 3) & -4) << 2;
  for (; rows > 0; rows--, x += <usize>width << 2, out += <usize>count << 2) {
    for (let column = 0; column < count; column += 4) {
      let sum = f32x4.splat(0);
      let weights = table + (<usize>column << 2);
      for (let from = x, end = x + (<usize>width << 2); from < end; from += 4, weights += stride)
        sum = madd(v128.load32_splat(from), v128.load(weights), sum);
      storeRest(out + (<usize>column << 2), sum, count - column);
    }
  }
}

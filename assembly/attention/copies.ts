// Copies of a head's rows, next to each other and in whole vectors: read where they stand, they would be hundreds of
// elements apart, and fall into few sets of the cache.
import { transposeInto } from "../gemm/pack";
import { keepLanes } from "../simd/lanes";
import { BLOCK_KEYS, panels } from "./layout";

/**
 * to [rows, columns], rows of `width` elements, = from · factor with rows `ld` elements apart, zeros behind the columns.
 * Returns whether all that it read is finite: then 0 · x is 0, and what a row may not see can be left in its products.
 */
export function copyScaled(to: usize, from: usize, rows: i32, columns: i32, width: i32, ld: i32, factor: f32): bool {
  const scale = f32x4.splat(factor), zero = f32x4.splat(0);
  let finite = i32x4.splat(-1);
  const end = from + ((<usize>rows * ld) << 2);
  for (; from < end; from += <usize>ld << 2)
    for (let column = 0, at = from; column < width; column += 4, at += 16, to += 16) {
      let v = zero;
      if (column < columns) v = v128.load(at);
      if (column + 4 > columns) v = keepLanes(v, columns - column, zero);
      finite = v128.and(finite, f32x4.eq(f32x4.sub(v, v), zero));
      v128.store(to, f32x4.mul(v, scale));
    }
  return i32x4.all_true(finite);
}

/** As copyScaled without a factor, for each block of keys, whose answer goes to `finite` (int32 [blocks]). */
export function copyBlocks(to: usize, finite: usize, from: usize, keys: i32, columns: i32, width: i32, ld: i32): void {
  for (let key = 0; key < keys; key += BLOCK_KEYS, finite += 4) {
    const own = to + (<usize>(key * width) << 2), source = from + ((<usize>key * ld) << 2);
    store<i32>(finite, copyScaled(own, source, min(BLOCK_KEYS, keys - key), columns, width, ld, 1));
  }
}

/** to = each block of keys transposed, [size, panels(keys of the block)] from `size` times its first key on. */
export function transposeBlocks(to: usize, from: usize, keys: i32, size: i32, ld: i32): void {
  for (let key = 0; key < keys; key += BLOCK_KEYS) {
    const count = min(BLOCK_KEYS, keys - key);
    transposeInto(to + (<usize>(key * size) << 2), from + ((<usize>key * ld) << 2), count, size, ld, panels(count));
  }
}

/** Elements that transposeBlocks writes for so many keys. */
export function transposedSize(keys: i32, size: i32): i32 {
  const whole = keys / BLOCK_KEYS * BLOCK_KEYS;
  return (whole + panels(keys - whole)) * size;
}

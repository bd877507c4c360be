// One hidden vector against several rows of the output table: their scores, and the step of gradient descent that follows.
// Four rows share each load of the hidden vector, and their sums do not wait for each other. All widths are multiples of 4.
import { madd } from "../simd/madd";

// @ts-ignore: decorator
@inline
function rowOf(rows: usize, i: i32): usize {
  return load<usize>(rows + (<usize>i << 2));
}

/** Sums of the lanes of four vectors: each as (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
function sumsOf(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 1, 4, 5), v128.shuffle<f32>(c, d, 2, 3, 6, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 2, 4, 6), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7));
}

/**
 * out[count, rounded up to 4] = hidden · each row. `rows` are addresses; those behind the count, up to a multiple of four, must
 * be of rows too.
 */
// @ts-ignore: decorator
@inline
export function scoreRows(out: usize, hidden: usize, rows: usize, count: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let i = 0; i < count; i += 4) {
    const row0 = rowOf(rows, i);
    const row1 = rowOf(rows, i + 1);
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    if (count - i <= 2) {
      for (let at: usize = 0; at < bytes; at += 16) {
        const h = v128.load(hidden + at);
        a = madd(h, v128.load(row0 + at), a);
        b = madd(h, v128.load(row1 + at), b);
      }
    } else {
      const row2 = rowOf(rows, i + 2);
      const row3 = rowOf(rows, i + 3);
      for (let at: usize = 0; at < bytes; at += 16) {
        const h = v128.load(hidden + at);
        a = madd(h, v128.load(row0 + at), a);
        b = madd(h, v128.load(row1 + at), b);
        c = madd(h, v128.load(row2 + at), c);
        d = madd(h, v128.load(row3 + at), d);
      }
    }
    v128.store(out + (<usize>i << 2), sumsOf(a, b, c, d));
  }
}

/** One row's step: its share of the error is returned, added to `error`. */
// @ts-ignore: decorator
@inline
function step(row: usize, gain: v128, hidden: v128, error: v128): v128 {
  const before = v128.load(row);
  v128.store(row, madd(gain, hidden, before));
  return madd(gain, before, error);
}

/**
 * error += Σ gain · row, then each row += gain · hidden. A row that comes twice in four is moved twice. Four at a time, then two, then
 * one: the rows stay as many as there are.
 */
// @ts-ignore: decorator
@inline
export function moveRows(
  error: usize, hidden: usize, rows: usize, gains: usize, count: i32, width: i32,
): void {
  const bytes = <usize>width << 2;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const row0 = rowOf(rows, i);
    const row1 = rowOf(rows, i + 1);
    const row2 = rowOf(rows, i + 2);
    const row3 = rowOf(rows, i + 3);
    const four = gains + (<usize>i << 2);
    const gain0 = v128.load32_splat(four);
    const gain1 = v128.load32_splat(four, 4);
    const gain2 = v128.load32_splat(four, 8);
    const gain3 = v128.load32_splat(four, 12);
    for (let at: usize = 0; at < bytes; at += 16) {
      const h = v128.load(hidden + at);
      let e = v128.load(error + at);
      e = step(row0 + at, gain0, h, e);
      e = step(row1 + at, gain1, h, e);
      e = step(row2 + at, gain2, h, e);
      e = step(row3 + at, gain3, h, e);
      v128.store(error + at, e);
    }
  }
  for (; i + 2 <= count; i += 2) {
    const row0 = rowOf(rows, i);
    const row1 = rowOf(rows, i + 1);
    const two = gains + (<usize>i << 2);
    const gain0 = v128.load32_splat(two);
    const gain1 = v128.load32_splat(two, 4);
    for (let at: usize = 0; at < bytes; at += 16) {
      const h = v128.load(hidden + at);
      const e = step(row0 + at, gain0, h, v128.load(error + at));
      v128.store(error + at, step(row1 + at, gain1, h, e));
    }
  }
  if (i < count) {
    const row0 = rowOf(rows, i);
    const gain0 = v128.load32_splat(gains + (<usize>i << 2));
    for (let at: usize = 0; at < bytes; at += 16)
      v128.store(error + at, step(row0 + at, gain0, v128.load(hidden + at), v128.load(error + at)));
  }
}

// Products of one row: y [n] = x [k] · B, B packed by packRowB or packRowBT. Twelve accumulators over
// a panel of 48 columns keep the adders busy while the panel streams through once. Each element of y has
// one accumulator that takes k in order: the same bits as a row of gemm.
import { storeLast } from "../simd/lanes";
import { madd } from "../simd/madd";
import { assertAligned, assertApart, matrixBytes } from "../simd/preconditions";
import { packedBytes, rowPanel } from "./panels";

const ZEROS = memory.data(192);

/** y = x·B, plus `bias` [n] where it is not 0. Overwrites; y must overlap none of its inputs. */
export function gemv(y: usize, x: usize, b: usize, bias: usize, n: i32, k: i32): void {
  assertRowProduct(y, x, b, n, k);
  for (let j = 0, w = 0; j < n; j += w) {
    w = rowPanel(n - j);
    b = panel(y + (<usize>j << 2), x, b, bias ? bias + (<usize>j << 2) : ZEROS, k, w, n - j);
  }
}

/** y += x·B. */
export function gemvAcc(y: usize, x: usize, b: usize, n: i32, k: i32): void {
  assertRowProduct(y, x, b, n, k);
  for (let j = 0, w = 0; j < n; j += w) {
    w = rowPanel(n - j);
    const at = y + (<usize>j << 2);
    b = panel(at, x, b, at, k, w, n - j);
  }
}

// @ts-ignore: decorator
@inline
function assertRowProduct(y: usize, x: usize, b: usize, n: i32, k: i32): void {
  assertAligned(b);
  assertApart(y, matrixBytes(1, n, n), x, matrixBytes(1, k, k));
  assertApart(y, matrixBytes(1, n, n), b, packedBytes(k, n));
}

function panel(y: usize, x: usize, b: usize, init: usize, k: i32, w: i32, rest: i32): usize {
  const end = x + (<usize>k << 2);
  if (w == 48) {
    let s0 = v128.load(init), s1 = v128.load(init, 16), s2 = v128.load(init, 32), s3 = v128.load(init, 48);
    let s4 = v128.load(init, 64), s5 = v128.load(init, 80), s6 = v128.load(init, 96), s7 = v128.load(init, 112);
    let s8 = v128.load(init, 128), s9 = v128.load(init, 144), sa = v128.load(init, 160), sb = v128.load(init, 176);
    for (; x != end; x += 4, b += 192) {
      const a = v128.load32_splat(x);
      s0 = madd(a, v128.load(b), s0);
      s1 = madd(a, v128.load(b, 16), s1);
      s2 = madd(a, v128.load(b, 32), s2);
      s3 = madd(a, v128.load(b, 48), s3);
      s4 = madd(a, v128.load(b, 64), s4);
      s5 = madd(a, v128.load(b, 80), s5);
      s6 = madd(a, v128.load(b, 96), s6);
      s7 = madd(a, v128.load(b, 112), s7);
      s8 = madd(a, v128.load(b, 128), s8);
      s9 = madd(a, v128.load(b, 144), s9);
      sa = madd(a, v128.load(b, 160), sa);
      sb = madd(a, v128.load(b, 176), sb);
    }
    v128.store(y, s0), v128.store(y, s1, 16), v128.store(y, s2, 32), v128.store(y, s3, 48);
    v128.store(y, s4, 64), v128.store(y, s5, 80), v128.store(y, s6, 96), v128.store(y, s7, 112);
    v128.store(y, s8, 128), v128.store(y, s9, 144), v128.store(y, sa, 160), v128.store(y, sb, 176);
  } else if (w == 16) {
    let s0 = v128.load(init), s1 = v128.load(init, 16), s2 = v128.load(init, 32), s3 = v128.load(init, 48);
    for (; x != end; x += 4, b += 64) {
      const a = v128.load32_splat(x);
      s0 = madd(a, v128.load(b), s0);
      s1 = madd(a, v128.load(b, 16), s1);
      s2 = madd(a, v128.load(b, 32), s2);
      s3 = madd(a, v128.load(b, 48), s3);
    }
    v128.store(y, s0), v128.store(y, s1, 16), v128.store(y, s2, 32), v128.store(y, s3, 48);
  } else {
    let s0 = v128.load(init);
    for (; x != end; x += 4, b += 16) s0 = madd(v128.load32_splat(x), v128.load(b), s0);
    storeLast(y, s0, rest);
  }
  return b;
}

// Sums of products of columns in double precision, for principal components.

// @ts-ignore: decorator
@inline
function gain(sum: v128, a: usize, b: v128): v128 {
  return f64x2.add(sum, f64x2.mul(v128.load64_splat(a), b));
}

/**
 * out[width, width] += rowsᵀ · rows, all float64, for rows[n, width], width a multiple of 4: the tiles of 4 × 4 on and above the
 * diagonal alone. Accumulates; no aliasing.
 */
export function covarianceAcc(out: usize, rows: usize, n: i32, width: i32): void {
  if (!ASC_NO_ASSERT) assert(width > 0 && (width & 3) == 0, "width is no multiple of 4");
  const rowBytes = <usize>width << 3;
  const end = rows + <usize>n * rowBytes;
  for (let i: usize = 0; i < rowBytes; i += 32)
    for (let j = i; j < rowBytes; j += 32) {
      const to = out + (i >> 3) * rowBytes + j;
      let a0 = v128.load(to);
      let a1 = v128.load(to, 16);
      let b0 = v128.load(to + rowBytes);
      let b1 = v128.load(to + rowBytes, 16);
      let c0 = v128.load(to + 2 * rowBytes);
      let c1 = v128.load(to + 2 * rowBytes, 16);
      let d0 = v128.load(to + 3 * rowBytes);
      let d1 = v128.load(to + 3 * rowBytes, 16);
      for (let row = rows; row < end; row += rowBytes) {
        const right0 = v128.load(row + j);
        const right1 = v128.load(row + j, 16);
        a0 = gain(a0, row + i, right0);
        a1 = gain(a1, row + i, right1);
        b0 = gain(b0, row + i + 8, right0);
        b1 = gain(b1, row + i + 8, right1);
        c0 = gain(c0, row + i + 16, right0);
        c1 = gain(c1, row + i + 16, right1);
        d0 = gain(d0, row + i + 24, right0);
        d1 = gain(d1, row + i + 24, right1);
      }
      v128.store(to, a0);
      v128.store(to, a1, 16);
      v128.store(to + rowBytes, b0);
      v128.store(to + rowBytes, b1, 16);
      v128.store(to + 2 * rowBytes, c0);
      v128.store(to + 2 * rowBytes, c1, 16);
      v128.store(to + 3 * rowBytes, d0);
      v128.store(to + 3 * rowBytes, d1, 16);
    }
}

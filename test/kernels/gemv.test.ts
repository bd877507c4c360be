// Products of one row against float64, and bit for bit against a row of gemm.
import { afterEach, describe, expect, it } from "vitest";
import { builds, noise } from "./harness.js";
import { exactProduct, excess, matrix, transposed } from "./product-reference.js";

const COLUMNS = [
  0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 19, 20, 31, 32, 33, 47, 48, 49, 51, 63, 64, 65, 95, 96, 97,
  113, 512,
];
const DEPTHS = [0, 1, 2, 3, 4, 5, 16, 33, 700];

describe.each(builds())("gemv, $name build", ({ k, f32, checkCanaries }) => {
  afterEach(checkCanaries);

  it("y = x·B + bias and y += x·B at every size, from B and from Bᵀ", () => {
    let worst = 0;
    for (const n of COLUMNS)
      for (const depth of DEPTHS)
        for (const transposes of [false, true]) {
          const x = matrix(1, depth, 1 + n);
          const b = matrix(depth, n, 2 + depth, transposes ? n : n + 3);
          const source = transposes ? transposed(b) : b;
          const [X, B] = [f32(x.values), f32(source.values)];
          const packed = f32(k.packedBytes(depth, n) / 4);
          if (transposes) k.packRowBT(packed.ptr, B.ptr, depth, n, source.ld);
          else k.packRowB(packed.ptr, B.ptr, depth, n, source.ld);
          const bias = noise(n, 3);
          const [BIAS, y] = [f32(bias), f32(n)];
          k.gemv(y.ptr, X.ptr, packed.ptr, BIAS.ptr, n, depth);
          worst = Math.max(
            worst,
            excess(
              y.view,
              n,
              exactProduct(x, b, (_, j) => bias[j]!),
              n,
            ),
          );
          k.gemv(y.ptr, X.ptr, packed.ptr, 0, n, depth);
          worst = Math.max(worst, excess(y.view, n, exactProduct(x, b), n));
          const before = noise(n, 4);
          const sum = f32(before);
          k.gemvAcc(sum.ptr, X.ptr, packed.ptr, n, depth);
          worst = Math.max(
            worst,
            excess(
              sum.view,
              n,
              exactProduct(x, b, (_, j) => before[j]!),
              n,
            ),
          );
          expect(worst, `${n} columns, ${depth} deep`).toBeLessThanOrEqual(1);
          checkCanaries();
        }
    expect(worst).toBeGreaterThan(0);
  });

  it("gives the bits of gemm", () => {
    for (const [n, depth] of [
      [115, 600],
      [48, 32],
      [7, 5],
    ] as const) {
      const [X, B] = [f32(noise(depth, 5)), f32(noise(n * depth, 6))];
      const [one, several] = [f32(k.packedBytes(depth, n) / 4), f32(k.packedBytes(depth, n) / 4)];
      k.packRowBT(one.ptr, B.ptr, depth, n, depth);
      k.packBT(several.ptr, B.ptr, depth, n, depth);
      const [y, c] = [f32(n), f32(n)];
      k.gemv(y.ptr, X.ptr, one.ptr, 0, n, depth);
      k.gemm(c.ptr, X.ptr, several.ptr, 0, 1, n, depth, depth, n);
      expect(y.view).toEqual(c.view);
    }
  });
});

// Products of several rows against float64: every size round the tiles' and blocks' edges, every
// transposition, rows with NaN between them, canaries round every buffer.
import { afterEach, describe, expect, it } from "vitest";
import { at } from "../../src/wasm/ptr.js";
import { builds, noise } from "./harness.js";
import {
  exactProduct,
  excess,
  matrix,
  plus,
  transposed,
  type ExactProduct,
} from "./product-reference.js";

/** Below, at and above every tile and panel edge, with primes. */
const ROWS = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 23, 24, 25, 37];
const COLUMNS = [
  1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13, 15, 16, 17, 20, 23, 24, 25, 31, 32, 33, 47, 48, 49, 97,
];
const DEPTHS = [0, 1, 2, 3, 4, 5, 7, 8, 13, 16, 31];
/** Each dimension swept while the others are odd, and blocks of depth and of rows from both sides. */
const SIZES = [
  ...ROWS.flatMap((m) => COLUMNS.map((n) => [m, n, 6])),
  ...DEPTHS.flatMap((k) => [3, 7].flatMap((m) => [5, 13, 29].map((n) => [m, n, k]))),
  ...[255, 256, 257, 511, 512, 513, 1029].flatMap((k) => [
    [7, 19, k],
    [2, 3, k],
    [6, 24, k],
  ]),
  ...[
    [1999, 13, 67],
    [139, 5, 511],
    [260, 31, 300],
    [920, 140, 513],
    [21, 1040, 515],
    [0, 5, 5],
    [5, 0, 5],
    [0, 0, 0],
  ],
] as [number, number, number][];

/** The factors of a size, their rows apart, and their product: which takes longer in float64 than all kernels, so each is made once. */
const products = new Map<string, ExactProduct>();
function factors(m: number, n: number, depth: number) {
  const a = matrix(m, depth, 1 + m, depth + 3);
  const b = matrix(depth, n, 2 + n, n + 1);
  const key = `${m}×${n}×${depth}`;
  const product = products.get(key) ?? exactProduct(a, b);
  products.set(key, product);
  return { a, b, product };
}

describe.each(builds())("gemm, $name build", ({ k, f32, checkCanaries }) => {
  afterEach(checkCanaries);

  const packed = (x: ReturnType<typeof matrix>, transposes: boolean) => {
    const source = transposes ? transposed(x) : x;
    const from = f32(source.values);
    const to = f32(k.packedBytes(x.rows, x.columns) / 4);
    if (transposes) k.packBT(to.ptr, from.ptr, x.rows, x.columns, source.ld);
    else k.packB(to.ptr, from.ptr, x.rows, x.columns, source.ld);
    return to.ptr;
  };

  it.each([
    ["B", false],
    ["Bᵀ", true],
  ])("C = A·%s + bias, and added to C, at every size, rows apart", (_, transposes) => {
    let worst = 0;
    for (const [m, n, depth] of SIZES) {
      const { a, b, product } = factors(m, n, depth);
      const ldc = n + 5;
      const bias = noise(n, 3 + depth);
      const before = matrix(m, n, 4, ldc);
      const [A, B, BIAS] = [f32(a.values), packed(b, transposes), f32(bias)];
      const overwritten = f32(Math.max(0, (m - 1) * ldc + n));
      k.gemm(overwritten.ptr, A.ptr, B, BIAS.ptr, m, n, depth, a.ld, ldc);
      worst = Math.max(
        worst,
        excess(
          overwritten.view,
          ldc,
          plus(product, n, depth, (_, j) => bias[j]!),
          n,
        ),
      );
      k.gemm(overwritten.ptr, A.ptr, B, 0, m, n, depth, a.ld, ldc);
      worst = Math.max(worst, excess(overwritten.view, ldc, product, n));
      const added = f32(before.values);
      k.gemmAcc(added.ptr, A.ptr, B, m, n, depth, a.ld, ldc);
      const exact = plus(product, n, depth, (i, j) => before.values[i * ldc + j]!);
      worst = Math.max(worst, excess(added.view, ldc, exact, n));
      expect(worst, `${m}×${n}×${depth}`).toBeLessThanOrEqual(1);
      checkCanaries();
    }
    expect(worst).toBeGreaterThan(0);
  });

  it("C = Aᵀ·B and C += Aᵀ·B at every size, rows apart", () => {
    let worst = 0;
    for (const [m, n, depth] of SIZES) {
      const { a, b, product } = factors(m, n, depth);
      const across = matrix(depth, m, 5, m + 3);
      for (let i = 0; i < m; i++)
        for (let p = 0; p < depth; p++) across.values[p * across.ld + i] = a.values[i * a.ld + p]!;
      const ldc = n + 5;
      const before = matrix(m, n, 4, ldc);
      const [A, B] = [f32(across.values), packed(b, false)];
      const scratch = f32(k.gemmTNScratchBytes(m) / 4);
      const overwritten = f32(Math.max(0, (m - 1) * ldc + n));
      k.gemmTN(overwritten.ptr, A.ptr, B, scratch.ptr, m, n, depth, across.ld, ldc);
      worst = Math.max(worst, excess(overwritten.view, ldc, product, n));
      const added = f32(before.values);
      k.gemmTNAcc(added.ptr, A.ptr, B, scratch.ptr, m, n, depth, across.ld, ldc);
      const exact = plus(product, n, depth, (i, j) => before.values[i * ldc + j]!);
      worst = Math.max(worst, excess(added.view, ldc, exact, n));
      expect(worst, `${m}×${n}×${depth}`).toBeLessThanOrEqual(1);
      checkCanaries();
    }
    expect(worst).toBeGreaterThan(0);
  });

  it("gives a row the same bits wherever it stands, and Aᵀ·B those of A·B", () => {
    for (const [m, n, depth] of [
      [13, 29, 600],
      [7, 12, 257],
      [9, 50, 31],
    ] as const) {
      const a = matrix(m, depth, 6);
      const b = matrix(depth, n, 7);
      const [A, B, whole] = [f32(a.values), packed(b, false), f32(m * n)];
      k.gemm(whole.ptr, A.ptr, B, 0, m, n, depth, depth, n);
      for (let row = 0; row < m; row++) {
        const alone = f32(n);
        k.gemm(alone.ptr, at(A.ptr, row * depth), B, 0, 1, n, depth, depth, n);
        expect(alone.view).toEqual(whole.view.subarray(row * n, (row + 1) * n));
      }
      const across = f32(transposed(a).values);
      const scratch = f32(k.gemmTNScratchBytes(m) / 4);
      const other = f32(m * n);
      k.gemmTN(other.ptr, across.ptr, B, scratch.ptr, m, n, depth, m, n);
      expect(other.view).toEqual(whole.view);
    }
  });

  it("lets NaN and infinity reach their row and column alone", () => {
    const [m, n, depth] = [7, 21, 9];
    const a = matrix(m, depth, 8);
    const b = matrix(depth, n, 9);
    a.values[2 * depth + 4] = NaN;
    b.values[5 * n + 17] = Infinity;
    const [A, B, C] = [f32(a.values), packed(b, false), f32(m * n)];
    k.gemm(C.ptr, A.ptr, B, 0, m, n, depth, depth, n);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        const value = C.view[i * n + j]!;
        if (i === 2) expect(value).toBeNaN();
        else if (j === 17) expect(Math.abs(value)).toBe(Infinity);
        else expect(Number.isFinite(value)).toBe(true);
      }
  });
});

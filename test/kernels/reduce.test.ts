import { describe, expect, it } from "vitest";
import type { Ptr } from "../../src/wasm/ptr.js";
import { builds, debugBuild, noise } from "./harness.js";
import { exactSum, SIZES } from "./reference.js";

const SHAPES = [
  ...SIZES.map((length) => [3, length, 1] as const),
  ...SIZES.map((inner) => [2, 5, inner] as const),
  [1, 1001, 3],
  [4, 1, 7],
  [1, 333, 17],
] as const;

/** Every run along the middle axis, as arrays. */
function runs(x: Float32Array, outer: number, length: number, inner: number): number[][] {
  return Array.from({ length: outer * inner }, (_, i) =>
    Array.from(
      { length },
      (_, j) => x[(Math.floor(i / inner) * length + j) * inner + (i % inner)]!,
    ),
  );
}

/** PyTorch's max: NaN is the largest, the first one counts. */
function argmax(values: readonly number[]): number {
  const nan = values.findIndex(Number.isNaN);
  return nan >= 0 ? nan : values.indexOf(Math.max(...values));
}

describe.each(builds())("reductions ($name)", (bench) => {
  const { k } = bench;

  it.each(SHAPES)(
    "sums [%i, %i, %i] over its middle axis, exactly rounded",
    (outer, length, inner) => {
      const x = noise(outer * length * inner, 1);
      const sums = runs(x, outer, length, inner).map((run) => exactSum(run));
      const from = bench.f32(x);
      const out = bench.f32(outer * inner);
      k.sumAxis(out.ptr, from.ptr, outer, length, inner);
      out.view.forEach((v, i) =>
        expect(Math.abs(v - sums[i]!)).toBeLessThanOrEqual(Math.abs(sums[i]!) * 2 ** -24 + 1e-12),
      );
      const start = noise(outer * inner, 2);
      const added = bench.f32(start);
      k.sumAxisAcc(added.ptr, from.ptr, outer, length, inner);
      expect([...added.view]).toEqual(Array.from(start, (v, i) => Math.fround(v + out.view[i]!)));
      bench.checkCanaries();
    },
  );

  it.each(SHAPES)(
    "runs sums along the middle axis of [%i, %i, %i], from either end",
    (outer, length, inner) => {
      const x = noise(outer * length * inner, 8);
      const from = bench.f32(x);
      const [out, back] = [bench.f32(x.length), bench.f32(x.length)];
      k.cumsum(out.ptr, from.ptr, outer, length, inner, 0);
      k.cumsum(back.ptr, from.ptr, outer, length, inner, 1);
      const expected = runs(x, outer, length, inner);
      runs(out.view, outer, length, inner).forEach((run, r) =>
        run.forEach((v, i) => {
          const exact = exactSum(expected[r]!.slice(0, i + 1));
          expect(Math.abs(v - exact)).toBeLessThanOrEqual(Math.abs(exact) * 2 ** -24 + 1e-12);
        }),
      );
      runs(back.view, outer, length, inner).forEach((run, r) =>
        run.forEach((v, i) => {
          const exact = exactSum(expected[r]!.slice(i));
          expect(Math.abs(v - exact)).toBeLessThanOrEqual(Math.abs(exact) * 2 ** -24 + 1e-12);
        }),
      );
      bench.checkCanaries();
    },
  );

  it("keeps its accuracy over a million elements of one sign", () => {
    const n = 1_000_003;
    const x = noise(n, 3).map((v) => 0.1 + Math.abs(v));
    const exact = exactSum(x);
    const out = bench.f32(1);
    const from = bench.f32(x);
    k.sumAxis(out.ptr, from.ptr, 1, n, 1);
    expect(Math.abs(out.view[0]! / exact - 1)).toBeLessThan(6e-8);
    bench.checkCanaries();
  });

  it.each(SHAPES)("repeats over the middle axis of [%i, %i, %i]", (outer, length, inner) => {
    const x = noise(outer * inner, 5);
    const out = bench.f32(outer * length * inner);
    k.expandAxis(out.ptr, bench.f32(x).ptr, outer, length, inner, 0.25);
    runs(out.view, outer, length, inner).forEach((run, i) =>
      expect(run).toEqual(new Array<number>(length).fill(x[i]! * 0.25)),
    );
    bench.checkCanaries();
  });

  it.each(SHAPES)(
    "finds maxima of [%i, %i, %i] and where they first occur",
    (outer, length, inner) => {
      // Few distinct values: ties everywhere; then NaN and rows of -Infinity.
      const coarse = noise(outer * length * inner, 6, 3).map(Math.round);
      const withNaN = noise(outer * length * inner, 7).map((v) => (Math.abs(v) < 0.1 ? NaN : v));
      for (const x of [coarse, withNaN, coarse.map(() => -Infinity)]) {
        const expected = runs(x, outer, length, inner).map(argmax);
        const values = runs(x, outer, length, inner).map((run) => run[argmax(run)]!);
        const from = bench.f32(x);
        const [out, indices] = [bench.f32(outer * inner), bench.i32(outer * inner)];
        k.maxAxis(out.ptr, indices.ptr, from.ptr, outer, length, inner);
        expect([...indices.view]).toEqual(expected);
        expect([...out.view].map((v) => v + 0)).toEqual(values.map((v) => v + 0));
        indices.view.fill(-7);
        k.maxAxis(0, indices.ptr, from.ptr, outer, length, inner);
        expect([...indices.view]).toEqual(expected);
        bench.checkCanaries();
      }
    },
  );
});

describe("sums of squares", () => {
  const bench = debugBuild<{ sumSquares(x: Ptr, n: number): number }>();
  const errorOf = (x: Float32Array) => {
    const sum = bench.k.sumSquares(bench.f32(x).ptr, x.length);
    bench.checkCanaries();
    return Math.abs(sum / exactSum(Array.from(x, (v) => v * v)) - 1);
  };

  it.each(SIZES)("of %i elements do not overflow", (n) => {
    expect(errorOf(noise(n, 4, 1e30))).toBeLessThan(1e-13);
  });

  it("keep their accuracy over a million elements", () => {
    const n = 1_000_003;
    // Four chains of additions in float64.
    expect(errorOf(noise(n, 3).map((v) => 0.1 + Math.abs(v)))).toBeLessThan((n / 4) * 2 ** -53);
  });
});

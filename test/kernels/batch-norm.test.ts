// Batch normalization against float64: channels of any size, what stands between them untouched.
import { describe, expect, it } from "vitest";
import { at } from "../../src/wasm/ptr.js";
import { builds, maxError, noise } from "./harness.js";
import { SIZES } from "./reference.js";

const EPS = 1e-3;
const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

describe.each(builds())("batch norm ($name)", (bench) => {
  const { k } = bench;

  /** The elements of each channel. */
  const channelsOf = (x: ArrayLike<number>, [batch, channels, inner]: readonly number[]) =>
    Array.from({ length: channels! }, (_, c) =>
      Array.from({ length: batch! * inner! }, (_, i) => {
        const [b, place] = [Math.floor(i / inner!), i % inner!];
        return x[(b * channels! + c) * inner! + place]!;
      }),
    );

  it.each(SIZES.filter((inner) => inner > 0).map((inner) => [inner]))(
    "of rows of %i, forward and backward, in place too",
    (inner) => {
      const sizes = [3, 2, inner] as const;
      const [batch, channels] = sizes;
      const count = batch * channels * inner;
      // Far from 0, where squares cancel.
      const x = noise(count, 1, 3).map((value) => value + 7);
      const [dy, w, b] = [noise(count, 2), noise(channels, 3, 2), noise(channels, 4)];
      const [from, gradient] = [bench.f32(x), bench.f32(dy)];
      const stats = bench.f32(2 * channels);
      k.batchMoments(stats.ptr, from.ptr, ...sizes);
      const rows = channelsOf(x, sizes);
      const means = rows.map(mean);
      const variances = rows.map((row, c) => mean(row.map((v) => (v - means[c]!) ** 2)));
      expect(maxError(stats.view, [...means, ...variances])).toBeLessThan(4e-6);
      const inverses = variances.map((variance) => 1 / Math.sqrt(variance + EPS));
      const normal = rows.map((row, c) => row.map((v) => (v - means[c]!) * inverses[c]!));

      for (const affine of [true, false]) {
        const [weight, bias] = affine
          ? [bench.f32(w).ptr, bench.f32(b).ptr]
          : [0 as const, 0 as const];
        const scale = (c: number) => (affine ? w[c]! : 1);
        const y = bench.f32(count);
        k.batchNormForward(y.ptr, from.ptr, stats.ptr, weight, bias, ...sizes, EPS);
        const expected = normal.map((row, c) =>
          row.map((v) => v * scale(c) + (affine ? b[c]! : 0)),
        );
        // One of a million of the mean is what float32 leaves of a difference.
        const far = Math.max(...inverses) * 1e-6;
        expect(maxError(channelsOf(y.view, sizes).flat(), expected.flat())).toBeLessThan(
          4e-6 + 20 * far,
        );
        const same = bench.f32(x);
        k.batchNormForward(same.ptr, same.ptr, stats.ptr, weight, bias, ...sizes, EPS);
        expect([...same.view]).toEqual([...y.view]);

        const sums = bench.f32(2 * channels);
        k.batchNormSums(sums.ptr, gradient.ptr, from.ptr, stats.ptr, ...sizes, EPS);
        const given = channelsOf(dy, sizes);
        const dots = given.map((row, c) => row.reduce((s, v, i) => s + v * normal[c]![i]!, 0));
        const totals = given.map((row) => row.reduce((s, v) => s + v, 0));
        expect(maxError(sums.view, [...dots, ...totals])).toBeLessThan(
          (4e-6 + 20 * far) * batch * inner,
        );

        const dx = bench.f32(count);
        const backward = (to: typeof dx.ptr, d: typeof dx.ptr, v: typeof dx.ptr): void =>
          k.batchNormBackward(to, d, v, stats.ptr, sums.ptr, weight, ...sizes, EPS);
        backward(dx.ptr, gradient.ptr, from.ptr);
        const exact = given.map((row, c) =>
          row.map(
            (v, i) =>
              (v - mean(row) - (normal[c]![i]! * dots[c]!) / row.length) * scale(c) * inverses[c]!,
          ),
        );
        const most = Math.max(1, ...exact.flat().map(Math.abs), ...inverses.map((v) => v ** 2));
        expect(maxError(channelsOf(dx.view, sizes).flat(), exact.flat())).toBeLessThan(2e-5 * most);
        const [ownDy, ownX] = [bench.f32(dy), bench.f32(x)];
        backward(ownDy.ptr, ownDy.ptr, from.ptr);
        backward(ownX.ptr, gradient.ptr, ownX.ptr);
        expect([...ownDy.view]).toEqual([...dx.view]);
        expect([...ownX.view]).toEqual([...dx.view]);
      }
      bench.checkCanaries();
    },
  );

  it("lets NaN reach its channel alone", () => {
    const [x, stats] = [bench.f32(noise(24, 5)), bench.f32(6)];
    x.view[5] = NaN;
    k.batchMoments(stats.ptr, x.ptr, 2, 3, 4);
    expect([...stats.view].map(Number.isNaN)).toEqual([false, true, false, false, true, false]);
    const y = bench.f32(24);
    k.batchNormForward(y.ptr, x.ptr, stats.ptr, 0, 0, 2, 3, 4, EPS);
    expect([...y.view].map(Number.isNaN)).toEqual(
      Array.from({ length: 24 }, (_, i) => Math.floor(i / 4) % 3 === 1),
    );
    bench.checkCanaries();
  });

  it("has a variance of 0 where all is the same, and never one below", () => {
    const [x, stats] = [bench.f32(new Float32Array(12).fill(1000.1)), bench.f32(2)];
    k.batchMoments(stats.ptr, x.ptr, 3, 1, 4);
    expect(stats.view[1]).toBeGreaterThanOrEqual(0);
    expect(stats.view[1]).toBeLessThan(1e-6);
    k.batchMoments(stats.ptr, at(x.ptr, 1), 1, 1, 1);
    expect(stats.view[1]).toBe(0);
  });
});

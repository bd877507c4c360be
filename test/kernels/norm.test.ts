import { describe, expect, it } from "vitest";
import { builds, maxError, noise } from "./harness.js";
import { SIZES } from "./reference.js";

const ROWS = 3;
const EPS = 1e-3;

const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

/** The normalized row, and what its deviations were divided by. */
function normalize(row: readonly number[]): {
  normal: number[];
  middle: number;
  deviation: number;
} {
  const middle = mean(row);
  const deviation = Math.sqrt(mean(row.map((v) => (v - middle) ** 2)) + EPS);
  return { normal: row.map((v) => (v - middle) / deviation), middle, deviation };
}

describe.each(builds())("layer norm ($name)", (bench) => {
  const { k } = bench;
  const rowsOf = (x: Float32Array, width: number): number[][] =>
    Array.from({ length: ROWS }, (_, row) => [...x.subarray(row * width, (row + 1) * width)]);

  it.each(SIZES)("of rows of %i, forward and backward, in place too", (width) => {
    const [x, dy] = [noise(ROWS * width, 1, 3), noise(ROWS * width, 2)];
    const [w, b] = [noise(width, 3, 2), noise(width, 4)];
    const [from, gradient] = [bench.f32(x), bench.f32(dy)];
    for (const [weight, bias] of [
      [bench.f32(w), bench.f32(b)],
      [undefined, bench.f32(b)],
      [bench.f32(w), undefined],
      [undefined, undefined],
    ]) {
      const exact = rowsOf(x, width).map(normalize);
      const scale = (i: number) => (weight ? w[i]! : 1);
      const [y, stats] = [bench.f32(ROWS * width), bench.f32(ROWS * 2)];
      const pointers = [weight?.ptr ?? 0, bias?.ptr ?? 0] as const;
      k.layerNormForward(y.ptr, stats.ptr, from.ptr, ...pointers, ROWS, width, EPS);
      const expected = exact.flatMap(({ normal }) =>
        normal.map((v, i) => v * scale(i) + (bias ? b[i]! : 0)),
      );
      expect(maxError(y.view, expected)).toBeLessThan(4e-6);
      const moments = exact.flatMap(({ middle, deviation }) => [middle, 1 / deviation]);
      expect(maxError(stats.view, moments)).toBeLessThan(width === 1 ? 1e-5 : 3e-6);
      const same = bench.f32(x);
      k.layerNormForward(
        same.ptr,
        bench.f32(ROWS * 2).ptr,
        same.ptr,
        ...pointers,
        ROWS,
        width,
        EPS,
      );
      expect([...same.view]).toEqual([...y.view]);

      const dx = bench.f32(ROWS * width);
      const scalePtr = pointers[0];
      k.layerNormBackward(dx.ptr, gradient.ptr, from.ptr, stats.ptr, scalePtr, ROWS, width);
      const gradients = rowsOf(dy, width).flatMap((row, r) => {
        const { normal, deviation } = exact[r]!;
        const g = row.map((v, i) => v * scale(i));
        const along = mean(g.map((v, i) => v * normal[i]!));
        return g.map((v, i) => (v - mean(g) - normal[i]! * along) / deviation);
      });
      const most = Math.max(1, ...gradients.map(Math.abs));
      expect(maxError(dx.view, gradients)).toBeLessThan(4e-6 * most);
      for (const own of [bench.f32(dy), bench.f32(x)]) {
        const [g, v] = own.view[0] === dy[0] ? [own.ptr, from.ptr] : [gradient.ptr, own.ptr];
        k.layerNormBackward(own.ptr, g, v, stats.ptr, scalePtr, ROWS, width);
        expect([...own.view]).toEqual([...dx.view]);
      }

      const start = noise(width, 5);
      const dw = bench.f32(start);
      k.layerNormWeightAcc(dw.ptr, gradient.ptr, from.ptr, stats.ptr, ROWS, width);
      const sums = [...start].map((v, i) =>
        rowsOf(dy, width).reduce((sum, row, r) => sum + row[i]! * exact[r]!.normal[i]!, v),
      );
      expect(maxError(dw.view, sums)).toBeLessThan(4e-6);
    }
    bench.checkCanaries();
  });

  it("keeps its precision far from zero, and NaN in its row", () => {
    const x = Float32Array.of(10001, 10002, 10003, 10004, 10005, 1, 2, NaN, 4, 5);
    const [y, stats] = [bench.f32(10), bench.f32(4)];
    k.layerNormForward(y.ptr, stats.ptr, bench.f32(x).ptr, 0, 0, 2, 5, 0);
    const unit = Math.SQRT1_2;
    expect(
      maxError(
        y.view.subarray(0, 5),
        [-2, -1, 0, 1, 2].map((v) => v * unit),
      ),
    ).toBeLessThan(2e-7);
    expect([...y.view.subarray(5)]).toEqual([NaN, NaN, NaN, NaN, NaN]);
    bench.checkCanaries();
  });
});

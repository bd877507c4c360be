import { describe, expect, it } from "vitest";
import { builds, maxError, noise } from "./harness.js";
import { SIZES } from "./reference.js";

const ROWS = 3;
const EPS = 1e-3;
const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

describe.each(builds())("root mean square norm ($name)", (bench) => {
  const { k } = bench;
  const rowsOf = (x: Float32Array, width: number): number[][] =>
    Array.from({ length: ROWS }, (_, row) => [...x.subarray(row * width, (row + 1) * width)]);

  it.each(SIZES)("of rows of %i, forward and backward, in place too", (width) => {
    const [x, dy, w] = [noise(ROWS * width, 1, 3), noise(ROWS * width, 2), noise(width, 3, 2)];
    const [from, gradient] = [bench.f32(x), bench.f32(dy)];
    for (const weight of [bench.f32(w), undefined]) {
      const scale = (i: number) => (weight ? w[i]! : 1);
      const exact = rowsOf(x, width).map((row) => Math.sqrt(mean(row.map((v) => v * v)) + EPS));
      const [y, stats] = [bench.f32(ROWS * width), bench.f32(ROWS * 2)];
      const pointer = weight?.ptr ?? 0;
      k.rmsNormForward(y.ptr, stats.ptr, from.ptr, pointer, ROWS, width, EPS);
      const expected = rowsOf(x, width).flatMap((row, r) =>
        row.map((v, i) => (v / exact[r]!) * scale(i)),
      );
      expect(maxError(y.view, expected)).toBeLessThan(2e-6);
      expect(
        maxError(
          stats.view,
          exact.flatMap((root) => [0, 1 / root]),
        ),
      ).toBeLessThan(4e-6);
      const same = bench.f32(x);
      k.rmsNormForward(same.ptr, bench.f32(ROWS * 2).ptr, same.ptr, pointer, ROWS, width, EPS);
      expect([...same.view]).toEqual([...y.view]);

      const dx = bench.f32(ROWS * width);
      k.rmsNormBackward(dx.ptr, gradient.ptr, from.ptr, stats.ptr, pointer, ROWS, width);
      const gradients = rowsOf(dy, width).flatMap((row, r) => {
        const normal = rowsOf(x, width)[r]!.map((v) => v / exact[r]!);
        const g = row.map((v, i) => v * scale(i));
        const along = mean(g.map((v, i) => v * normal[i]!));
        return g.map((v, i) => (v - normal[i]! * along) / exact[r]!);
      });
      const most = Math.max(1, ...gradients.map(Math.abs));
      expect(maxError(dx.view, gradients)).toBeLessThan(4e-6 * most);
      for (const own of [bench.f32(dy), bench.f32(x)]) {
        const [g, v] = own.view[0] === dy[0] ? [own.ptr, from.ptr] : [gradient.ptr, own.ptr];
        k.rmsNormBackward(own.ptr, g, v, stats.ptr, pointer, ROWS, width);
        expect([...own.view]).toEqual([...dx.view]);
      }
    }
    bench.checkCanaries();
  });
});

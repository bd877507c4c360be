import { describe, expect, it } from "vitest";
import { builds, maxError, noise } from "./harness.js";
import { SIZES } from "./reference.js";

const ROWS = 3;

function rowsOf(x: Float32Array, classes: number): number[][] {
  return Array.from({ length: ROWS }, (_, row) => [
    ...x.subarray(row * classes, (row + 1) * classes),
  ]);
}

function logSumExp(row: readonly number[]): number {
  const most = Math.max(...row);
  const shift = Number.isFinite(most) ? most : 0;
  return shift + Math.log(row.reduce((sum, v) => sum + Math.exp(v - shift), 0));
}

const softmax = (row: readonly number[]) => row.map((v) => Math.exp(v - logSumExp(row)));
const logSoftmax = (row: readonly number[]) => row.map((v) => v - logSumExp(row));
const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, v, i) => sum + v * b[i]!, 0);

describe.each(builds())("softmax ($name)", (bench) => {
  const { k } = bench;

  it.each(SIZES)("of rows of %i, forward and backward, in place too", (classes) => {
    const x = noise(ROWS * classes, 1, 8);
    x[0] = 90; // far from the rest of its row
    const dy = noise(ROWS * classes, 2);
    const [from, gradient] = [bench.f32(x), bench.f32(dy)];
    const cases = [
      [
        k.softmaxForward,
        k.softmaxBackward,
        softmax,
        (d: number[], y: number[]) => y.map((v, i) => v * (d[i]! - dot(d, y))),
      ],
      [
        k.logSoftmaxForward,
        k.logSoftmaxBackward,
        logSoftmax,
        (d: number[], y: number[]) =>
          y.map((v, i) => d[i]! - Math.exp(v) * d.reduce((a, b) => a + b, 0)),
      ],
    ] as const;
    for (const [forward, backward, exact, exactGradient] of cases) {
      const y = bench.f32(ROWS * classes);
      forward(y.ptr, from.ptr, ROWS, classes, NaN);
      const expected = rowsOf(x, classes).map(exact);
      const scale = Math.max(1, ...expected.flat().map(Math.abs));
      expect(maxError(y.view, expected.flat())).toBeLessThan(4e-7 * scale);
      const same = bench.f32(x);
      forward(same.ptr, same.ptr, ROWS, classes, NaN);
      expect([...same.view]).toEqual([...y.view]);

      const dx = bench.f32(ROWS * classes);
      backward(dx.ptr, gradient.ptr, y.ptr, ROWS, classes);
      const gradients = rowsOf(dy, classes).flatMap((d, row) => exactGradient(d, expected[row]!));
      const most = Math.max(1, ...gradients.map(Math.abs));
      expect(maxError(dx.view, gradients)).toBeLessThan(2e-6 * most);
      for (const own of [bench.f32(dy), bench.f32(y.view)]) {
        const inputs = own.view[0] === dy[0] ? [own.ptr, y.ptr] : [gradient.ptr, own.ptr];
        backward(own.ptr, inputs[0]!, inputs[1]!, ROWS, classes);
        expect([...own.view]).toEqual([...dx.view]);
      }
    }
    bench.checkCanaries();
  });

  it.each(SIZES)("log-sum-exp of rows of %i, forward and backward", (classes) => {
    const x = noise(ROWS * classes, 3, 40);
    const dy = noise(ROWS, 4);
    const [from, y, dx] = [bench.f32(x), bench.f32(ROWS), bench.f32(ROWS * classes)];
    k.logSumExpForward(y.ptr, from.ptr, ROWS, classes);
    expect(maxError(y.view, rowsOf(x, classes).map(logSumExp))).toBeLessThan(8e-6);
    k.logSumExpBackward(dx.ptr, bench.f32(dy).ptr, from.ptr, y.ptr, ROWS, classes);
    const expected = rowsOf(x, classes).flatMap((row, i) => softmax(row).map((p) => p * dy[i]!));
    expect(maxError(dx.view, expected)).toBeLessThan(5e-6);
    bench.checkCanaries();
  });

  it("gives masked classes probability 0, and NaN where all are masked", () => {
    const x = [-Infinity, 1, 2, -Infinity, -Infinity, ...new Array<number>(5).fill(-Infinity)];
    const [from, y] = [bench.f32(x), bench.f32(10)];
    k.softmaxForward(y.ptr, from.ptr, 2, 5, NaN);
    const share = 1 / (1 + Math.E);
    expect(maxError(y.view, [0, share, 1 - share, 0, 0, NaN, NaN, NaN, NaN, NaN])).toBeLessThan(
      1e-7,
    );
    k.logSoftmaxForward(y.ptr, from.ptr, 2, 5, NaN);
    expect(y.view[0]).toBe(-Infinity);
    expect(y.view[6]).toBeNaN();
    const sums = bench.f32(3);
    k.logSumExpForward(sums.ptr, bench.f32([...x, Infinity, 1, 2, 3, 4]).ptr, 3, 5);
    expect(maxError(sums.view, [Math.log(Math.E + Math.E ** 2), -Infinity, Infinity])).toBeLessThan(
      3e-7,
    );
    bench.checkCanaries();
  });

  it("gives a row of nothing but -Infinity what the caller asks for, and no other row", () => {
    const x = bench.f32([...new Array<number>(5).fill(-Infinity), -Infinity, 3, 1, 4, 1]);
    const [plain, masked] = [bench.f32(10), bench.f32(10)];
    for (const [forward, ofNothing] of [
      [k.softmaxForward, 0],
      [k.logSoftmaxForward, -Infinity],
    ] as const) {
      forward(plain.ptr, x.ptr, 2, 5, NaN);
      forward(masked.ptr, x.ptr, 2, 5, 0);
      expect([...masked.view.subarray(0, 5)]).toEqual(new Array<number>(5).fill(ofNothing));
      expect([...masked.view.subarray(5)]).toEqual([...plain.view.subarray(5)]);
      expect(plain.view.subarray(0, 5).every(Number.isNaN)).toBe(true);
    }
    bench.checkCanaries();
  });

  it("does not overflow on large logits and keeps NaN", () => {
    const y = bench.f32(6);
    k.softmaxForward(y.ptr, bench.f32([3e38, 3e38, -3e38, 1, NaN, 2]).ptr, 2, 3, NaN);
    expect([...y.view]).toEqual([0.5, 0.5, 0, NaN, NaN, NaN]);
    bench.checkCanaries();
  });
});

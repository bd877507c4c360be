// Bounds of the transcendental kernels over dense sweeps, against Math.* in float64; and activations.
import { describe, expect, it } from "vitest";
import { builds, maxError, noise } from "./harness.js";
import { SIZES, ulpError, sweep } from "./reference.js";

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
const SPECIAL = [Infinity, -Infinity, NaN, 0, 1e-45, -1e-45, 1e-39];

describe.each(builds())("activations ($name)", (bench) => {
  const { k } = bench;
  const apply = (
    kernel: "expForward" | "logForward" | "sigmoidForward" | "tanhForward" | "reluForward",
    values: ArrayLike<number>,
  ) => {
    const x = bench.f32(values);
    const out = bench.f32(values.length);
    k[kernel](out.ptr, x.ptr, values.length);
    const result = Float32Array.from(out.view);
    bench.checkCanaries();
    return result;
  };

  it("exp stays within 1.05 ulp, denormal results included", () => {
    for (const x of [sweep(-103.9, 88.722, 400_000), noise(100_000, 7, 1e-3)])
      expect(ulpError(apply("expForward", x), x, Math.exp)).toBeLessThan(1.05);
  });

  it("exp saturates to Infinity and 0 and keeps NaN", () => {
    expect([...apply("expForward", [...SPECIAL, 88.73, 1e30, -104, -1e30])]).toEqual([
      Infinity,
      0,
      NaN,
      1,
      1,
      1,
      1,
      Infinity,
      Infinity,
      0,
      0,
    ]);
  });

  it("log stays within 1 ulp from the smallest denormal to the largest number", () => {
    const everyMagnitude = new Float32Array(
      Int32Array.from({ length: 400_000 }, (_, i) => 1 + i * 5346).buffer,
    );
    expect(everyMagnitude.at(-1)).toBeGreaterThan(1e38);
    for (const x of [everyMagnitude, sweep(0.5, 2, 200_000)])
      expect(ulpError(apply("logForward", x), x, Math.log)).toBeLessThan(1);
  });

  it("log gives -Infinity at 0 and NaN below", () => {
    expect([...apply("logForward", [0, -0, 1, Infinity, -1e-45, -1, -Infinity, NaN])]).toEqual([
      -Infinity,
      -Infinity,
      0,
      Infinity,
      NaN,
      NaN,
      NaN,
      NaN,
    ]);
  });

  it("sigmoid stays within 3 ulp and saturates exactly", () => {
    for (const x of [sweep(-87.2, 20, 400_000), noise(100_000, 3, 1e-3)])
      expect(ulpError(apply("sigmoidForward", x), x, sigmoid)).toBeLessThan(3);
    expect([...apply("sigmoidForward", [...SPECIAL, 17.4, -88.4, 200, -200])]).toEqual([
      1,
      0,
      NaN,
      0.5,
      0.5,
      0.5,
      0.5,
      1,
      0,
      1,
      0,
    ]);
  });

  it("tanh stays within 6 ulp, never passes ±1, is exact near 0 and saturates exactly", () => {
    for (const x of [sweep(-12, 12, 400_000), noise(100_000, 5, 1e-3), noise(1000, 6, 1e-38)]) {
      const y = apply("tanhForward", x);
      expect(ulpError(y, x, Math.tanh)).toBeLessThan(6);
      expect(y.every((v) => Math.abs(v) <= 1)).toBe(true);
    }
    expect([...apply("tanhForward", [...SPECIAL, 9.5, -9.5])]).toEqual([
      1,
      -1,
      NaN,
      0,
      ...[1e-45, -1e-45, 1e-39].map(Math.fround),
      1,
      -1,
    ]);
  });

  it("relu keeps NaN", () => {
    expect([...apply("reluForward", [1.5, -2, 0, NaN, Infinity, -Infinity])]).toEqual([
      1.5,
      0,
      0,
      NaN,
      Infinity,
      0,
    ]);
  });

  it.each(SIZES)(
    "writes exactly %i elements, each independent of its position, in place too",
    (n) => {
      const values = noise(n, n, 3);
      for (const kernel of [
        "expForward",
        "logForward",
        "sigmoidForward",
        "tanhForward",
        "reluForward",
      ] as const) {
        const one = Array.from(values, (v) => apply(kernel, [v])[0]!);
        expect([...apply(kernel, values)]).toEqual(one);
        const x = bench.f32(values);
        k[kernel](x.ptr, x.ptr, n);
        expect([...x.view]).toEqual(one);
        bench.checkCanaries();
      }
    },
  );

  it.each(SIZES)("takes %i gradients from the outputs", (n) => {
    const dy = noise(n, 11);
    const y = noise(n, 12).map((v) => Math.abs(v));
    y[n >> 1] = 0;
    for (const [kernel, slope] of [
      ["sigmoidBackward", (v: number) => v * (1 - v)],
      ["tanhBackward", (v: number) => 1 - v * v],
      ["reluBackward", (v: number) => (v > 0 ? 1 : 0)],
    ] as const) {
      const [from, output, dx] = [bench.f32(dy), bench.f32(y), bench.f32(n)];
      k[kernel](dx.ptr, from.ptr, output.ptr, n);
      const expected = Array.from(dy, (d, i) => d * slope(y[i]!));
      expect(maxError(dx.view, expected)).toBeLessThan(2e-7);
      k[kernel](from.ptr, from.ptr, output.ptr, n);
      expect([...from.view]).toEqual([...dx.view]);
      bench.checkCanaries();
    }
  });
});

// The vector functions that no kernel exposes as they are. (exp, log, sigmoid, tanh: activations.test.ts.)
import { describe, expect, it } from "vitest";
import { debugBuild, noise } from "./harness.js";
import { sweep, ulpError } from "./reference.js";

type Hook = (out: number, x: number, n: number) => void;
const bench = debugBuild<{
  simdExp2: Hook;
  simdExpFlushed: Hook;
  simdLog1p: Hook;
  simdSinTurn: Hook;
}>();

function apply(hook: Hook, values: ArrayLike<number>): Float32Array {
  const x = bench.f32(values);
  const out = bench.f32(values.length);
  hook(out.ptr, x.ptr, values.length);
  const result = Float32Array.from(out.view);
  bench.checkCanaries();
  return result;
}

describe("vector functions", () => {
  it("exp for gates stays within 1.05 ulp on normal results and flushes the rest", () => {
    const x = sweep(-87.3, 88.3, 500_000);
    expect(ulpError(apply(bench.k.simdExpFlushed, x), x, Math.exp)).toBeLessThan(1.05);
    expect([...apply(bench.k.simdExpFlushed, [-88, -Infinity, 88.4, Infinity, NaN, 0])]).toEqual([
      0,
      0,
      Infinity,
      Infinity,
      NaN,
      1,
    ]);
  });

  it("powers of two stay within 1.2 ulp on normal results below 1, are exact at 0, and 0 below", () => {
    const x = sweep(-125.9, 0, 500_000);
    expect(ulpError(apply(bench.k.simdExp2, x), x, (v) => 2 ** v)).toBeLessThan(1.2);
    const ends = apply(bench.k.simdExp2, [0, -1, -127, -1e6, -Infinity, NaN]);
    expect([...ends]).toEqual([1, 0.5, 0, 0, 0, NaN]);
  });

  it("log1p stays within 2 ulp on [0, 1], for the smallest numbers too", () => {
    for (const x of [sweep(0, 1, 300_000), noise(50_000, 3, 1e-6).map(Math.abs)])
      expect(ulpError(apply(bench.k.simdLog1p, x), x, Math.log1p)).toBeLessThan(2);
    expect([...apply(bench.k.simdLog1p, [0, 1e-45, NaN])]).toEqual([0, Math.fround(1e-45), NaN]);
  });

  it("sine of a turn stays within 1.2e-7 and is exact at the quarters", () => {
    const words = Int32Array.from({ length: 300_000 }, (_, i) => Math.imul(i, 0x9e3779b1));
    const x = bench.i32(words);
    const out = bench.f32(words.length);
    bench.k.simdSinTurn(out.ptr, x.ptr, words.length);
    let worst = 0;
    out.view.forEach((v, i) => {
      worst = Math.max(worst, Math.abs(v - Math.sin(((words[i]! >>> 0) / 2 ** 32) * 2 * Math.PI)));
    });
    bench.checkCanaries();
    expect(worst).toBeLessThan(1.2e-7);
    const quarters = bench.i32([0, 2 ** 30, 2 ** 31, -(2 ** 30)]);
    const sines = bench.f32(4);
    bench.k.simdSinTurn(sines.ptr, quarters.ptr, 4);
    expect([...sines.view].map((v) => v + 0)).toEqual([0, 1, 0, -1]);
    bench.checkCanaries();
  });
});

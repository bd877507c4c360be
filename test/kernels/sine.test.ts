// Sine and cosine against float64, at every size of the argument; running products.
import { describe, expect, it } from "vitest";
import { builds, noise } from "./harness.js";
import { SIZES, sweep, ulpError } from "./reference.js";

describe.each(builds())("sine ($name)", (bench) => {
  const { k } = bench;
  const sine = (values: ArrayLike<number>, quarter: number): Float32Array => {
    const [x, out] = [bench.f32(values), bench.f32(values.length)];
    k.sineForward(out.ptr, x.ptr, values.length, quarter);
    const result = Float32Array.from(out.view);
    bench.checkCanaries();
    return result;
  };
  /** Every power of two between 2^-60 and 2^127, with fractions and either sign. */
  const anySize = noise(40_000, 4).map((v, i) => (v + Math.sign(v)) * 2 ** ((i % 187) - 60));

  it.each([
    ["sin", 0, Math.sin],
    ["cos", 1, Math.cos],
    ["-sin", 2, (v: number) => -Math.sin(v)],
  ] as const)("%s stays within 0.51 ulp", (_, quarter, exact) => {
    for (const x of [sweep(-20, 20, 50_000), anySize])
      expect(ulpError(sine(x, quarter), x, exact)).toBeLessThan(0.51);
  });

  it.each(SIZES)("writes %i elements", (n) => {
    const x = noise(n, 2, 1e10);
    expect(ulpError(sine(x, 0), x, Math.sin)).toBeLessThan(0.51);
  });

  it("is NaN of what is not finite, beside what is large", () => {
    const y = sine([Infinity, -Infinity, NaN, 1e20], 0);
    expect([...y.subarray(0, 3)]).toEqual([NaN, NaN, NaN]);
    expect(y[3]).toBe(Math.fround(Math.sin(Math.fround(1e20))));
  });
});

describe.each(builds())("running products ($name)", (bench) => {
  const { k } = bench;

  it.each([
    ...SIZES.filter((n) => n < 99).map((length) => [2, length, 1] as const),
    ...SIZES.filter((n) => n < 99).map((inner) => [2, 4, inner] as const),
  ])("of [%i, %i, %i] along the middle axis, and their gradient", (outer, length, inner) => {
    const x = noise(outer * length * inner, 3, 1.5);
    if (length > 2) x[inner] = 0;
    const dy = noise(x.length, 4);
    const [from, dOut] = [bench.f32(x), bench.f32(dy)];
    const [y, dx] = [bench.f32(x.length), bench.f32(x.length)];
    k.cumprodForward(y.ptr, from.ptr, outer, length, inner);
    k.cumprodBackward(dx.ptr, dOut.ptr, from.ptr, y.ptr, outer, length, inner);
    for (let block = 0; block < outer; block++)
      for (let column = 0; column < inner; column++) {
        const at = (i: number): number => (block * length + i) * inner + column;
        for (let i = 0; i < length; i++) {
          let product = 1;
          for (let j = 0; j <= i; j++) product *= x[at(j)]!;
          expect(y.view[at(i)]).toBe(Math.fround(product));
          let slope = 0;
          for (let end = i; end < length; end++) {
            let others = dy[at(end)]!;
            for (let j = 0; j <= end; j++) if (j !== i) others *= x[at(j)]!;
            slope += others;
          }
          expect(Math.abs(dx.view[at(i)]! - slope)).toBeLessThanOrEqual(
            2e-6 * Math.max(1e-3, Math.abs(slope)),
          );
        }
      }
    bench.checkCanaries();
  });
});

// Powers over sweeps of bases and exponents, against float64; their gradients; what IEEE 754 fixes.
import { describe, expect, it } from "vitest";
import { builds, noise } from "./harness.js";
import { SIZES, sweep } from "./reference.js";

const BASES = [0, -0, 1, -1, 0.5, -0.5, 2, -2, 3.7, Infinity, -Infinity, NaN];
const EXPONENTS = [0, -0, 1, 2, 3, -1, -2, 0.5, -1.5, 2 ** 24 + 2, Infinity, -Infinity, NaN];

/** IEEE 754's power, where JavaScript's differs: 1 to any power is 1, and -1 to an infinite one. */
function power(x: number, y: number): number {
  return x === 1 || (Math.abs(x) === 1 && Math.abs(y) === Infinity) ? 1 : x ** y;
}

describe.each(builds())("powers ($name)", (bench) => {
  const { k } = bench;
  const forward = (x: ArrayLike<number>, y: ArrayLike<number>): Float32Array => {
    const [bases, exponents, out] = [bench.f32(x), bench.f32(y), bench.f32(x.length)];
    k.powForward(out.ptr, bases.ptr, exponents.ptr, x.length);
    const result = Float32Array.from(out.view);
    bench.checkCanaries();
    return result;
  };

  it("are what IEEE 754 says of zeros, ones, infinities, whole exponents and NaN", () => {
    const pairs = BASES.flatMap((x) => EXPONENTS.map((y) => [x, y] as const));
    const got = forward(
      pairs.map(([x]) => x),
      pairs.map(([, y]) => y),
    );
    pairs.forEach(([x, y], i) => {
      const want = power(Math.fround(x), Math.fround(y));
      const what = `${x} ** ${y}`;
      if (Number.isFinite(want) && want !== 0)
        expect(Math.abs(got[i]! / want - 1), what).toBeLessThan(1e-6);
      else expect(Object.is(got[i], want), `${what}: ${got[i]}`).toBe(true);
    });
  });

  it("stay within 1e-7 · (1 + |y · log |x||)", () => {
    for (const exponent of [0.3, -1.7, 2, 3, -5]) {
      const x = sweep(exponent % 1 === 0 ? -30 : 0.01, 30, 50_000);
      const y = forward(x, new Float32Array(x.length).fill(exponent));
      const worst = x.reduce((most, v, i) => {
        const want = v ** Math.fround(exponent);
        const size = 1 + Math.abs(exponent * Math.log(Math.abs(v)));
        return v === 0 ? most : Math.max(most, Math.abs(y[i]! / want - 1) / size);
      }, 0);
      expect(worst).toBeLessThan(1.2e-7);
    }
  });

  it.each(SIZES.slice(0, -1))(
    "write exactly %i elements and their gradients, in place too",
    (n) => {
      const x = noise(n, 3, 2).map((v) => Math.abs(v) + 0.25);
      const y = noise(n, 4, 2);
      const dz = noise(n, 5);
      const z = forward(x, y);
      const of = (values: ArrayLike<number>) => bench.f32(values);
      const [a, b, d, result, da, db] = [of(x), of(y), of(dz), of(z), bench.f32(n), bench.f32(n)];
      k.powBaseBackward(da.ptr, d.ptr, a.ptr, b.ptr, n);
      k.powExponentBackward(db.ptr, d.ptr, a.ptr, b.ptr, result.ptr, n);
      for (let i = 0; i < n; i++) {
        expect(z[i]).toBeCloseTo(x[i]! ** y[i]!, 3);
        const slope = dz[i]! * y[i]! * x[i]! ** (y[i]! - 1);
        expect(Math.abs(da.view[i]! - slope)).toBeLessThan(1e-5 * (1 + Math.abs(slope)));
        const rise = dz[i]! * x[i]! ** y[i]! * Math.log(x[i]!);
        expect(Math.abs(db.view[i]! - rise)).toBeLessThan(1e-5 * (1 + Math.abs(rise)));
      }
      for (const place of ["d", "a", "b", "result"] as const) {
        const again = { d: of(dz), a: of(x), b: of(y), result: of(z) };
        const to = again[place].ptr;
        if (place !== "result") {
          k.powBaseBackward(to, again.d.ptr, again.a.ptr, again.b.ptr, n);
          expect([...again[place].view]).toEqual([...da.view]);
          Object.assign(again, { [place]: of({ d: dz, a: x, b: y }[place]) });
        }
        const target = again[place];
        k.powExponentBackward(
          target.ptr,
          again.d.ptr,
          again.a.ptr,
          again.b.ptr,
          again.result.ptr,
          n,
        );
        expect([...target.view]).toEqual([...db.view]);
      }
      k.powForward(a.ptr, a.ptr, b.ptr, n);
      expect([...a.view]).toEqual([...z]);
      bench.checkCanaries();
    },
  );
});

import { describe, expect, it } from "vitest";
import fc from "fast-check";
import type { Ptr } from "../../src/wasm/ptr.js";
import { builds, noise, type Bench } from "./harness.js";
import { SIZES } from "./reference.js";

const f = Math.fround;
const ARITHMETIC = {
  add: (a: number, b: number) => f(a + b),
  sub: (a: number, b: number) => f(a - b),
  mul: (a: number, b: number) => f(a * b),
  div: (a: number, b: number) => f(a / b),
};
const BROADCAST = {
  addBroadcast: ARITHMETIC.add,
  subBroadcast: ARITHMETIC.sub,
  mulBroadcast: ARITHMETIC.mul,
  divBroadcast: ARITHMETIC.div,
  maximumBroadcast: (a: number, b: number) => Math.max(a, b),
  minimumBroadcast: (a: number, b: number) => Math.min(a, b),
};
const COMPARE = {
  equalBroadcast: (a: number, b: number) => +(a === b),
  lessBroadcast: (a: number, b: number) => +(a < b),
  lessEqualBroadcast: (a: number, b: number) => +(a <= b),
};
const COMPARE_INT = {
  equalIntBroadcast: COMPARE.equalBroadcast,
  lessIntBroadcast: COMPARE.lessBroadcast,
  lessEqualIntBroadcast: COMPARE.lessEqualBroadcast,
};

const ARITHMETIC_INT = {
  addIntBroadcast: (a: number, b: number) => (a + b) | 0,
  subIntBroadcast: (a: number, b: number) => (a - b) | 0,
  mulIntBroadcast: (a: number, b: number) => Math.imul(a, b),
  floorDivideIntBroadcast: (a: number, b: number) => Math.floor(a / b),
  maximumIntBroadcast: (a: number, b: number) => Math.max(a, b),
  minimumIntBroadcast: (a: number, b: number) => Math.min(a, b),
};

/** Strides of a contiguous tensor of `dims`, 0 where `repeated`. */
function stridesOf(
  dims: readonly number[],
  repeated: readonly boolean[],
): { strides: number[]; size: number } {
  let size = 1;
  const strides = dims.map(() => 0);
  for (let axis = dims.length - 1; axis >= 0; axis--)
    if (!repeated[axis]) {
      strides[axis] = size;
      size *= dims[axis]!;
    }
  return { strides, size };
}

/** Offsets into an operand for every element of the output, row-major. */
function offsets(dims: readonly number[], strides: readonly number[]): number[] {
  return dims.reduce<number[]>(
    (at, length, axis) =>
      at.flatMap((start) => Array.from({ length }, (_, i) => start + i * strides[axis]!)),
    [0],
  );
}

const plans = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.boolean(), fc.boolean(), fc.boolean()), {
    minLength: 1,
    maxLength: 5,
  })
  .filter((axes) => axes.reduce((size, [length]) => size * length, 1) <= 2000)
  .map((axes) => ({
    dims: axes.map(([length]) => length),
    operands: ([1, 2, 3] as const).map((side) => {
      const dims = axes.map(([length]) => length);
      return stridesOf(
        dims,
        axes.map((axis) => axis[side]),
      );
    }),
  }));

const equalOrNaN = (actual: ArrayLike<number>, expected: readonly number[]) =>
  expect(Array.from(actual)).toEqual(expected);

describe.each(builds())("elementwise ($name)", (bench: Bench) => {
  const { k } = bench;

  it.each(SIZES)("adds, subtracts, multiplies and divides %i elements, in place too", (n) => {
    const a = noise(n, 1);
    const b = noise(n, 2);
    for (const [name, exact] of Object.entries(ARITHMETIC) as [
      keyof typeof ARITHMETIC,
      typeof ARITHMETIC.add,
    ][]) {
      const [x, y, out] = [bench.f32(a), bench.f32(b), bench.f32(n)];
      k[name](out.ptr, x.ptr, y.ptr, n);
      const expected = Array.from(a, (v, i) => exact(v, b[i]!));
      equalOrNaN(out.view, expected);
      k[name](y.ptr, x.ptr, y.ptr, n);
      equalOrNaN(y.view, expected);
      k[name](x.ptr, x.ptr, bench.f32(b).ptr, n);
      equalOrNaN(x.view, expected);
      bench.checkCanaries();
    }
  });

  it("broadcasts every operation over any plan", () => {
    fc.assert(
      fc.property(plans, ({ dims, operands }) => {
        const [p, q] = operands as [(typeof operands)[0], (typeof operands)[0]];
        const atP = offsets(dims, p.strides);
        const atQ = offsets(dims, q.strides);
        const plan = bench.i32([dims.length, ...dims, ...p.strides, ...q.strides]);
        // Rounded so that some are equal.
        const a = noise(p.size, 1, 4).map(Math.round);
        const b = noise(q.size, 2, 4).map(Math.round);
        if (a.length > 2) a[1] = NaN;
        const [x, y] = [bench.f32(a), bench.f32(b)];
        for (const [name, exact] of Object.entries(BROADCAST)) {
          const out = bench.f32(atP.length);
          k[name as keyof typeof BROADCAST](out.ptr, x.ptr, y.ptr, plan.ptr);
          equalOrNaN(
            out.view,
            atP.map((at, i) => exact(a[at]!, b[atQ[i]!]!)),
          );
        }
        for (const [name, exact] of Object.entries(COMPARE)) {
          const out = bench.i32(atP.length);
          k[name as keyof typeof COMPARE](out.ptr, x.ptr, y.ptr, plan.ptr);
          equalOrNaN(
            out.view,
            atP.map((at, i) => exact(a[at]!, b[atQ[i]!]!)),
          );
        }
        const ints = [
          Int32Array.from(a, (v) => v * 2 ** 28),
          Int32Array.from(b, (v) => v * 2 ** 28),
        ] as const;
        const [ix, iy] = [bench.i32(ints[0]), bench.i32(ints[1])];
        for (const [name, exact] of Object.entries(COMPARE_INT)) {
          const out = bench.i32(atP.length);
          k[name as keyof typeof COMPARE_INT](out.ptr, ix.ptr, iy.ptr, plan.ptr);
          equalOrNaN(
            out.view,
            atP.map((at, i) => exact(ints[0][at]!, ints[1][atQ[i]!]!)),
          );
        }
        bench.checkCanaries();
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it("computes with int32 over any plan, modulo 2^32", () => {
    fc.assert(
      fc.property(plans, ({ dims, operands }) => {
        const [p, q] = operands as [(typeof operands)[0], (typeof operands)[0]];
        const atP = offsets(dims, p.strides);
        const atQ = offsets(dims, q.strides);
        const plan = bench.i32([dims.length, ...dims, ...p.strides, ...q.strides]);
        const a = Int32Array.from(noise(p.size, 1), (v) => v * 2 ** 31);
        // Divisors small and large, of either sign, never 0.
        const b = Int32Array.from(noise(q.size, 2), (v, i) => (v * (i % 2 ? 2 ** 31 : 9)) | 0 || 1);
        const [x, y] = [bench.i32(a), bench.i32(b)];
        for (const [name, exact] of Object.entries(ARITHMETIC_INT)) {
          const out = bench.i32(atP.length);
          k[name as keyof typeof ARITHMETIC_INT](out.ptr, x.ptr, y.ptr, plan.ptr);
          equalOrNaN(
            out.view,
            atP.map((at, i) => exact(a[at]!, b[atQ[i]!]!) + 0),
          );
        }
        bench.checkCanaries();
      }),
      { numRuns: 60, seed: 9 },
    );
  });

  it("divides exactly next to multiples of the largest divisors", () => {
    const most = 2 ** 31 - 1;
    const a = [most, -most - 1, most - 1, -most, -1, 1, most, 7, -7, 7, -7];
    const b = [most, most, most, most, most, most, -most, 2, 2, -2, -2];
    const out = bench.i32(a.length);
    const plan = bench.i32([1, a.length, 1, 1]);
    k.floorDivideIntBroadcast(out.ptr, bench.i32(a).ptr, bench.i32(b).ptr, plan.ptr);
    expect([...out.view]).toEqual(
      a.map((v, i) => Number((BigInt(v) - BigInt(((v % b[i]!) + b[i]!) % b[i]!)) / BigInt(b[i]!))),
    );
    bench.checkCanaries();
  });

  it.each(SIZES)("rounds %i elements down, up and to the nearest, in place too", (n) => {
    const values = noise(n, 6, 4).map((v, i) => (i % 3 ? v : Math.round(v) + 0.5));
    const nearest = (v: number) =>
      v % 1 === 0.5 || v % 1 === -0.5 ? 2 * Math.round(v / 2) : Math.round(v);
    for (const [direction, exact] of [Math.floor, Math.ceil, nearest].entries()) {
      const [x, out] = [bench.f32(values), bench.f32(n)];
      k.roundWhole(out.ptr, x.ptr, n, direction);
      expect(Array.from(out.view, (v) => v + 0)).toEqual(Array.from(values, (v) => exact(v) + 0));
      k.roundWhole(x.ptr, x.ptr, n, direction);
      expect([...x.view]).toEqual([...out.view]);
      bench.checkCanaries();
    }
  });

  it("chooses by a condition over any plan, without touching what it does not choose", () => {
    fc.assert(
      fc.property(plans, ({ dims, operands }) => {
        const [c, p, q] = operands as [
          (typeof operands)[0],
          (typeof operands)[0],
          (typeof operands)[0],
        ];
        const at = operands.map(({ strides }) => offsets(dims, strides));
        const condition = Int32Array.from(noise(c.size, 3), (v) => (v > 0 ? 5 : 0));
        const a = noise(p.size, 4);
        const b = new Float32Array(q.size).fill(NaN);
        const plan = bench.i32([
          dims.length,
          ...dims,
          ...operands.flatMap(({ strides }) => strides),
        ]);
        const out = bench.f32(at[0]!.length);
        k.whereBroadcast(
          out.ptr,
          bench.i32(condition).ptr,
          bench.f32(a).ptr,
          bench.f32(b).ptr,
          plan.ptr,
        );
        equalOrNaN(
          out.view,
          at[0]!.map((from, i) => (condition[from] ? a[at[1]![i]!]! : NaN)),
        );
        bench.checkCanaries();
      }),
      { numRuns: 60, seed: 8 },
    );
  });

  it.each(SIZES)("applies %i times each operation with a scalar, in place too", (n) => {
    const values = noise(n, 5, 3);
    values[n >> 1] = 0;
    const cases: [(out: Ptr, x: Ptr) => void, (v: number) => number][] = [
      [(out, x) => k.scale(out, x, n, 1.7), (v) => f(v * f(1.7))],
      [(out, x) => k.addScalar(out, x, n, -0.3), (v) => f(v + f(-0.3))],
      [(out, x) => k.absForward(out, x, n), Math.abs],
      [(out, x) => k.sqrtForward(out, x, n), (v) => f(Math.sqrt(v))],
      [(out, x) => k.clampForward(out, x, n, -0.5, 0.25), (v) => Math.min(Math.max(v, -0.5), 0.25)],
    ];
    for (const [kernel, exact] of cases) {
      const [x, out] = [bench.f32(values), bench.f32(n)];
      kernel(out.ptr, x.ptr);
      const expected = Array.from(values, (v) => exact(v) + 0);
      equalOrNaN(
        Array.from(out.view, (v) => v + 0),
        expected,
      );
      kernel(x.ptr, x.ptr);
      equalOrNaN(
        Array.from(x.view, (v) => v + 0),
        expected,
      );
      bench.checkCanaries();
    }
    const filled = bench.f32(n);
    k.fill(filled.ptr, n, 2.5);
    equalOrNaN(filled.view, new Array<number>(n).fill(2.5));
    const y = noise(n, 6);
    const [to, x] = [bench.f32(y), bench.f32(values)];
    k.axpy(to.ptr, x.ptr, n, -0.7);
    equalOrNaN(
      to.view,
      Array.from(y, (v, i) => f(v + f(values[i]! * f(-0.7)))),
    );
    bench.checkCanaries();
  });

  it.each(SIZES)("takes %i gradients of abs, sqrt and clamp", (n) => {
    const dy = noise(n, 7);
    const x = noise(n, 8);
    x[n >> 1] = 0;
    const cases: [(dx: Ptr, dy: Ptr, x: Ptr) => void, (d: number, v: number) => number][] = [
      [(dx, d, v) => k.absBackward(dx, d, v, n), (d, v) => d * Math.sign(v) + 0],
      [(dx, d, v) => k.sqrtBackward(dx, d, v, n), (d, v) => f(d / f(2 * v))],
      [
        (dx, d, v) => k.clampBackward(dx, d, v, n, -0.5, 0.25),
        (d, v) => (v >= -0.5 && v <= 0.25 ? d : 0),
      ],
    ];
    for (const [kernel, exact] of cases) {
      const [from, at, dx] = [bench.f32(dy), bench.f32(x), bench.f32(n)];
      kernel(dx.ptr, from.ptr, at.ptr);
      equalOrNaN(
        dx.view,
        Array.from(dy, (d, i) => exact(d, x[i]!)),
      );
      kernel(at.ptr, from.ptr, at.ptr);
      equalOrNaN(at.view, [...dx.view]);
      bench.checkCanaries();
    }
  });

  it("clamps and keeps NaN, both bounds included", () => {
    const x = bench.f32([NaN, -Infinity, Infinity, -0.5, 0.25]);
    const dx = bench.f32(5);
    k.clampBackward(dx.ptr, bench.f32([1, 2, 3, 4, 5]).ptr, x.ptr, 5, -0.5, 0.25);
    equalOrNaN(dx.view, [0, 0, 0, 4, 5]);
    k.clampForward(x.ptr, x.ptr, 5, -0.5, 0.25);
    equalOrNaN(x.view, [NaN, -0.5, 0.25, -0.5, 0.25]);
    bench.checkCanaries();
  });

  it("converts between float and int", () => {
    const out = bench.i32(7);
    k.floatToInt(out.ptr, bench.f32([1.9, -1.9, 0.5, NaN, 3e9, -Infinity, 16777217]).ptr, 7);
    equalOrNaN(out.view, [1, -1, 0, 0, 2147483647, -2147483648, 16777216]);
    const back = bench.f32(5);
    k.intToFloat(back.ptr, bench.i32([1, -3, 16777217, 2147483647, 0]).ptr, 5);
    equalOrNaN(back.view, [1, -3, 16777216, 2147483648, 0]);
    bench.checkCanaries();
  });

  it.each(SIZES)(
    "finds the first of %i elements that is not finite, and none after the end",
    (n) => {
      const values = noise(n, 9);
      // What stands after the end is NaN: the canaries are.
      expect(k.firstNonFinite(bench.f32(values).ptr, n)).toBe(-1);
      for (const at of [0, n >> 1, n - 1])
        for (const bad of [NaN, Infinity, -Infinity]) {
          const broken = Float32Array.from(values);
          broken[at] = bad;
          expect(k.firstNonFinite(bench.f32(broken).ptr, n)).toBe(at);
        }
      bench.checkCanaries();
    },
  );
});

// Bounds of the rectifiers over dense sweeps, against float64; their derivatives.
import { describe, expect, it } from "vitest";
import { normalCdf, sigmoid } from "../gradcheck/twin.js";
import { builds, noise } from "./harness.js";
import { SIZES, sweep, ulpError } from "./reference.js";

const [SILU, GELU, GELU_TANH, SOFTPLUS, ELU, LEAKY] = [0, 1, 2, 3, 4, 5];
const KINDS = [SILU, GELU, GELU_TANH, SOFTPLUS, ELU, LEAKY];
const SLOPE = Math.fround(0.3);

const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const inner = (x: number): number => 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
const innerSlope = (x: number): number => 2 * Math.sqrt(2 / Math.PI) * (1 + 0.134145 * x * x);

type Scalar = (x: number) => number;
const VALUE: Scalar[] = [
  (x) => x * sigmoid(x),
  (x) => x * normalCdf(x),
  (x) => x * sigmoid(inner(x)),
  (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  (x) => (x > 0 ? x : SLOPE * Math.expm1(x)),
  (x) => (x > 0 ? x : SLOPE * x),
];
const gate = (s: number, x: number, du: number): number => s + x * s * (1 - s) * du;
const DERIVATIVE: Scalar[] = [
  (x) => gate(sigmoid(x), x, 1),
  (x) => normalCdf(x) + x * density(x),
  (x) => gate(sigmoid(inner(x)), x, innerSlope(x)),
  sigmoid,
  (x) => (x > 0 ? 1 : SLOPE * Math.exp(x)),
  (x) => (x > 0 ? 1 : SLOPE),
];

describe.each(builds())("rectifiers ($name)", (bench) => {
  const { k } = bench;
  const forward = (kind: number, values: ArrayLike<number>): Float32Array => {
    const [x, out] = [bench.f32(values), bench.f32(values.length)];
    k.rectifyForward(out.ptr, x.ptr, values.length, kind, SLOPE);
    const result = Float32Array.from(out.view);
    bench.checkCanaries();
    return result;
  };
  /** The largest error in units of max(1, |x|). */
  const scaled = (actual: Float32Array, x: Float32Array, exact: Scalar): number =>
    x.reduce(
      (worst, v, i) => Math.max(worst, Math.abs(actual[i]! - exact(v)) / Math.max(1, Math.abs(v))),
      0,
    );
  const wide = sweep(-12, 12, 200_000);
  const small = noise(50_000, 3, 1e-3);

  it.each([
    ["silu", SILU, 3],
    ["softplus", SOFTPLUS, 3],
    ["elu", ELU, 2],
    ["leakyRelu", LEAKY, 0.51],
  ])("%s stays within its ulps", (_, kind, bound) => {
    for (const x of [wide, small])
      expect(ulpError(forward(kind, x), x, VALUE[kind]!)).toBeLessThan(bound);
  });

  it.each([
    ["gelu", GELU],
    ["gelu's tanh form", GELU_TANH],
  ])("%s stays within 1.5e-7 · max(1, |x|)", (_, kind) => {
    for (const x of [wide, small])
      expect(scaled(forward(kind, x), x, VALUE[kind]!)).toBeLessThan(1.5e-7);
  });

  it("gelu does not cancel in its tail", () => {
    const x = sweep(-12, -2, 50_000);
    const y = forward(GELU, x);
    x.forEach((v, i) => {
      const ulps = Math.abs(y[i]! / VALUE[GELU]!(v) - 1) * 2 ** 23;
      expect(ulps).toBeLessThan(9.5 + (v * v) / 2);
    });
  });

  it.each(KINDS)("kind %i has its derivative within 5e-7 · max(1, |x|)", (kind) => {
    const [at, dx] = [bench.f32(wide), bench.f32(wide.length)];
    const dy = bench.f32(wide.map(() => 1));
    k.rectifyBackward(dx.ptr, dy.ptr, at.ptr, wide.length, kind, SLOPE);
    expect(scaled(dx.view, wide, DERIVATIVE[kind]!)).toBeLessThan(5e-7);
    bench.checkCanaries();
  });

  it("ends where exponentials do, and keeps NaN", () => {
    const x = [Infinity, 200, -200, 0, NaN];
    expect([...forward(SILU, x)].map((v) => v + 0)).toEqual([Infinity, 200, 0, 0, NaN]);
    expect([...forward(GELU, x)].map((v) => v + 0)).toEqual([Infinity, 200, 0, 0, NaN]);
    expect([...forward(GELU_TANH, x)].map((v) => v + 0)).toEqual([Infinity, 200, 0, 0, NaN]);
    const log2 = Math.fround(Math.LN2);
    expect([...forward(SOFTPLUS, x)]).toEqual([Infinity, 200, 0, log2, NaN]);
    expect([...forward(ELU, [...x, -Infinity])].map((v) => v + 0)).toEqual([
      Infinity,
      200,
      -SLOPE,
      0,
      NaN,
      -SLOPE,
    ]);
    expect([...forward(LEAKY, [-Infinity, NaN])]).toEqual([-Infinity, NaN]);
  });

  it.each(SIZES.slice(0, -1))("write exactly %i elements, in place too", (n) => {
    const values = noise(n, n, 3);
    const incoming = noise(n, n + 1);
    for (const kind of KINDS) {
      const one = Array.from(values, (v) => forward(kind, [v])[0]!);
      expect([...forward(kind, values)]).toEqual(one);
      const [x, dy, dx, same] = [
        bench.f32(values),
        bench.f32(incoming),
        bench.f32(n),
        bench.f32(values),
      ];
      k.rectifyBackward(dx.ptr, dy.ptr, x.ptr, n, kind, SLOPE);
      dx.view.forEach((v, i) =>
        expect(v).toBeCloseTo(incoming[i]! * DERIVATIVE[kind]!(values[i]!), 5),
      );
      k.rectifyBackward(same.ptr, dy.ptr, same.ptr, n, kind, SLOPE);
      expect([...same.view]).toEqual([...dx.view]);
      k.rectifyBackward(dy.ptr, dy.ptr, x.ptr, n, kind, SLOPE);
      expect([...dy.view]).toEqual([...dx.view]);
      k.rectifyForward(x.ptr, x.ptr, n, kind, SLOPE);
      expect([...x.view]).toEqual(one);
      bench.checkCanaries();
    }
  });
});

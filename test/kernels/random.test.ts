import { describe, expect, it } from "vitest";
import { philox } from "../../src/core/random.js";
import { at } from "../../src/wasm/ptr.js";
import type { Ptr } from "../../src/wasm/ptr.js";
import { builds, debugBuild, noise } from "./harness.js";
import { SIZES } from "./reference.js";

const SEED = [0x12345678, 0x9abcdef0 | 0] as const;

/** Philox4x32-10 as the paper has it, on whole 128-bit counters. */
function reference(counter: readonly number[], key: readonly number[]): number[] {
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  const word = (v: bigint) => BigInt.asUintN(32, v);
  for (let round = 0; round < 10; round++) {
    const [p0, p1] = [0xd2511f53n * c0, 0xcd9e8d57n * c2];
    [c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, word(p1), (p0 >> 32n) ^ c3 ^ k1, word(p0)];
    [k0, k1] = [word(k0 + 0x9e3779b9n), word(k1 + 0xbb67ae85n)];
  }
  return [c0, c1, c2, c3].map(Number);
}

/** The first words of the stream that starts at a block. */
function expectedWords(n: number, seed: readonly [number, number], block: bigint): number[] {
  const key = seed.map((word) => word >>> 0);
  const words = Array.from({ length: Math.ceil(n / 4) }, (_, i) => {
    const at = BigInt.asUintN(64, block + BigInt(i));
    return reference([Number(at & 0xffffffffn), Number(at >> 32n), 0, 0], key);
  });
  return words.flat().slice(0, n);
}

type Fill = (out: Ptr, n: number, ...counter: readonly number[]) => void;
const debug = debugBuild<{ bitsFill: Fill }>();

function bits(n: number, seed: readonly [number, number], lo: number, hi: number): number[] {
  const out = debug.i32(n);
  debug.k.bitsFill(out.ptr, n, ...seed, lo, hi);
  const words = Array.from(out.view, (word) => word >>> 0);
  debug.checkCanaries();
  return words;
}

/** Moments of a sample: mean, variance, skewness, kurtosis. */
function moments(x: ArrayLike<number>): number[] {
  const values = Array.from(x);
  const power = (p: number, mean: number) =>
    values.reduce((sum, v) => sum + (v - mean) ** p, 0) / values.length;
  const mean = power(1, 0);
  const variance = power(2, mean);
  return [mean, variance, power(3, mean) / variance ** 1.5, power(4, mean) / variance ** 2];
}

describe("the references", () => {
  it("give the published known answers (Random123, kat_vectors)", () => {
    const ones = 0xffffffff;
    expect(reference([0, 0, 0, 0], [0, 0])).toEqual([
      0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8,
    ]);
    expect(reference([ones, ones, ones, ones], [ones, ones])).toEqual([
      0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd,
    ]);
    expect(
      reference([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
    ).toEqual([0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]);
  });

  it("are what the host computes", () => {
    const [seedLo, seedHi] = SEED;
    for (const [counterLo, counterHi] of [
      [0, 0],
      [-1, 7],
      [0x13198a2e, -5],
    ] as const)
      expect(philox({ seedLo, seedHi, counterLo, counterHi })).toEqual(
        reference([counterLo >>> 0, counterHi >>> 0, 0, 0], [seedLo >>> 0, seedHi >>> 0]),
      );
  });
});

describe("the words", () => {
  it.each(SIZES)("are Philox4x32-10, %i of them, across the counter's carry", (n) => {
    expect(bits(n, SEED, 5, 7)).toEqual(expectedWords(n, SEED, (7n << 32n) | 5n));
    expect(bits(n, SEED, -2, 7)).toEqual(expectedWords(n, SEED, (8n << 32n) - 2n));
    expect(bits(n, SEED, -1, -1)).toEqual(expectedWords(n, SEED, (1n << 64n) - 1n));
  });
});

describe.each(builds())("random numbers ($name)", (bench) => {
  const { k } = bench;

  it.each(SIZES)("makes %i uniform numbers from the upper 24 bits of the words", (n) => {
    for (const [lo, hi, block] of [
      [9, 0, 9n],
      [-2, 7, (8n << 32n) - 2n],
      [-1, -1, (1n << 64n) - 1n],
    ] as const) {
      const out = bench.f32(n);
      k.uniformFill(out.ptr, n, -0.5, 1.5, ...SEED, lo, hi);
      const expected = expectedWords(n, SEED, block).map((word) =>
        Math.fround(Math.fround(((word >>> 8) / 2 ** 24) * 2) - 0.5),
      );
      expect([...out.view]).toEqual(expected);
      bench.checkCanaries();
    }
  });

  it("never reaches the upper end, not by rounding either", () => {
    const [n, low, high] = [200_000, 1, 1 + 2 ** -22];
    const out = bench.f32(n);
    k.uniformFill(out.ptr, n, low, high, ...SEED, 0, 0);
    expect(out.view.every((v) => v >= low && v < high)).toBe(true);
    bench.checkCanaries();
  });

  it("makes standard normal numbers from pairs of words", () => {
    const n = 200_003;
    const out = bench.f32(n);
    k.normalFill(out.ptr, n, ...SEED, 3, 0);
    const words = expectedWords(n + 1, SEED, 3n);
    let worst = 0;
    out.view.forEach((v, i) => {
      const pair = i & ~1;
      const radius = Math.sqrt(-2 * Math.log(((words[pair]! >>> 8) + 1) / 2 ** 24));
      const angle = (2 * Math.PI * words[pair + 1]!) / 2 ** 32;
      worst = Math.max(worst, Math.abs(v - radius * (i & 1 ? Math.sin(angle) : Math.cos(angle))));
    });
    expect(worst).toBeLessThan(1.5e-6);
    const [mean, variance, skewness, kurtosis] = moments(out.view) as [
      number,
      number,
      number,
      number,
    ];
    // Four standard errors of each at this n.
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(skewness)).toBeLessThan(4 * Math.sqrt(6 / n));
    expect(Math.abs(kurtosis - 3)).toBeLessThan(4 * Math.sqrt(24 / n));
    bench.checkCanaries();
  });

  it.each(SIZES)("fills %i normal numbers that do not depend on the length of the fill", (n) => {
    const [out, longer] = [bench.f32(n), bench.f32(n + 37)];
    k.normalFill(out.ptr, n, ...SEED, 3, 0);
    k.normalFill(longer.ptr, n + 37, ...SEED, 3, 0);
    expect([...out.view]).toEqual([...longer.view.subarray(0, n)]);
    bench.checkCanaries();
  });

  it.each(SIZES)("drops out of %i elements those of low words, in place and in chunks too", (n) => {
    const x = noise(n, 1);
    x[0] = NaN;
    const [p, scale] = [0.4, 1 / 0.6];
    const [from, out] = [bench.f32(x), bench.f32(n)];
    k.dropout(out.ptr, from.ptr, n, p, scale, ...SEED, 11, 0);
    const expected = expectedWords(n, SEED, 11n).map((word, i) =>
      (word >>> 8) / 2 ** 24 >= Math.fround(p) ? Math.fround(x[i]! * Math.fround(scale)) : 0,
    );
    expect([...out.view].map((v) => v + 0)).toEqual(expected.map((v) => v + 0));
    const cut = (n >> 1) & ~3;
    k.dropout(from.ptr, from.ptr, cut, p, scale, ...SEED, 11, 0);
    k.dropout(at(from.ptr, cut), at(from.ptr, cut), n - cut, p, scale, ...SEED, 11 + cut / 4, 0);
    expect([...from.view]).toEqual([...out.view]);
    bench.checkCanaries();
  });

  it("keeps an element whose number is p itself", () => {
    const p = (expectedWords(1, SEED, 11n)[0]! >>> 8) / 2 ** 24;
    const x = bench.f32([3]);
    k.dropout(x.ptr, x.ptr, 1, p, 2, ...SEED, 11, 0);
    expect(x.view[0]).toBe(6);
    bench.checkCanaries();
  });

  it("drops the share it is asked for, nothing at 0, everything at 1", () => {
    const n = 100_000;
    const [x, out] = [bench.f32(new Float32Array(n).fill(2)), bench.f32(n)];
    const kept = (p: number) => {
      k.dropout(out.ptr, x.ptr, n, p, 1, ...SEED, 0, 0);
      return out.view.reduce((sum, v) => sum + v / 2, 0) / n;
    };
    expect(kept(0)).toBe(1);
    expect(kept(1)).toBe(0);
    expect(Math.abs(kept(0.3) - 0.7)).toBeLessThan(4 * Math.sqrt(0.21 / n));
    bench.checkCanaries();
  });
});

// Numbers for tests: seeded, asymmetric, exactly representable in float32. Independent of the library's own
// generator, which is itself under test.

export interface TestRandom {
  /** Uniform in [low, high), rounded to float32. */
  uniform(low: number, high: number): number;
  /** `size` of them. */
  uniforms(size: number, low?: number, high?: number): Float32Array;
  /** An integer in low..high, both ends included. */
  integer(low: number, high: number): number;
}

/** mulberry32. */
export function testRandom(seed: number): TestRandom {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const uniform = (low: number, high: number): number => Math.fround(low + (high - low) * next());
  return {
    uniform,
    uniforms: (size, low = -1, high = 1) =>
      Float32Array.from({ length: size }, () => uniform(low, high)),
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
  };
}

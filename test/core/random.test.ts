import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { OptionError } from "../../src/core/errors.js";
import {
  drawBlock,
  getRngState,
  manualSeed,
  philox,
  randomBelow,
  randomUint32,
  randomUniform,
  setRngState,
} from "../../src/core/random.js";
import { heap } from "../../src/wasm/backend.js";
import { f32 } from "../../src/wasm/memory.js";
import { trainingKernels } from "../../src/wasm/training-kernels.js";

const word = fc.integer({ min: 0, max: 0xffffffff });
const U32 = 0xffffffffn;

/** Philox4x32-10 as the paper has it, in whole numbers without a limit. */
function reference(counter: readonly number[], key: readonly number[]): number[] {
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const p0 = 0xd2511f53n * c0;
    const p1 = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & U32, (p0 >> 32n) ^ c3 ^ k1, p0 & U32];
    k0 = (k0 + 0x9e3779b9n) & U32;
    k1 = (k1 + 0xbb67ae85n) & U32;
  }
  return [c0, c1, c2, c3].map(Number);
}

afterEach(() => manualSeed(0));

describe("Philox4x32-10", () => {
  // Random123, kat_vectors: philox4x32 10.
  it.each([
    {
      counter: [0, 0, 0, 0],
      key: [0, 0],
      expected: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    },
    {
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      expected: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      expected: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    },
  ])("reference gives the known answer for $counter", ({ counter, key, expected }) => {
    expect(reference(counter, key)).toEqual(expected);
  });

  it("on the host gives the reference's words for every key and counter", () => {
    fc.assert(
      fc.property(word, word, word, word, (counterLo, counterHi, seedLo, seedHi) => {
        const block = { counterLo, counterHi, seedLo, seedHi };
        const expected = reference([counterLo, counterHi, 0, 0], [seedLo, seedHi]);
        expect(philox(block)).toEqual(expected);
        // The kernels' signed form of the same words.
        const signed = {
          counterLo: counterLo | 0,
          counterHi: counterHi | 0,
          seedLo: seedLo | 0,
          seedHi: seedHi | 0,
        };
        expect(philox(signed)).toEqual(expected);
      }),
    );
  });

  it("in the kernels gives the upper 24 bits of the host's words, also where the counter's low word wraps", () => {
    const at = heap().allocate(64 * 4);
    fc.assert(
      fc.property(
        fc.oneof(word, fc.integer({ min: 0xfffffff0, max: 0xffffffff })),
        word,
        word,
        word,
        fc.integer({ min: 1, max: 64 }),
        (counterLo, counterHi, seedLo, seedHi, n) => {
          trainingKernels().uniformFill(at, n, 0, 1, seedLo, seedHi, counterLo, counterHi);
          const start = BigInt(counterHi) * 0x100000000n + BigInt(counterLo);
          const words: number[] = [];
          for (let block = 0n; words.length < n; block++) {
            const counter = (start + block) & 0xffffffffffffffffn;
            words.push(
              ...philox({
                seedLo,
                seedHi,
                counterLo: Number(counter & U32),
                counterHi: Number(counter >> 32n),
              }),
            );
          }
          const upper = words.slice(0, n).map((each) => (each >>> 8) / 2 ** 24);
          expect([...f32(at, n)]).toEqual(upper);
        },
      ),
    );
    heap().free(at);
  });
});

describe("the generator", () => {
  it("starts from seed 0, and starts anew from any seed", () => {
    expect(getRngState()).toEqual({ seed: 0, counter: 0 });
    manualSeed(2 ** 53 - 1);
    const first = [randomUint32(), randomUint32()];
    manualSeed(2 ** 53 - 1);
    expect([randomUint32(), randomUint32()]).toEqual(first);
    manualSeed(1);
    expect([randomUint32(), randomUint32()]).not.toEqual(first);
  });

  it("takes whole blocks of four words and splits seed and counter into their halves", () => {
    setRngState({ seed: 5 * 2 ** 32 + 0xfedcba98, counter: 3 * 2 ** 32 + 0xfffffffe });
    expect(drawBlock(5)).toEqual({
      seedLo: 0xfedcba98 | 0,
      seedHi: 5,
      counterLo: 0xfffffffe | 0,
      counterHi: 3,
    });
    expect(getRngState().counter).toBe(4 * 2 ** 32);
    drawBlock(4);
    drawBlock(0);
    expect(getRngState().counter).toBe(4 * 2 ** 32 + 1);
  });

  it("goes on from a state that was taken, whatever was drawn since", () => {
    manualSeed(7);
    randomUint32();
    const state = getRngState();
    const ahead = [randomUniform(), randomUniform()];
    setRngState(JSON.parse(JSON.stringify(state)) as typeof state);
    expect([randomUniform(), randomUniform()]).toEqual(ahead);
  });

  it("hands out a state that nobody can change it by", () => {
    const state = getRngState() as { seed: number; counter: number };
    state.counter = 99;
    expect(getRngState().counter).toBe(0);
  });

  it.each([
    [{ seed: -1, counter: 0 }, "seed to be a whole number from 0 to 2^53 - 1, got -1."],
    [{ seed: 0.5, counter: 0 }, "got 0.5."],
    [{ seed: 0, counter: 2 ** 53 }, "counter to be a whole number"],
    [{ seed: NaN, counter: 0 }, "got NaN."],
  ])("refuses the state %o and keeps its own", (state, message) => {
    expect(() => setRngState(state)).toThrow(OptionError);
    expect(() => setRngState(state)).toThrow(message);
    expect(getRngState()).toEqual({ seed: 0, counter: 0 });
  });

  it("draws whole numbers below a limit, each as often as any other", () => {
    manualSeed(3);
    const limit = 7;
    const draws = 14000;
    const counts = new Array<number>(limit).fill(0);
    for (let i = 0; i < draws; i++) counts[randomBelow(limit)]!++;
    const expected = draws / limit;
    const chiSquared = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    // 99.9 % of samples of a fair generator lie below, with six degrees of freedom.
    expect(chiSquared).toBeLessThan(22.46);
  });

  it("rejects the words that would favour small numbers", () => {
    // Three quarters of 2^32: one word in four has to be drawn again, and draws a block each time.
    manualSeed(11);
    const limit = 3 * 2 ** 30;
    for (let i = 0; i < 400; i++) expect(randomBelow(limit)).toBeLessThan(limit);
    const { counter } = getRngState();
    expect(counter).toBeGreaterThan(480);
    expect(counter).toBeLessThan(600);
  });

  it.each([0, -1, 1.5, NaN, 2 ** 32 + 1])("does not hang on a limit of %d", (limit) => {
    expect(() => randomBelow(limit)).toThrow("internal: no whole number below");
  });

  it("takes 1 and 2^32 as limits", () => {
    expect(randomBelow(1)).toBe(0);
    const state = getRngState();
    const drawn = randomBelow(2 ** 32);
    setRngState(state);
    expect(drawn).toBe(randomUint32());
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { addNoise, changeGain, changeSpeed, resample, specAugment } from "../../src/audio/index.js";
import { NumericError, OptionError } from "../../src/core/errors.js";
import { manualSeed } from "../../src/core/random.js";
import { tensor } from "../../src/tensor/create.js";
import { expectClose } from "../helpers/expect-close.js";
import { noise } from "../kernels/harness.js";
import { floats } from "./fixtures/floats.js";

const file = new URL("./fixtures/features.json", import.meta.url);
const fixture = JSON.parse(readFileSync(file, "utf8")) as { signal: string; noisy: string };
const signal = floats(fixture.signal);

const energy = (x: Float32Array) => x.reduce((sum, value) => sum + value * value, 0);

describe("waves", () => {
  it("adds noise as torchaudio's formula has it", () => {
    const got = addNoise(signal.subarray(0, 400), signal.subarray(400, 800), 5);
    expectClose(got, floats(fixture.noisy), 1e-6);
  });

  it.each([20, 0, -10])("adds white noise and stretches of noise at %i dB", (snr) => {
    for (const given of ["white", noise(5000, 2), noise(33, 3)] as const) {
      manualSeed(4);
      const got = addNoise(signal, given, snr);
      const added = got.map((value, i) => value - signal[i]!);
      const ratio = 10 * Math.log10(energy(signal) / energy(added));
      expect(ratio).toBeCloseTo(snr, 2);
      manualSeed(4);
      expect([...addNoise(signal, given, snr)]).toEqual([...got]);
      manualSeed(5);
      expect([...addNoise(signal, given, snr)]).not.toEqual([...got]);
    }
  });

  it("changes speed and loudness by what is given or drawn", () => {
    expect([...changeSpeed(signal, 1.1)]).toEqual([...resample(signal, 110, 100)]);
    manualSeed(1);
    const lengths = Array.from({ length: 30 }, () => changeSpeed(signal, [0.9, 1.1]).length);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(Math.floor(2000 / 1.1));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(Math.ceil(2000 / 0.9));
    expect(new Set(lengths).size).toBeGreaterThan(5);
    expectClose(changeGain([1, -2], -6), [10 ** -0.3, -2 * 10 ** -0.3], 1e-7);
    const gains = Array.from({ length: 30 }, () => changeGain([1], [-6, 6])[0]!);
    expect(Math.min(...gains)).toBeGreaterThan(0.5);
    expect(Math.max(...gains)).toBeLessThan(2);
    expect(new Set(gains).size).toBe(30);
  });

  it("refuses silent noise and ranges that are none", () => {
    expect(() => addNoise(signal, new Float32Array(10), 5)).toThrow(NumericError);
    expect(() => addNoise(signal, [], 5)).toThrow(OptionError);
    expect(() => addNoise(signal, "pink" as "white", 5)).toThrow('"white"');
    expect(() => changeSpeed(signal, 0)).toThrow("at least 0.01");
    expect(() => changeGain(signal, [3, -3])).toThrow("two in order");
  });
});

describe("specAugment", () => {
  const [frames, size] = [60, 20];
  const given = Float32Array.from(noise(frames * size, 8), (x) => x + 3);
  const features = tensor(given, { shape: [frames, size] });
  const masked = (options: object) => {
    const got = specAugment(features, { fill: 0, ...options }).data();
    return Array.from({ length: frames }, (_, t) =>
      Array.from({ length: size }, (_, i) => got[t * size + i] === 0),
    );
  };
  const width = (mask: boolean[]) => mask.filter(Boolean).length;

  it("masks a band of features and a stretch of time, within their widths", () => {
    manualSeed(0);
    const bands: number[] = [];
    const stretches: number[] = [];
    for (let i = 0; i < 200; i++) {
      const mask = masked({
        frequencyMasks: 1,
        frequencyMaskWidth: 5,
        timeMasks: 1,
        timeMaskWidth: 9,
        timeMaskShare: 1,
      });
      const rows = mask.filter((row) => row.every(Boolean)).length;
      const columns = Array.from({ length: size }, (_, j) => mask.every((row) => row[j]));
      bands.push(width(columns));
      stretches.push(rows);
      // Nothing else is masked, and a band has no gaps.
      expect(mask.flat().filter(Boolean)).toHaveLength(
        rows * size + (frames - rows) * width(columns),
      );
      expect(
        columns.join().split("true").length - 1 <= 1 ||
          /^(false,?)*(true,?)*(false,?)*$/.test(columns.join()),
      ).toBe(true);
    }
    expect(new Set(bands)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    expect(new Set(stretches)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  });

  it("masks no more than a share of the time, and draws by the library's generator", () => {
    for (let i = 0; i < 50; i++) {
      const mask = masked({ frequencyMasks: 0, timeMasks: 1, timeMaskShare: 0.1 });
      expect(mask.filter((row) => row[0]).length).toBeLessThanOrEqual(6);
    }
    manualSeed(9);
    const first = specAugment(features, { timeWarp: 10 }).toArray();
    manualSeed(9);
    expect(specAugment(features, { timeWarp: 10 }).toArray()).toEqual(first);
    expect(features.toArray()).toEqual(tensor(given, { shape: [frames, size] }).toArray());
  });

  it("fills with the mean, and warps time in order with both ends kept", () => {
    const ramp = tensor(
      Float32Array.from({ length: 40 }, (_, t) => t),
      { shape: [40, 1] },
    );
    let moved = 0;
    for (let i = 0; i < 30; i++) {
      const got = specAugment(ramp, { frequencyMasks: 0, timeMasks: 0, timeWarp: 8 }).data();
      expect([got[0], got[39]]).toEqual([0, 39]);
      expect(got.every((x, t) => t === 0 || x > got[t - 1]!)).toBe(true);
      const distance = got.reduce((most, x, t) => Math.max(most, Math.abs(x - t)), 0);
      expect(distance).toBeLessThanOrEqual(8.001);
      if (distance > 0) moved++;
    }
    expect(moved).toBeGreaterThan(20);
    const flat = tensor([[1], [3]]);
    manualSeed(3);
    const all = Array.from({ length: 20 }, () =>
      specAugment(flat, { timeMasks: 0, frequencyMasks: 1 }).toArray(),
    );
    expect(all).toContainEqual([[2], [2]]);
  });

  it("refuses options out of range", () => {
    expect(() => specAugment(features, { timeMaskShare: 1.5 })).toThrow(OptionError);
    expect(() => specAugment(features, { frequencyMasks: -1 })).toThrow("frequencyMasks");
    expect(() => specAugment(features, { fill: "zero" as "mean" })).toThrow("fill");
  });
});

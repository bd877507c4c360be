// Features against torchaudio, and against librosa's formulas in double precision (fixtures/make.py).
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as audio from "../../src/audio/index.js";
import { OptionError, ShapeError } from "../../src/core/errors.js";
import { tensor } from "../../src/tensor/create.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { expectClose } from "../helpers/expect-close.js";
import { floats } from "./fixtures/floats.js";

interface Case {
  readonly name: string;
  readonly call: "stft" | "spectrogram" | "melSpectrogram" | "logMel" | "mfcc";
  readonly options: object;
  readonly shape: readonly number[];
  readonly relative: boolean;
  readonly values: string;
}

const file = new URL("./fixtures/features.json", import.meta.url);
const fixture = JSON.parse(readFileSync(file, "utf8")) as {
  readonly signal: string;
  readonly presets: Readonly<Record<"librosa" | "torchaudio", readonly Case[]>>;
  readonly deltas: Readonly<Record<"features" | "torchaudio" | "wide" | "librosa", string>>;
};
const signal = floats(fixture.signal);

describe.each(Object.entries(fixture.presets))("as %s", (_, cases) => {
  it.each(cases.map((each) => [each.name, each] as const))("%s", (name, each) => {
    const got: Tensor = audio[each.call](signal, each.options);
    expect(got.shape).toEqual(each.shape);
    const expected = floats(each.values);
    const most = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    // Powers: of the largest, as what is far below it is rounding in float32, of torchaudio's too.
    const tolerance = each.relative ? { absolute: 1e-7 * most, relative: 1e-4 } : 1e-4;
    expectClose(got.data(), expected, tolerance, name);
  });
});

describe("deltas", () => {
  const features = tensor(floats(fixture.deltas.features), { shape: [7, 3] });

  it.each([
    ["torchaudio", {}],
    ["wide", { winLength: 7 }],
    ["librosa", { edges: "interp" }],
  ] as const)("as %s", (name, options) => {
    expectClose(audio.deltas(features, options).data(), floats(fixture.deltas[name]), 1e-6);
  });

  it("refuses fewer frames than a window that is not padded, and even windows", () => {
    expect(() => audio.deltas(features, { winLength: 9, edges: "interp" })).toThrow(ShapeError);
    expect(() => audio.deltas(features, { winLength: 4 })).toThrow("odd");
  });
});

describe("options", () => {
  it.each<[string, () => unknown, string]>([
    [
      "of another kind of features",
      () => audio.spectrogram(signal, { nMels: 3 } as object),
      "nMels",
    ],
    ["a window longer than the frame", () => audio.stft(signal, { winLength: 401 }), "nFft = 400"],
    ["no frequencies", () => audio.logMel(signal, { fMin: 9000 }), "fMin below fMax = 8000"],
    ["more coefficients than filters", () => audio.mfcc(signal, { nMels: 20 }), "nMels = 20"],
    [
      "decibels of a natural logarithm",
      () => audio.logMel(signal, { log: "natural", topDb: 80 }),
      "topDb null",
    ],
    ["a power of 3", () => audio.spectrogram(signal, { power: 3 }), "power to be 1 or 2"],
  ])("refuses %s", (_, call, message) => {
    expect(call).toThrow(OptionError);
    expect(call).toThrow(message);
  });

  it("refuses signals too short to be mirrored, or for a frame", () => {
    expect(() => audio.stft(signal.subarray(0, 200))).toThrow(
      'stft: expected at least 201 samples for frames of 400, got 200. A shorter signal cannot be mirrored: set padMode "constant", which pads zeros.',
    );
    expect(audio.stft(signal.subarray(0, 1), { padMode: "constant" }).shape).toEqual([1, 201, 2]);
    expect(() => audio.stft(signal.subarray(0, 399), { center: false })).toThrow("at least 400");
    expect(() => audio.stft([], { padMode: "constant" })).toThrow(ShapeError);
  });
});

describe("normalization", () => {
  it("of an utterance gives each feature mean 0 and deviation 1", () => {
    const x = tensor([
      [1, 5, 2],
      [3, 5, 4],
      [8, 5, 9],
    ]);
    const got = audio.meanVarianceNormalize(x).toArray() as number[][];
    for (const i of [0, 2]) {
      const column = got.map((row) => row[i]!);
      expect(column.reduce((a, b) => a + b)).toBeCloseTo(0, 5);
      expect(column.reduce((a, b) => a + b * b, 0) / 3).toBeCloseTo(1, 5);
    }
    expect(got.map((row) => row[1])).toEqual([0, 0, 0]);
    expect(audio.meanVarianceNormalize(x, { variance: false }).toArray()).toEqual([
      [-3, 0, -3],
      [-1, 0, -1],
      [4, 0, 4],
    ]);
  });

  it("while it runs looks back only, and ends where the utterance's does", () => {
    const frames = Float32Array.from({ length: 40 }, (_, i) => (i * i) % 17);
    const running = new audio.RunningNormalization(4);
    const got = running.push(frames);
    const whole = audio.meanVarianceNormalize(tensor(frames, { shape: [10, 4] })).data();
    expectClose(got.subarray(36), whole.subarray(36), 1e-5);
    running.reset();
    const begin = [0, 1, 2].map((t) => running.push(frames.subarray(4 * t, 4 * t + 4)));
    expect(begin.map((frame) => [...frame]).flat()).toEqual([...got.subarray(0, 12)]);
  });

  it("begins with a corpus's statistics and forgets what lies behind its window", () => {
    const stats = { mean: Float32Array.of(2), std: Float32Array.of(4) };
    const normalization = new audio.RunningNormalization(1, { window: 1000, stats });
    expect(normalization.push(Float32Array.of(6))[0]).toBeCloseTo(1, 2);
    const short = new audio.RunningNormalization(1, { window: 10 });
    short.push(new Float32Array(100).fill(1e3));
    const after = short.push(Float32Array.from({ length: 200 }, (_, i) => i % 2));
    expectClose(after.subarray(190), [-1, 1, -1, 1, -1, 1, -1, 1, -1, 1], 0.2);
  });
});

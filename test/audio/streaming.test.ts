// What comes in by chunks has the bits of the whole.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  FeatureExtractor,
  resample,
  Resampler,
  type FeatureExtractorOptions,
} from "../../src/audio/index.js";
import { OptionError, ScopeError, ShapeError } from "../../src/core/errors.js";
import { expectClose } from "../helpers/expect-close.js";
import { noise } from "../kernels/harness.js";
import { floats } from "./fixtures/floats.js";

const signal = noise(3001, 5, 0.8);

/** Chunks of sizes that come again and again. */
function* chunks(values: Float32Array, sizes: readonly number[]) {
  for (let at = 0, i = 0; at < values.length; at += sizes[i++ % sizes.length]!)
    yield values.subarray(at, at + sizes[i % sizes.length]!);
}

const CUTS = [[1], [7, 0, 160], [160], [399, 2], [5000]] as const;
const stats = (size: number) => ({
  mean: noise(size, 1),
  std: noise(size, 2).map((x) => 1 + Math.abs(x)),
});

describe("FeatureStream", () => {
  it.each<[string, FeatureExtractorOptions]>([
    ["log-mel", { nMels: 40 }],
    ["zeros behind the ends", { preset: "librosa", nFft: 512, hopLength: 160, topDb: null }],
    ["frames that begin at their time", { center: false, hopLength: 170 }],
    ["frames with gaps between", { nFft: 64, hopLength: 151, features: "spectrogram" }],
    ["an odd size", { nFft: 45, hopLength: 20, features: "spectrogram", power: 1 }],
    ["MFCC", { features: "mfcc", nMels: 23, nMfcc: 13, topDb: null }],
    ["the running normalization", { nMels: 20, normalize: "running" }],
    ["a running one from a corpus on", { nMels: 20, normalize: "running", stats: stats(20) }],
    ["a corpus's normalization", { nMels: 20, normalize: "global", stats: stats(20) }],
  ])("gives the whole's bits: %s", (_, options) => {
    const extractor = new FeatureExtractor(options);
    const whole = extractor.extract(signal);
    const stream = extractor.stream();
    for (const sizes of CUTS) {
      const frames = [...chunks(signal, sizes)].flatMap((chunk) => stream.push(chunk));
      frames.push(...stream.end());
      expect([frames.length, stream.size]).toEqual(whole.shape);
      expect(
        frames.every((frame, t) =>
          frame.every((x, i) => Object.is(x, whole.data()[t * stream.size + i])),
        ),
      ).toBe(true);
      stream.reset();
    }
  });

  it("gives frames as soon as their samples are there", () => {
    const stream = new FeatureExtractor({ nFft: 400, hopLength: 160 }).stream();
    expect(stream.push(signal.subarray(0, 200))).toEqual([]);
    expect(stream.push(signal.subarray(200, 201))).toHaveLength(1);
    expect(stream.push(signal.subarray(201, 359))).toEqual([]);
    expect(stream.push(signal.subarray(359, 360))).toHaveLength(1);
  });

  it("normalizes an utterance as a whole only", () => {
    const extractor = new FeatureExtractor({ nMels: 20, normalize: "utterance" });
    const column = extractor
      .extract(signal)
      .data()
      .filter((_, i) => i % 20 === 3);
    expect(column.reduce((a, b) => a + b) / column.length).toBeCloseTo(0, 4);
    expect(() => extractor.stream()).toThrow(OptionError);
    expect(() => extractor.stream()).toThrow('"running" looks back only');
  });

  it("refuses what needs the loudest value, a signal too short, and samples behind the end", () => {
    expect(() => new FeatureExtractor({ preset: "librosa" }).stream()).toThrow("Set topDb: null");
    expect(() => new FeatureExtractor({ features: "mfcc" }).stream()).toThrow("Set topDb: null");
    expect(() => new FeatureExtractor({ normalize: "global" })).toThrow("stats");
    const broken = { ...stats(128), std: new Float32Array(128).fill(NaN) };
    expect(() => new FeatureExtractor({ normalize: "global", stats: broken })).toThrow(
      "stats with a std of 128 finite numbers",
    );
    const stream = new FeatureExtractor().stream();
    stream.push(signal.subarray(0, 200));
    expect(() => stream.end()).toThrow(ShapeError);
    stream.push(signal);
    stream.end();
    expect(() => stream.push(signal)).toThrow(ScopeError);
    expect(() => stream.end()).toThrow("reset() begins another");
  });
});

describe("resample", () => {
  const file = new URL("./fixtures/features.json", import.meta.url);
  const fixture = JSON.parse(readFileSync(file, "utf8")) as {
    signal: string;
    resampled: { from: number; to: number; length: number; options: object; values: string }[];
  };
  const given = floats(fixture.signal);

  it.each(fixture.resampled.map((each) => [each.from, each.to, each] as const))(
    "from %i to %i as torchaudio",
    (from, to, { options, values, length }) => {
      const got = resample(given.subarray(0, length), from, to, options);
      expectClose(got, floats(values), 2e-6);
    },
  );

  it("keeps samples at one rate, and gives none of none", () => {
    expect([...resample(given, 16000, 16000)]).toEqual([...given]);
    expect(resample([], 8000, 16000)).toHaveLength(0);
  });

  it.each([
    [16000, 8000],
    [8000, 16000],
    [44100, 16000],
    [10, 9],
    [7, 7],
  ])("from %i to %i in chunks has the whole's bits", (from, to) => {
    const whole = resample(signal, from, to);
    for (const sizes of CUTS) {
      const resampler = new Resampler(from, to);
      const parts = [...chunks(signal, sizes)].map((chunk) => resampler.push(chunk));
      const got = [...parts, resampler.end()].flatMap((part) => [...part]);
      expect(got).toEqual([...whole]);
    }
  });

  it("refuses rates that are no whole numbers, and samples behind the end", () => {
    expect(() => resample(given, 16000.5, 8000)).toThrow(OptionError);
    expect(() => resample(given, 16000, 8000, { rolloff: 1.5 })).toThrow("rolloff");
    const resampler = new Resampler(2, 1);
    resampler.end();
    expect(() => resampler.push(given)).toThrow(ScopeError);
  });
});

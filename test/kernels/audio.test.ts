// The kernels of sound against sums in float64, at sizes of every radix, between canaries.
import { describe, expect, it } from "vitest";
import { planOf } from "../../src/audio/plan.js";
import { readFeatureOptions, type MfccOptions } from "../../src/audio/options.js";
import { melFilters } from "../../src/audio/mel.js";
import type { AudioKernels } from "../../src/wasm/generated/audio.js";
import { builds, maxError, noise, type Bench } from "./harness.js";

const settingsOf = (kind: "stft" | "logMel", options: MfccOptions) =>
  readFeatureOptions("test", kind, { window: "hamming", ...options });

/** The spectrum of windowed samples, `[bins][re, im]`. */
function spectrumOf(frame: readonly number[]): [number, number][] {
  const size = frame.length;
  return Array.from({ length: (size >> 1) + 1 }, (_, k) =>
    frame.reduce<[number, number]>(
      ([re, im], x, i) => {
        const angle = (-2 * Math.PI * ((k * i) % size)) / size;
        return [re + x * Math.cos(angle), im + x * Math.sin(angle)];
      },
      [0, 0],
    ),
  );
}

function framesOf(signal: Float32Array, size: number, hop: number, frames: number): number[][] {
  const window = Array.from({ length: size }, (_, i) =>
    size === 1 ? 1 : 0.54 - 0.46 * Math.cos((2 * Math.PI * i) / size),
  );
  return Array.from({ length: frames }, (_, t) =>
    window.map((weight, i) => weight * signal[t * hop + i]!),
  );
}

interface Sizes {
  readonly size: number;
  readonly hop: number;
  readonly frames: number;
}

const signalOf = ({ size, hop, frames }: Sizes) => noise((frames - 1) * hop + size, size + frames);

function run(bench: Bench<AudioKernels>, sizes: Sizes, kind: 0 | 1 | 2): Float32Array {
  const { size, hop, frames } = sizes;
  const plan = planOf(settingsOf("stft", { nFft: size, hopLength: hop, center: false }));
  const words = bench.i32(plan.words);
  const scratch = bench.f32(bench.k.spectraScratchBytes(size, 0) / 4);
  const out = bench.f32(frames * plan.bins * (kind === 0 ? 2 : 1));
  bench.k.spectra(out.ptr, bench.f32(signalOf(sizes)).ptr, words.ptr, scratch.ptr, frames, kind);
  const got = out.view.slice();
  bench.checkCanaries();
  return got;
}

describe.each(builds<AudioKernels>("audio"))("spectra ($name)", (bench) => {
  // Halves of 2 to 8, of 3 · 2, 5 · 2, 7 · 2, 4 · 4 · 3, 9, 25, 49, 13, 17 · 4; odd sizes; sizes of one and two.
  const sizes = [
    1, 2, 3, 4, 6, 8, 10, 12, 14, 15, 16, 18, 45, 50, 64, 96, 98, 26, 31, 136, 400, 512,
  ];
  it.each(sizes)("of %i samples", (size) => {
    const given = { size, hop: 3, frames: 5 };
    const expected = framesOf(signalOf(given), size, 3, 5).flatMap((frame) =>
      spectrumOf(frame).flat(),
    );
    expect(maxError(run(bench, given, 0), expected)).toBeLessThan(4e-7 * size + 1e-6);
  });

  it.each([1, 2, 3, 4, 5, 8, 9])("of %i frames, with magnitudes and powers", (frames) => {
    const given = { size: 20, hop: 7, frames };
    const spectra = framesOf(signalOf(given), 20, 7, frames).flatMap(spectrumOf);
    const powers = spectra.map(([re, im]) => re * re + im * im);
    expect(maxError(run(bench, given, 2), powers)).toBeLessThan(1e-4);
    expect(maxError(run(bench, given, 1), powers.map(Math.sqrt))).toBeLessThan(2e-5);
    // A frame has the same bits whatever stands beside it.
    const all = run(bench, { ...given, frames: 9 }, 0);
    const signal = signalOf({ ...given, frames: 9 });
    const plan = planOf(settingsOf("stft", { nFft: 20, hopLength: 7, center: false }));
    const alone = bench.f32(plan.bins * 2);
    const scratch = bench.f32(bench.k.spectraScratchBytes(20, 0) / 4);
    const from = bench.f32(signal.subarray(7 * (frames - 1)));
    bench.k.spectra(alone.ptr, from.ptr, bench.i32(plan.words).ptr, scratch.ptr, 1, 0);
    const width = plan.bins * 2;
    expect([...alone.view]).toEqual([...all.subarray((frames - 1) * width, frames * width)]);
    bench.checkCanaries();
  });
});

describe.each(builds<AudioKernels>("audio"))("melSpectra ($name)", (bench) => {
  it.each([1, 3, 4, 5, 8, 11])("%i filters over powers and magnitudes", (nMels) => {
    const [size, hop, frames] = [64, 10, 6];
    const settings = settingsOf("logMel", { nFft: size, hopLength: hop, nMels, center: false });
    const plan = planOf(settings);
    const filters = melFilters(settings);
    const signal = signalOf({ size, hop, frames });
    const spectra = framesOf(signal, size, hop, frames).map(spectrumOf);
    for (const magnitudes of [0, 1])
      for (const factor of [0, 2.5]) {
        const out = bench.f32(frames * nMels);
        const scratch = bench.f32(bench.k.spectraScratchBytes(size, nMels) / 4);
        const words = bench.i32(plan.words);
        const from = bench.f32(signal);
        bench.k.melSpectra(
          out.ptr,
          from.ptr,
          words.ptr,
          scratch.ptr,
          frames,
          magnitudes,
          factor,
          0.5,
        );
        const expected = spectra.flatMap((bins) =>
          filters.map(({ first, weights }) => {
            const sum = weights.reduce((total, weight, i) => {
              const [re, im] = bins[first + i]!;
              const power = re * re + im * im;
              return total + weight * (magnitudes ? Math.sqrt(power) : power);
            }, 0);
            return factor === 0 ? sum : factor * Math.log(Math.max(sum, 0.5));
          }),
        );
        expect(maxError(out.view, expected)).toBeLessThan(2e-4);
        bench.checkCanaries();
      }
  });
});

describe.each(builds<AudioKernels>("audio"))("rows and phases ($name)", (bench) => {
  it.each([
    [1, 1, 1],
    [3, 5, 4],
    [2, 23, 13],
    [4, 40, 20],
  ])("cosineRows of %i rows, %i to %i", (rows, width, count) => {
    const stride = Math.ceil(count / 4) * 4;
    const [x, table] = [noise(rows * width, 1), noise(width * stride, 2)];
    const out = bench.f32(rows * count);
    bench.k.cosineRows(out.ptr, bench.f32(x).ptr, bench.f32(table).ptr, rows, width, count);
    const expected = Array.from({ length: rows * count }, (_, i) => {
      const [row, column] = [Math.floor(i / count), i % count];
      return Array.from({ length: width }).reduce<number>(
        (sum, _x, k) => sum + x[row * width + k]! * table[k * stride + column]!,
        0,
      );
    });
    expect(maxError(out.view, expected)).toBeLessThan(1e-5);
    bench.checkCanaries();
  });

  it.each([
    [1, 1, 4, 5, 0],
    [3, 2, 8, 10, 2],
    [2, 5, 12, 7, 1],
    [160, 441, 36, 200, 159],
  ])(
    "filterPhases of %i phases, step %i, %i taps, %i samples from %i",
    (phases, step, width, count, first) => {
      const starts = Array.from({ length: phases }, (_, p) => Math.floor((p * step) / phases));
      const rounds = Math.floor((first + count) / phases) + 1;
      const signal = noise(rounds * step + step + width, 3);
      const taps = noise(phases * width, 4);
      const out = bench.f32(count);
      bench.k.filterPhases(
        out.ptr,
        bench.f32(signal).ptr,
        bench.f32(taps).ptr,
        bench.i32(starts).ptr,
        count,
        first,
        phases,
        step,
        width,
      );
      const expected = Array.from({ length: count }, (_, i) => {
        const [p, r] = [(first + i) % phases, Math.floor((first + i) / phases)];
        return Array.from({ length: width }).reduce<number>(
          (sum, _x, k) => sum + signal[r * step + starts[p]! + k]! * taps[p * width + k]!,
          0,
        );
      });
      expect(maxError(out.view, expected)).toBeLessThan(1e-5);
      bench.checkCanaries();
    },
  );
});

// Features of frames whose samples stand in the kernels' memory: all of them in a few calls, whatever their number.
import { log } from "../core/exp-log.js";
import { audioKernels } from "../wasm/audio.js";
import { f32, i32 } from "../wasm/memory.js";
import { bytesOf, offset, type Ptr } from "../wasm/ptr.js";
import { withBlock, withScratch } from "../wasm/scratch.js";
import type { Plan } from "./plan.js";

/** Decibels of a power: 10 / ln 10 times its natural logarithm. */
const DECIBELS = /* @__PURE__ */ 10 / log(10);

/**
 * out[frames, width] = the features of frames, the first at `signal`. A frame's bits do not depend on the frames beside it, unless
 * `topDb` cuts by the loudest of all.
 */
export function computeFrames(plan: Plan, signal: Ptr, out: Ptr, frames: number): void {
  if (frames === 0) return;
  const { settings, words, cosines, filters } = plan;
  const k = audioKernels();
  const table = aligned(words.length);
  const ofCosines = aligned(cosines?.length ?? 0);
  const scratchBytes = k.spectraScratchBytes(settings.nFft, filters);
  withScratch(bytesOf(table + ofCosines) + scratchBytes, (space) => {
    i32(space, words.length).set(words);
    const cosinesAt = offset(space, bytesOf(table));
    const scratch = offset(cosinesAt, bytesOf(ofCosines));
    const { features, power } = settings;
    if (features === "stft" || features === "spectrogram") {
      const kind = features === "stft" ? 0 : power === 1 ? 1 : 2;
      k.spectra(out, signal, space, scratch, frames, kind);
    } else if (cosines === undefined) mel(out);
    else
      withBlock(bytesOf(frames * filters), (mels) => {
        mel(mels);
        f32(cosinesAt, cosines.length).set(cosines);
        k.cosineRows(out, mels, cosinesAt, frames, filters, settings.nMfcc);
      });

    function mel(to: Ptr): void {
      const { log: kind, amin, topDb } = settings;
      const factor = kind === "natural" ? 1 : power === 1 ? 2 * DECIBELS : DECIBELS;
      const isLog = features !== "melSpectrogram";
      k.melSpectra(
        to,
        signal,
        space,
        scratch,
        frames,
        power === 1 ? 1 : 0,
        isLog ? factor : 0,
        amin,
      );
      if (isLog && topDb !== null) cut(f32(to, frames * filters), topDb);
    }
  });
}

/** Words that keep what stands behind them aligned to 64 bytes. */
function aligned(words: number): number {
  return (words + 15) & ~15;
}

/** Raises what is more than `topDb` below the largest. */
function cut(values: Float32Array, topDb: number): void {
  let most = -Infinity;
  for (const value of values) if (value > most) most = value;
  const least = Math.fround(most - topDb);
  for (let i = 0; i < values.length; i++) if (values[i]! < least) values[i] = least;
}

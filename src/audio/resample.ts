// Another sample rate, by a windowed sinc: torchaudio's formula (after J. O. Smith, "Digital audio resampling").
import { checkCall, checkCount } from "../core/check.js";
import { cosineOfHalfTurns } from "../core/cosine.js";
import { described } from "../core/described.js";
import { OptionError, ScopeError } from "../core/errors.js";
import { running } from "../core/running.js";
import { audioKernels } from "../wasm/audio.js";
import { f32, i32 } from "../wasm/memory.js";
import { at, bytesOf, offset } from "../wasm/ptr.js";
import { withBlock } from "../wasm/scratch.js";
import type { Samples } from "./options.js";
import { SampleQueue } from "./sample-queue.js";

export interface ResampleOptions {
  /** Zero crossings of the sinc on each side: more cut sharper and cost more. Default 6. */
  lowpassFilterWidth?: number | undefined;
  /** The share of the lower rate's frequencies that passes, above 0 and at most 1. Default 0.99. */
  rolloff?: number | undefined;
}

const KEYS = "{lowpassFilterWidth:number rolloff:number}";

/**
 * Samples at another rate: torchaudio's `functional.resample` with its Hann window.
 *
 * @param samples one channel
 * @param from samples a second that it has, a whole number
 * @param to samples a second that it shall have, a whole number
 * @returns ⌈length · to / from⌉ samples
 * @throws OptionError for rates that are no whole numbers above 0, or options out of range
 * @example
 * ```ts
 * resample(new Float32Array(441), 44100, 16000).length; // 160
 * ```
 */
export function resample(
  samples: Samples,
  from: number,
  to: number,
  options: ResampleOptions = {},
): Float32Array {
  checkCall("resample", arguments, `samples:list from:number to:number ${KEYS}`);
  const resampler = new Resampler(from, to, options);
  const [first, last] = [resampler.push(samples), resampler.end()];
  const out = new Float32Array(first.length + last.length);
  out.set(first);
  out.set(last, first.length);
  return out;
}

/**
 * {@link resample} for a signal that comes in chunks of any size, with the bits of the whole.
 *
 * @example
 * ```ts
 * const resampler = new Resampler(48000, 16000);
 * const parts = [resampler.push(new Float32Array(1000)), resampler.push(new Float32Array(500)), resampler.end()];
 * parts.reduce((sum, part) => sum + part.length, 0); // 500
 * ```
 */
export class Resampler {
  /** @internal As it is printed, whatever a bundler calls it. */
  static readonly name: string = "Resampler";
  readonly from: number;
  readonly to: number;
  readonly #filter: PhaseFilter;
  readonly #queue = new SampleQueue();
  /** The phase of the next sample. */
  #phase = 0;
  #samples = 0;
  #made = 0;
  #ended = false;

  constructor(from: number, to: number, options: ResampleOptions = {}) {
    checkCall("Resampler", arguments, `from:number to:number ${KEYS}`);
    const { lowpassFilterWidth = 6, rolloff = 0.99 } = options;
    checkCount("Resampler", "the rate from", from);
    checkCount("Resampler", "the rate to", to);
    checkCount("Resampler", "lowpassFilterWidth", lowpassFilterWidth);
    if (!(rolloff > 0 && rolloff <= 1))
      throw new OptionError({
        op: "Resampler",
        expected: "rolloff above 0 and at most 1",
        got: described(rolloff),
      });
    this.from = from;
    this.to = to;
    this.#filter = phaseFilter(from, to, lowpassFilterWidth, rolloff);
    this.#queue.push(new Float32Array(this.#filter.before));
  }

  /**
   * @param samples any number of them
   * @returns the samples at the other rate that are now certain
   * @throws ScopeError after `end()`
   */
  push(samples: Samples): Float32Array {
    checkCall("Resampler.push", arguments, "samples:list");
    this.#checkOpen("push");
    this.#samples += samples.length;
    this.#queue.push(samples);
    return this.#run(Infinity);
  }

  /** The samples that are left, with silence behind the last. */
  end(): Float32Array {
    checkCall("Resampler.end", arguments, "");
    this.#checkOpen("end");
    this.#ended = true;
    const { phases, step, before, width } = this.#filter;
    this.#queue.push(new Float32Array(2 * before + step + width));
    const all = Math.ceil((this.#samples * phases) / step);
    return this.#run(all - this.#made);
  }

  #run(most: number): Float32Array {
    running.op = "resample";
    const { phases, step, starts, taps, width } = this.#filter;
    const waiting = this.#queue.values;
    let count = 0;
    let [phase, from] = [this.#phase, 0];
    for (; count < most && from + starts[phase]! + width <= waiting.length; count++) {
      if (++phase < phases) continue;
      phase = 0;
      from += step;
    }
    if (count === 0) return new Float32Array(0);
    const out = withBlock(bytesOf(waiting.length + taps.length + phases + count + 48), (block) => {
      const tapsAt = offset(block, bytesOf((waiting.length + 15) & ~15));
      const startsAt = at(tapsAt, (taps.length + 15) & ~15);
      const outAt = at(startsAt, (phases + 15) & ~15);
      f32(block, waiting.length).set(waiting);
      f32(tapsAt, taps.length).set(taps);
      i32(startsAt, phases).set(starts);
      audioKernels().filterPhases(
        outAt,
        block,
        tapsAt,
        startsAt,
        count,
        this.#phase,
        phases,
        step,
        width,
      );
      return f32(outAt, count).slice();
    });
    this.#queue.drop(from);
    this.#phase = phase;
    this.#made += count;
    return out;
  }

  #checkOpen(method: string): void {
    if (this.#ended)
      throw new ScopeError({
        op: `Resampler.${method}`,
        expected: "a signal that goes on",
        got: "one that has ended",
        cure: "Make another Resampler.",
      });
  }
}

interface PhaseFilter {
  /** Samples made of `step` given ones. */
  readonly phases: number;
  readonly step: number;
  /** Samples before the signal's first that its first ones are made of: zeros. */
  readonly before: number;
  /** Where the taps of each phase begin, `before` samples ahead. */
  readonly starts: Int32Array;
  /** `[phases, width]`, zeros behind. */
  readonly taps: Float32Array;
  readonly width: number;
}

function phaseFilter(from: number, to: number, crossings: number, rolloff: number): PhaseFilter {
  const divisor = commonDivisor(from, to);
  const [step, phases] = [from / divisor, to / divisor];
  if (step === phases)
    return {
      phases: 1,
      step: 1,
      before: 0,
      starts: Int32Array.of(0),
      taps: Float32Array.of(1, 0, 0, 0),
      width: 4,
    };
  const base = Math.min(step, phases) * rolloff;
  const before = Math.ceil((crossings * step) / base);
  // Sinc and window over time in zero crossings; beyond `crossings` they are 0.
  const timeOf = (phase: number, tap: number) => ((tap - before) / step - phase / phases) * base;
  const lists = Array.from({ length: phases }, (_, phase) => {
    const middle = before + (phase * step) / phases;
    const reach = (crossings * step) / base;
    const start = Math.max(0, Math.ceil(middle - reach));
    const end = Math.min(2 * before + step - 1, Math.floor(middle + reach));
    const values: number[] = [];
    for (let tap = start; tap <= end; tap++) {
      const time = Math.abs(timeOf(phase, tap));
      values.push((sinc(time) * fade(time / crossings) * base) / step);
    }
    return { start, values };
  });
  const longest = lists.reduce((most, { values }) => Math.max(most, values.length), 0);
  const width = Math.ceil(longest / 4) * 4;
  const taps = new Float32Array(phases * width);
  lists.forEach(({ values }, phase) => taps.set(values, phase * width));
  return {
    phases,
    step,
    before,
    starts: Int32Array.from(lists, ({ start }) => start),
    taps,
    width,
  };
}

/** sin(πx) / πx */
function sinc(x: number): number {
  if (x === 0) return 1;
  return cosineOfHalfTurns(x > 0.5 ? x - 0.5 : 0.5 - x) / (Math.PI * x);
}

/** The Hann window, from 1 at 0 to 0 at 1. */
function fade(x: number): number {
  if (x >= 1) return 0;
  const cosine = cosineOfHalfTurns(x / 2);
  return cosine * cosine;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

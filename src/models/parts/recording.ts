// Recordings as models take them: one channel at one rate.
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import type { Samples } from "../../audio/options.js";
import { resample } from "../../audio/resample.js";
import type { Sound } from "../../audio/wav.js";

/** One channel, and how many samples a second it has. */
export interface SampledSound {
  /** In −1…1. */
  readonly samples: Samples;
  /** Samples a second. Default: as many as the model reads. */
  readonly sampleRate?: number | undefined;
}

/**
 * A recording: samples of one channel at the model's rate; samples with their rate; or what `readWav` gives, whose channels are
 * averaged. Another rate is resampled.
 */
export type Recording = Samples | SampledSound | Sound;

/** Samples a second of the fastest converters: beyond it stand headers that are damaged, and filters of hours. */
const MOST_SAMPLES = 768_000;

/** How many samples a second a recording says that it has. */
export function rateOf(recording: Recording): number | undefined {
  return (Object(recording) as SampledSound).sampleRate;
}

/** How many samples a channel of a recording has. */
export function lengthOf(recording: Recording): number {
  const { samples, channels } = Object(recording) as Partial<SampledSound & Sound>;
  return (samples ?? channels?.[0] ?? (recording as Samples)).length;
}

/**
 * The samples of a recording at a rate, those that are given where nothing is to be done.
 *
 * @throws OptionError for what is no recording, has no samples, or some that are no finite numbers
 */
export function samplesAt(op: string, recording: Recording, sampleRate: number): Float32Array {
  const samples = monoOf(op, recording);
  checkFinite(op, samples);
  if (samples.length === 0) refuse(op, "a recording with samples", "none");
  const own = rateOf(recording) ?? sampleRate;
  if (!Number.isInteger(own) || own < 1 || own > MOST_SAMPLES)
    refuse(op, `a sampleRate that is a whole number from 1 to ${MOST_SAMPLES}`, described(own));
  return own === sampleRate ? samples : resample(samples, own, sampleRate);
}

/** @throws OptionError for a sample that is no finite number, with its place */
export function checkFinite(op: string, samples: Samples): void {
  for (let i = 0; i < samples.length; i++)
    if (!Number.isFinite(samples[i]))
      refuse(op, "samples that are finite numbers", `${described(samples[i])} at ${i}`);
}

function monoOf(op: string, recording: Recording): Float32Array {
  const { samples, channels } = Object(recording) as Partial<SampledSound & Sound>;
  const one: unknown = samples ?? (isChannels(channels) ? meanOf(op, channels) : recording);
  if (one instanceof Float32Array) return one;
  if (Array.isArray(one) && one.every((sample) => typeof sample === "number"))
    return Float32Array.from(one);
  return refuse(
    op,
    "a recording: samples in a Float32Array, { samples, sampleRate }, or what readWav gives",
    described(one),
    "Files are read first: readWav(bytes).",
  );
}

function isChannels(channels: unknown): channels is readonly Float32Array[] {
  return (
    Array.isArray(channels) &&
    channels.length > 0 &&
    channels.every((channel) => channel instanceof Float32Array)
  );
}

function meanOf(op: string, channels: readonly Float32Array[]): Float32Array {
  const [first] = channels as readonly [Float32Array];
  if (channels.length === 1) return first;
  if (channels.some(({ length }) => length !== first.length))
    refuse(op, "channels of one length", channels.map(({ length }) => length).join(", "));
  const share = 1 / channels.length;
  return first.map((_, i) => channels.reduce((sum, channel) => sum + channel[i]!, 0) * share);
}

function refuse(op: string, expected: string, got: string, cure?: string): never {
  throw new OptionError({ op, expected, got, cure });
}

// WAV files. What is a file and what is none is checked here (riff.ts); samples are converted by @echogarden/wave-codec.
import {
  bufferToFloat32Channels,
  encodeWaveFromFloat32Channels,
  SampleFormat,
  type BitDepth,
} from "@echogarden/wave-codec";
import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { NumericError, OptionError, ShapeError } from "../core/errors.js";
import { readChunks, type WavFormat } from "./riff.js";

/** What a file of sound holds. */
export interface Sound {
  /** Samples a second. */
  readonly sampleRate: number;
  /** One array a channel, all of one length, in −1…1 (float files may go beyond). */
  readonly channels: readonly Float32Array[];
}

export interface WavSound extends Sound {
  readonly channels: Float32Array[];
  /** Bits a sample in the file. */
  readonly bitDepth: number;
  /** How samples stand in the file: whole numbers, float, or telephony's 8-bit codes (G.711). */
  readonly encoding: "pcm" | "float" | "alaw" | "mulaw";
}

export interface ReadWavOptions {
  /** Whether a file that ends early is read as far as it goes; else it is a FormatError. Default false. */
  lenient?: boolean | undefined;
  /** The file's name, for errors. Default `"the file"`. */
  name?: string | undefined;
}

const FORMATS: Readonly<Record<WavFormat["encoding"], SampleFormat>> = {
  pcm: SampleFormat.PCM,
  float: SampleFormat.Float,
  alaw: SampleFormat.Alaw,
  mulaw: SampleFormat.Mulaw,
};

/**
 * Reads a WAV file: PCM of 8 to 32 bits, float of 32 and 64 bits, A-law and µ-law, any channels, plain and extensible headers. A
 * sample of whole numbers is divided by the largest power of two, as soundfile and torchaudio do: 16 bits by 32768.
 *
 * @param bytes the whole file
 * @throws FormatError for what is no WAV file or ends early, with the byte
 * @example
 * ```ts
 * const bytes = writeWav({ sampleRate: 8000, channels: [Float32Array.of(0, 0.5)] });
 * [...readWav(bytes).channels[0]!]; // [0, 0.5]
 * ```
 */
export function readWav(bytes: Uint8Array | ArrayBuffer, options: ReadWavOptions = {}): WavSound {
  checkCall("readWav", arguments, "bytes:Uint8Array|ArrayBuffer {lenient:boolean name:string}");
  const { lenient = false, name = "the file" } = options;
  const given = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  const { format, data } = readChunks(given, name, lenient);
  const { encoding, sampleRate, bitDepth } = format;
  const channels = bufferToFloat32Channels(
    data,
    format.channels,
    bitDepth as BitDepth,
    FORMATS[encoding],
  );
  return { sampleRate, channels, bitDepth, encoding };
}

export interface WriteWavOptions {
  /** Bits a sample: 8, 16, 24 or 32; for `float` 32 or 64. Default 16, for `float` 32. */
  bitDepth?: 8 | 16 | 24 | 32 | 64 | undefined;
  /** Whether samples are written as float, unrounded and beyond −1…1 too; else they are whole numbers, cut at the ends. Default false. */
  float?: boolean | undefined;
}

/**
 * Writes a WAV file.
 *
 * @returns the bytes of the file
 * @throws OptionError for a bit depth that there is not, a rate or a number of channels that no header can say; ShapeError for channels of
 *   several lengths; NumericError for NaN, with its place
 * @example
 * ```ts
 * writeWav({ sampleRate: 16000, channels: [new Float32Array(160)] }).length; // 364
 * ```
 */
export function writeWav(sound: Sound, options: WriteWavOptions = {}): Uint8Array {
  checkCall("writeWav", arguments, "sound:object {bitDepth:number float:boolean}");
  const { float = false } = options;
  const { bitDepth = float ? 32 : 16 } = options;
  const depths = float ? [32, 64] : [8, 16, 24, 32];
  const { sampleRate, channels } = sound;
  const refuse = (expected: string, got: unknown): never => {
    throw new OptionError({ op: "writeWav", expected, got: described(got) });
  };
  if (!depths.includes(bitDepth)) refuse(`bitDepth among ${depths.join(", ")}`, bitDepth);
  if (!Number.isInteger(sampleRate) || sampleRate < 1 || sampleRate > 0xffffffff)
    refuse("sampleRate to be a whole number from 1 on", sampleRate);
  checkChannels(channels, refuse);
  const format = float ? SampleFormat.Float : SampleFormat.PCM;
  const bytes = encodeWaveFromFloat32Channels([...channels], sampleRate, bitDepth, format);
  return bytes.length % 2 === 0 ? bytes : filledUp(bytes);
}

function checkChannels(
  channels: readonly Float32Array[],
  refuse: (expected: string, got: unknown) => never,
): void {
  const isList = Array.isArray(channels) && channels.every((one) => one instanceof Float32Array);
  if (!isList || channels.length < 1 || channels.length > 65535)
    refuse("channels to be a list of one Float32Array or more", channels);
  channels.forEach((samples, i) => {
    if (samples.length !== channels[0]!.length)
      throw new ShapeError({
        op: "writeWav",
        expected: `${channels[0]!.length} samples in each channel`,
        got: `${samples.length} in channel ${i}`,
      });
    const wrong = samples.findIndex(Number.isNaN);
    if (wrong >= 0)
      throw new NumericError({
        op: "writeWav",
        expected: "samples that are numbers",
        got: `NaN at ${wrong} of channel ${i}`,
      });
  });
}

/** A chunk of odd length has a byte behind it, which only the length of the file counts. */
function filledUp(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.length + 1);
  whole.set(bytes);
  new DataView(whole.buffer).setUint32(4, whole.length - 8, true);
  return whole;
}

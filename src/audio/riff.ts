// The chunks of a RIFF file, and what the one of the format says: all that is checked before samples are read.
import { byteFaults } from "../core/byte-fault.js";
import { quoted } from "../core/code-points.js";

/** What a WAV file says of its samples. */
export interface WavFormat {
  readonly encoding: "pcm" | "float" | "alaw" | "mulaw";
  readonly channels: number;
  readonly sampleRate: number;
  /** Of the room that a sample takes. */
  readonly bitDepth: number;
}

export interface Chunks {
  readonly format: WavFormat;
  /** The samples: whole frames of all channels. */
  readonly data: Uint8Array;
  /** Whether there is less data than the file says. */
  readonly truncated: boolean;
}

const ENCODINGS: Readonly<Record<number, WavFormat["encoding"]>> = {
  1: "pcm",
  3: "float",
  6: "alaw",
  7: "mulaw",
};
const BIT_DEPTHS = { pcm: [8, 16, 24, 32], float: [32, 64], alaw: [8], mulaw: [8] };
const EXTENSIBLE = 0xfffe;
/** What stands behind the two bytes of the encoding in a subformat's GUID, …-0000-0010-8000-00aa00389b71. */
const GUID_TAIL = "000000001000800000aa00389b71";
/** What programs write as a length that they do not know yet. */
const UNKNOWN = 0xffffffff;

export const OP = "readWav";

/** The error for what is no WAV file, or one that cannot be read, with the byte. */
export const wavFault = byteFaults(OP);

/**
 * Finds the format and the samples. Chunks of other kinds are passed over, those of odd length with the byte that fills them up, or
 * without where it was left out.
 *
 * @param lenient whether less data than the file says is taken as it is
 * @throws FormatError
 */
export function readChunks(bytes: Uint8Array, name: string, lenient: boolean): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const idAt = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  checkHeader(bytes.length, name, idAt);
  let format: WavFormat | undefined;
  let samples: { at: number; length: number } | undefined;
  for (let at = 12; at + 8 <= bytes.length && !(format && samples);) {
    const id = idAt(at);
    const length = view.getUint32(at + 4, true);
    const body = at + 8;
    if (id === "fmt ") format = readFormat(view, body, length, name);
    else if (id === "data") samples ??= { at: body, length };
    at = body + length;
    if (length % 2 === 1 && !(isId(idAt(at)) && !isId(idAt(at + 1)))) at++;
  }
  if (!format)
    throw wavFault(name, bytes.length, 'a chunk "fmt " with the format', "the end of the file");
  if (!samples)
    throw wavFault(name, bytes.length, 'a chunk "data" with the samples', "the end of the file");
  const frame = (format.channels * format.bitDepth) / 8;
  const there = bytes.length - samples.at;
  const length = samples.length === UNKNOWN ? there : samples.length;
  const truncated = length > there;
  const ragged = length % frame !== 0 && samples.length !== UNKNOWN;
  const cure = "{ lenient: true } takes the samples that are there.";
  if (truncated && !lenient)
    throw wavFault(
      name,
      bytes.length,
      `${length} bytes of samples`,
      `the end after ${there}`,
      cure,
    );
  if (ragged && !lenient)
    throw wavFault(
      name,
      samples.at - 4,
      `whole frames of ${frame} bytes`,
      `a length of ${length} bytes`,
      cure,
    );
  const whole = Math.floor(Math.min(length, there) / frame) * frame;
  return { format, data: bytes.slice(samples.at, samples.at + whole), truncated };
}

function checkHeader(length: number, name: string, idAt: (at: number) => string): void {
  const file = idAt(0);
  if (file === "RF64" || file === "BW64" || file === "RIFX")
    throw wavFault(
      name,
      0,
      'a WAV file that begins with "RIFF"',
      `${quoted(file)}`,
      "Convert it: ffmpeg -i in.wav -c:a pcm_s16le out.wav",
    );
  const got = length < 12 ? `${length} bytes in all` : "";
  const shown = (text: string) => got || quoted(text);
  if (file !== "RIFF") throw wavFault(name, 0, 'a WAV file, which begins with "RIFF"', shown(file));
  if (idAt(8) !== "WAVE") throw wavFault(name, 8, '"WAVE"', shown(idAt(8)));
}

/** Whether four characters can be a chunk's name. */
function isId(text: string): boolean {
  return /^[ -~]{4}$/.test(text);
}

function readFormat(view: DataView, at: number, length: number, name: string): WavFormat {
  const { byteLength } = view;
  const need = (bytes: number, what: string): void => {
    const there = Math.min(length, byteLength - at);
    if (there < bytes) throw wavFault(name, at, `${bytes} bytes ${what}`, `${there}`);
  };
  need(16, "of the format");
  let code = view.getUint16(at, true);
  let codeAt = at;
  if (code === EXTENSIBLE) {
    need(40, "of the extensible format");
    codeAt = at + 24;
    code = view.getUint16(codeAt, true);
    const tail = Array.from({ length: 14 }, (_, i) => view.getUint8(codeAt + 2 + i));
    if (tail.map((byte) => byte.toString(16).padStart(2, "0")).join("") !== GUID_TAIL)
      throw wavFault(name, codeAt + 2, "the subformat of an encoding", "another GUID");
  }
  const encoding = ENCODINGS[code];
  if (encoding === undefined)
    throw wavFault(
      name,
      codeAt,
      "an encoding among PCM (1), float (3), A-law (6), µ-law (7)",
      `${code}`,
      "Convert it: ffmpeg -i in.wav -c:a pcm_s16le out.wav",
    );
  const channels = view.getUint16(at + 2, true);
  const sampleRate = view.getUint32(at + 4, true);
  if (channels === 0) throw wavFault(name, at + 2, "at least one channel", "0");
  if (sampleRate === 0) throw wavFault(name, at + 4, "a sample rate above 0", "0");
  // Samples of 12 or 20 bits stand at the upper end of whole bytes; the block's size says how many.
  const block = view.getUint16(at + 12, true);
  const bits = view.getUint16(at + 14, true);
  const inWhole = (8 * block) / channels;
  const bitDepth = encoding === "pcm" && inWhole >= bits && inWhole - bits < 8 ? inWhole : bits;
  if (!BIT_DEPTHS[encoding].includes(bitDepth))
    throw wavFault(
      name,
      at + 14,
      `${BIT_DEPTHS[encoding].join(", ")} bits a sample for ${encoding}`,
      `${bits}`,
    );
  return { encoding, channels, sampleRate, bitDepth };
}

// The chunks of a MIDI file: all that is checked before its events are read, with the byte where it is wrong.
import { byteFaults } from "../core/byte-fault.js";
import { quoted } from "../core/code-points.js";

export const OP = "readMidi";

export interface MidiChunks {
  /** Ticks of a beat. */
  readonly ticksPerBeat: number;
  /** Whether the tracks are pieces of their own (format 2). */
  readonly apart: boolean;
  readonly tracks: readonly Track[];
}

/** A chunk of events. */
export interface Track {
  /** Where its events begin in the file. */
  readonly at: number;
  readonly data: Uint8Array;
}

/** The error for what is no MIDI file, or one that cannot be read, with the byte. */
export const midiFault = byteFaults(OP);

const HEADER = 14;
const SMPTE = 0x8000;

/**
 * Finds the tracks; chunks of other kinds are passed over, as the standard wants it.
 *
 * @throws FormatError
 */
export function readChunks(bytes: Uint8Array, name: string): MidiChunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const idAt = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (idAt(0) !== "MThd")
    throw midiFault(
      name,
      0,
      'a MIDI file, which begins with "MThd"',
      bytes.length < 4 ? `${bytes.length} bytes in all` : quoted(idAt(0)),
      idAt(0) === "RIFF" ? "Take the MIDI file out of its RIFF: save it anew as .mid." : undefined,
    );
  if (bytes.length < HEADER)
    throw midiFault(name, bytes.length, `a header of ${HEADER} bytes`, "the end of the file");
  const headerLength = view.getUint32(4);
  if (headerLength < 6) throw midiFault(name, 4, "a header of at least 6 bytes", `${headerLength}`);
  const format = view.getUint16(8);
  if (format > 2) throw midiFault(name, 8, "format 0, 1 or 2", `${format}`);
  const division = view.getUint16(12);
  if (division & SMPTE)
    throw midiFault(
      name,
      12,
      "time in ticks of a beat",
      "time in frames of film (SMPTE)",
      "Save it from a notation program or sequencer with ticks per quarter note.",
    );
  if (division === 0) throw midiFault(name, 12, "at least one tick of a beat", "0");
  const tracks: Track[] = [];
  for (let at = 8 + headerLength; at < bytes.length;) {
    if (bytes.length - at < 8) {
      // Some programs fill files up.
      if (bytes.subarray(at).every((byte) => byte === 0)) break;
      throw midiFault(name, at, "a chunk's name and length", `the last ${bytes.length - at} bytes`);
    }
    const length = view.getUint32(at + 4);
    const begin = at + 8;
    if (length > bytes.length - begin)
      throw midiFault(
        name,
        at,
        `a chunk ${quoted(idAt(at))} of ${length} bytes`,
        `the end of the file after ${bytes.length - begin}`,
        "The file is cut off, or damaged.",
      );
    if (idAt(at) === "MTrk")
      tracks.push({ at: begin, data: bytes.subarray(begin, begin + length) });
    at = begin + length;
  }
  if (tracks.length === 0)
    throw midiFault(name, bytes.length, 'a chunk "MTrk" with events', "the end of the file");
  return { ticksPerBeat: division, apart: format === 2, tracks };
}

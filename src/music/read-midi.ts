// MIDI files as pieces on a grid. Chunks are found here (chunks.ts), their events are read by midi-file.
import { checkCall } from "../core/check.js";
import { midiFault, readChunks } from "./chunks.js";
import { notesOfTrack, type TimedNote } from "./notes-of-track.js";
import { checkTiming, STEPS_PER_BEAT, TEMPO, type Piece } from "./piece.js";

export interface ReadMidiOptions {
  /** Steps of a beat, a quarter note: 4 for sixteenths, 1 for the chorales of the literature. Default 4. */
  stepsPerBeat?: number | undefined;
  /** The file's name, for errors. Default `"the file"`. */
  name?: string | undefined;
}

/** Three hours of sixteenths: beyond it stand times that are damaged. */
const MOST_STEPS = 100_000;
/** Of MIDI. */
const NOTES = 128;

/**
 * Reads a MIDI file (Standard MIDI File 1.0, formats 0 and 1) as a piece on a grid: notes of all tracks and channels but percussion,
 * begin and end at the nearest step, at least one step long. The piece ends with its last note. The tempo is the first that the file
 * says; velocities, pedals and programs are left out.
 *
 * @throws FormatError for what is no MIDI file or is damaged, with the byte; for format 2, whose tracks are pieces of their own, and for
 *   times in frames of film
 * @example
 * ```ts
 * const bytes = writeMidi([[60, 64, 67], [60, 65, 69]]);
 * readMidi(bytes).steps; // [[60, 64, 67], [60, 65, 69]]
 * ```
 */
export function readMidi(bytes: Uint8Array | ArrayBuffer, options: ReadMidiOptions = {}): Piece {
  checkCall(
    "readMidi",
    arguments,
    "bytes:Uint8Array|ArrayBuffer {stepsPerBeat:number name:string}",
  );
  const { stepsPerBeat = STEPS_PER_BEAT, name = "the file" } = options;
  checkTiming("readMidi", { stepsPerBeat });
  const given = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  const { ticksPerBeat, apart, tracks } = readChunks(given, name);
  if (apart && tracks.length > 1)
    throw midiFault(name, 8, "format 0 or 1, one piece", `format 2 with ${tracks.length} pieces`);
  const read = tracks.map((track, i) => notesOfTrack(track, i + 1, name));
  const stepOf = (tick: number): number => Math.round((tick * stepsPerBeat) / ticksPerBeat);
  const notes = read.flatMap((track) => track.notes);
  const length = notes.reduce((most, note) => Math.max(most, lastStep(note, stepOf)), 0);
  if (length > MOST_STEPS)
    throw midiFault(
      name,
      12,
      `a piece of at most ${MOST_STEPS} steps`,
      `${length}, of ${ticksPerBeat} ticks of a beat`,
      "Its times are damaged, or stepsPerBeat is too large for it.",
    );
  const tempos = read.flatMap(({ tempo }) => tempo ?? []).sort((a, b) => a.at - b.at);
  const [first] = tempos;
  const tempo = first ? 60_000_000 / first.microseconds : TEMPO;
  return {
    ...rolled(notes, length, stepOf),
    stepsPerBeat,
    tempo: Math.min(10_000, Math.max(4, tempo)),
  };
}

/** The step before which a note has ended. */
function lastStep({ begin, end }: TimedNote, stepOf: (tick: number) => number): number {
  return Math.max(stepOf(begin) + 1, stepOf(end));
}

/** What sounds at each step, and what of it is held. Where a note is struck while it sounds, it is struck anew. */
function rolled(
  notes: readonly TimedNote[],
  length: number,
  stepOf: (tick: number) => number,
): { steps: number[][]; held: number[][] } {
  const [HELD, STRUCK] = [1, 2];
  const roll = new Uint8Array(length * NOTES);
  for (const one of notes) {
    const begin = stepOf(one.begin);
    for (let t = begin; t < lastStep(one, stepOf); t++) roll[t * NOTES + one.note] ||= HELD;
    roll[begin * NOTES + one.note] = STRUCK;
  }
  const [steps, held]: [number[][], number[][]] = [[], []];
  for (let t = 0; t < length; t++) {
    const row = roll.subarray(t * NOTES, (t + 1) * NOTES);
    const sounding: number[] = [];
    for (let note = 0; note < NOTES; note++) if (row[note] !== 0) sounding.push(note);
    steps.push(sounding);
    held.push(sounding.filter((note) => row[note] === HELD));
  }
  return { steps, held };
}

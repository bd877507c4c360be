// Pieces on a grid as MIDI files; midi-file writes the bytes.
import { writeMidi as bytesOf, type MidiEvent } from "midi-file";
import { checkCall } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { readPiece, STEPS_PER_BEAT, TEMPO, type PieceGiven } from "./piece.js";

export interface WriteMidiOptions {
  /** Beats a minute. Default: those of the piece, else 120. */
  tempo?: number | undefined;
  /** Steps of a beat. Default: those of the piece, else 4. */
  stepsPerBeat?: number | undefined;
  /** The instrument, a program of General MIDI from 0 to 127. Default 0, a grand piano. */
  program?: number | undefined;
}

/** Of a step: all times are whole, whatever the grid. */
const TICKS = 120;
const VELOCITY = 80;

/**
 * Writes a piece as a MIDI file of one track (format 0). A note that is held goes on; of a piece that does not say what is held, one that
 * sounds at several steps in a row is one long note.
 *
 * @returns the bytes of the file
 * @throws OptionError for what is no piece, with the step, or a tempo, a grid or a program that no file can say
 * @example
 * ```ts
 * const chord = writeMidi({ steps: [[60, 64, 67]], stepsPerBeat: 1, tempo: 90 });
 * String.fromCharCode(...chord.subarray(0, 4)); // "MThd"
 * ```
 */
export function writeMidi(
  piece: PieceGiven,
  options: WriteMidiOptions = {},
): Uint8Array<ArrayBuffer> {
  const op = "writeMidi";
  checkCall(op, arguments, "piece:object|list {tempo:number stepsPerBeat:number program:number}");
  const read = readPiece(op, piece);
  const { program = 0, ...timing } = options;
  if (!Number.isInteger(program) || program < 0 || program > 127)
    throw new OptionError({ op, expected: "a program from 0 to 127", got: String(program) });
  const { tempo = TEMPO, stepsPerBeat = STEPS_PER_BEAT } = readPiece(op, {
    ...read,
    ...Object.fromEntries(Object.entries(timing).filter(([, value]) => value !== undefined)),
  });
  const track: MidiEvent[] = [
    { type: "setTempo", deltaTime: 0, microsecondsPerBeat: Math.round(60_000_000 / tempo) },
    { type: "programChange", deltaTime: 0, channel: 0, programNumber: program },
  ];
  let last = 0;
  const add = (type: "noteOn" | "noteOff", noteNumber: number, step: number): void => {
    const deltaTime = (step - last) * TICKS;
    track.push({
      type,
      deltaTime,
      channel: 0,
      noteNumber,
      velocity: type === "noteOn" ? VELOCITY : 0,
    });
    last = step;
  };
  const { steps, held } = read;
  for (let t = 0; t <= steps.length; t++) {
    const [before, now] = [steps[t - 1] ?? [], steps[t] ?? []];
    const goesOn = (note: number): boolean =>
      held ? (held[t] ?? []).includes(note) : before.includes(note) && now.includes(note);
    for (const note of before) if (!goesOn(note)) add("noteOff", note, t);
    for (const note of now) if (!goesOn(note)) add("noteOn", note, t);
  }
  track.push({ type: "endOfTrack", deltaTime: 0, meta: true });
  const header = { format: 0, numTracks: 1, ticksPerBeat: TICKS * stepsPerBeat } as const;
  return Uint8Array.from(bytesOf({ header, tracks: [track] }));
}

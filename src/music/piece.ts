// A piece on a grid of steps, and what is checked of one.
import { checkKeys } from "../core/check.js";
import { checkRecord } from "../core/check-like.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";

/** The notes of a step, by their MIDI numbers: 60 is middle C, a piano has 21 to 108. */
export type Notes = readonly number[];

/** A piece of music on a grid: a piano roll, with what MIDI files say of it. */
export interface Piece {
  /** The notes that sound at each step, in rising order. */
  readonly steps: readonly Notes[];
  /**
   * Those among them that are held from the step before; all others are struck. Missing: nobody knows, as in piano rolls of the
   * literature.
   */
  readonly held?: readonly Notes[] | undefined;
  /** Steps of a beat, a quarter note. Default 4. */
  readonly stepsPerBeat?: number | undefined;
  /** Beats a minute. Default 120. */
  readonly tempo?: number | undefined;
}

/** A piece, or its steps alone. */
export type PieceGiven = Piece | readonly Notes[];

/** The notes of a range: the piano's 88 keys, where nothing else is said. */
export interface NoteRange {
  /** The lowest note. Default 21, A0. */
  readonly lowest: number;
  /** The highest note. Default 108, C8. */
  readonly highest: number;
}

export const STEPS_PER_BEAT = 4;
export const TEMPO = 120;

/**
 * A piece as it is worked with: steps in rising order, each note once.
 *
 * @throws OptionError for what is no piece, with the step
 */
export function readPiece(op: string, given: unknown): Piece {
  if (Array.isArray(given)) return { steps: readSteps(op, "steps", given) };
  const expected = "a piece, { steps }, or a list of steps";
  if (given instanceof Uint8Array)
    throw new OptionError({
      op,
      expected,
      got: "the bytes of a file",
      cure: "Files are read first: readMidi(bytes).",
    });
  checkRecord(op, expected, given);
  checkKeys(op, given, "steps!:list held:list stepsPerBeat:number tempo:number");
  const { steps: list, held: heldList, ...timing } = given as Piece;
  const steps = readSteps(op, "steps", list);
  checkTiming(op, timing);
  if (heldList === undefined) return { ...timing, steps };
  const held = readSteps(op, "held", heldList);
  if (held.length !== steps.length)
    throw refused(op, `held for each of ${steps.length} steps`, `${held.length} of them`);
  held.forEach((notes, t) => {
    const stray = notes.find((note) => !steps[t]!.includes(note) || !steps[t - 1]?.includes(note));
    if (stray !== undefined)
      throw refused(
        op,
        "held notes that sound at their step and the one before",
        `${stray} at step ${t}`,
      );
  });
  return { ...timing, steps, held };
}

/** @throws OptionError for a tempo or a grid that cannot be */
export function checkTiming(op: string, { stepsPerBeat, tempo }: Partial<Piece>): void {
  if (
    stepsPerBeat !== undefined &&
    !(Number.isInteger(stepsPerBeat) && isWithin(stepsPerBeat, 1, 96))
  )
    throw refused(op, "stepsPerBeat to be a whole number from 1 to 96", described(stepsPerBeat));
  // What a file can say: microseconds of a beat, in three bytes.
  if (tempo !== undefined && !isWithin(tempo, 4, 10_000))
    throw refused(op, "a tempo from 4 to 10000 beats a minute", described(tempo));
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === "number" && value >= least && value <= most;
}

function readSteps(op: string, name: string, list: unknown): Notes[] {
  if (!Array.isArray(list))
    throw refused(op, `${name} as a list of lists of notes`, described(list));
  return list.map((notes: unknown, t) => {
    if (!isList(notes))
      throw refused(op, `a list of notes at each of ${name}`, `${described(notes)} at step ${t}`);
    const sorted = [...new Set(Array.from(notes))].sort((a, b) => a - b);
    const wrong = sorted.find((note) => !(Number.isInteger(note) && isWithin(note, 0, 127)));
    if (wrong !== undefined)
      throw refused(
        op,
        "notes that are MIDI numbers from 0 to 127",
        `${described(wrong)} at step ${t}`,
      );
    return sorted;
  });
}

function isList(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

/** Refuses notes that lie outside of a range. */
export function checkRange(op: string, { steps }: Piece, { lowest, highest }: NoteRange): void {
  steps.forEach((notes, t) => {
    const outside = notes.find((note) => note < lowest || note > highest);
    if (outside !== undefined)
      throw refused(op, `notes from ${lowest} to ${highest}`, `${outside} at step ${t}`);
  });
}

function refused(op: string, expected: string, got: string): OptionError {
  return new OptionError({ op, expected, got });
}

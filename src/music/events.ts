// A piece as a text: its notes in their order, as tokens that a language model reads and writes.
import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { IndexError, OptionError } from "../core/errors.js";
import {
  checkRange,
  readPiece,
  type NoteRange,
  type Notes,
  type Piece,
  type PieceGiven,
} from "./piece.js";

export interface NoteEventsOptions {
  /** The lowest note, a MIDI number. Default 21, the piano's lowest. */
  lowest?: number | undefined;
  /** The highest note. Default 108, the piano's highest. */
  highest?: number | undefined;
  /** Whether notes that are held are told from those that are struck. Default false. */
  held?: boolean | undefined;
}

/** The event that ends a step. */
export const END_OF_STEP = 0;

/**
 * Pieces as events: the notes of a step in rising order, then its end. So each step is one sequence, and what a model of sequences
 * says of its events, where nothing but what may follow has any probability, is the joint probability of its notes.
 *
 * Events are 0, the end of a step; 1 for the lowest note, and so on; with `held`, behind all of these, as many again for notes
 * that are held from the step before.
 *
 * @example
 * ```ts
 * const events = new NoteEvents({ lowest: 60, highest: 71 });
 * const ids = events.encode([[60, 64], [], [62]]);
 * [...ids]; // [1, 5, 0, 0, 3, 0]
 * events.decode(ids).steps; // [[60, 64], [], [62]]
 * ```
 */
export class NoteEvents implements NoteRange {
  /** @internal As it is printed, whatever a bundler calls it. */
  static readonly name: string = "NoteEvents";
  readonly lowest: number;
  readonly highest: number;
  readonly held: boolean;
  /** Notes of the range. */
  readonly notes: number;
  /** Different events. */
  readonly size: number;

  /** @throws OptionError for a range that is none of MIDI numbers */
  constructor(options: NoteEventsOptions = {}) {
    checkCall("NoteEvents", arguments, "{lowest:number highest:number held:boolean}");
    const { lowest = 21, highest = 108, held = false } = options;
    if (!(
      Number.isInteger(lowest) &&
      Number.isInteger(highest) &&
      0 <= lowest &&
      lowest <= highest &&
      highest <= 127
    ))
      throw new OptionError({
        op: "NoteEvents",
        expected: "lowest and highest to be MIDI numbers from 0 to 127, in their order",
        got: `${lowest} and ${highest}`,
      });
    this.lowest = lowest;
    this.highest = highest;
    this.held = held;
    this.notes = highest - lowest + 1;
    this.size = 1 + this.notes * (held ? 2 : 1);
  }

  /** The place of an event's note in the range, from 0; -1 for the end of a step. */
  noteOf(id: number): number {
    checkCall("NoteEvents.noteOf", arguments, "id:number");
    return id > this.notes ? id - 1 - this.notes : id - 1;
  }

  /** Whether an event is a note that is held. */
  isHeld(id: number): boolean {
    checkCall("NoteEvents.isHeld", arguments, "id:number");
    return id > this.notes;
  }

  /**
   * The events of a piece.
   *
   * @throws OptionError for notes outside of the range, and, with `held`, for a piece that does not say what is held
   */
  encode(piece: PieceGiven): Int32Array {
    checkCall("NoteEvents.encode", arguments, "piece:object|list");
    const read = readPiece("NoteEvents.encode", piece);
    this.check("NoteEvents.encode", read);
    return Int32Array.from(read.steps.flatMap((_, t) => this.step(read, t)));
  }

  /** @internal Refuses a piece that these events cannot say. */
  check(op: string, piece: Piece): void {
    checkRange(op, piece, this);
    if (this.held && !piece.held)
      throw new OptionError({
        op,
        expected: "a piece that says which notes are held",
        got: "steps alone",
      });
  }

  /** @internal The events of a step of a piece that was checked. */
  step({ steps, held }: Piece, t: number): number[] {
    const idOf = (note: number): number =>
      1 + note - this.lowest + (this.held && held![t]!.includes(note) ? this.notes : 0);
    return [...steps[t]!.map(idOf), END_OF_STEP];
  }

  /**
   * The piece of some events. Notes of a last step that has not ended are left out.
   *
   * @throws IndexError for an event that may not follow
   */
  decode(ids: ArrayLike<number>): Piece {
    checkCall("NoteEvents.decode", arguments, "ids:list");
    const reader = new EventReader(this);
    const [steps, held]: [Notes[], Notes[]] = [[], []];
    let [sounding, kept]: [number[], number[]] = [[], []];
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      reader.push(id);
      if (id === END_OF_STEP) {
        steps.push(sounding);
        held.push(kept);
        [sounding, kept] = [[], []];
        continue;
      }
      const note = this.lowest + this.noteOf(id);
      sounding.push(note);
      if (this.isHeld(id)) kept.push(note);
    }
    return this.held ? { steps, held } : { steps };
  }
}

/** Reads events one after the other, and knows what may follow. */
export class EventReader {
  /** The notes that sounded at the step before, one number each: 1, or 0. */
  before: Uint8Array;
  /** The notes of the step that is being read. */
  #now: Uint8Array;
  /** The last note of the step; -1 at its beginning. */
  #last = -1;
  readonly #events: NoteEvents;

  constructor(events: NoteEvents) {
    this.#events = events;
    this.before = new Uint8Array(events.notes);
    this.#now = new Uint8Array(events.notes);
  }

  /** Whether an event may come next: the end of the step, a higher note; held, only one that sounds. */
  allows(id: number): boolean {
    const { notes, size } = this.#events;
    if (id === END_OF_STEP) return true;
    if (!(Number.isInteger(id) && id > 0 && id < size)) return false;
    const note = id > notes ? id - 1 - notes : id - 1;
    return note > this.#last && (id <= notes || this.before[note] === 1);
  }

  /** Rules out, by -Infinity, what may not come next. */
  rule(logits: Float32Array): void {
    const { notes, size } = this.#events;
    logits.fill(-Infinity, 1, 2 + this.#last);
    if (size === 1 + notes) return;
    for (let note = 0; note < notes; note++)
      if (note <= this.#last || this.before[note] === 0) logits[1 + notes + note] = -Infinity;
  }

  /** @throws IndexError for an event that may not come next */
  check(id: number): void {
    if (this.allows(id)) return;
    throw new IndexError({
      op: "NoteEvents",
      expected: `an event below ${this.#events.size}: the end of the step, 0, or a note above the last, held only where it sounds`,
      got: described(id),
    });
  }

  /** @throws IndexError for an event that may not come next */
  push(id: number): void {
    this.check(id);
    if (id === END_OF_STEP) {
      [this.before, this.#now] = [this.#now, this.before];
      this.#now.fill(0);
      this.#last = -1;
      return;
    }
    const { notes } = this.#events;
    this.#last = id > notes ? id - 1 - notes : id - 1;
    this.#now[this.#last] = 1;
  }

  /** As if it had read what another one has. */
  copyFrom(other: EventReader): void {
    this.before.set(other.before);
    this.#now.set(other.#now);
    this.#last = other.#last;
  }
}

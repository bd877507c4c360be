// A piece as the model works with it: the ids of its events, and where each step begins.
import { END_OF_STEP, type NoteEvents } from "../../music/events.js";
import type { Piece } from "../../music/piece.js";

export interface EncodedPiece {
  readonly ids: Int32Array;
  /** Where each step's events begin, and behind them where the last ends. */
  readonly starts: Int32Array;
  /** The places of its lowest and highest note in the range; of none, the middle. */
  readonly span: readonly [low: number, high: number];
}

/** A part of a piece, moved by some semitones. */
export interface Part {
  readonly piece: EncodedPiece;
  /** The first step, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  readonly shift: number;
}

export function encodePiece(events: NoteEvents, piece: Piece): EncodedPiece {
  const steps = piece.steps.map((_, t) => events.step(piece, t));
  const starts = new Int32Array(steps.length + 1);
  steps.forEach((ids, t) => (starts[t + 1] = starts[t]! + ids.length));
  const ids = Int32Array.from(steps.flat());
  let [low, high] = [events.notes, -1];
  for (const id of ids) {
    if (id === END_OF_STEP) continue;
    low = Math.min(low, events.noteOf(id));
    high = Math.max(high, events.noteOf(id));
  }
  return { ids, starts, span: high < 0 ? [0, events.notes - 1] : [low, high] };
}

export function stepsOf({ starts }: EncodedPiece): number {
  return starts.length - 1;
}

/** The whole of a piece, as it stands. */
export function wholeOf(piece: EncodedPiece): Part {
  return { piece, from: 0, to: stepsOf(piece), shift: 0 };
}

/** The events of a step of a part, and of the one before it too. */
export function idsAt({ piece, shift }: Part, t: number): Int32Array {
  if (t < 0) return NONE;
  const ids = piece.ids.subarray(piece.starts[t], piece.starts[t + 1]);
  return shift === 0 ? ids : ids.map((id) => (id === END_OF_STEP ? id : id + shift));
}

const NONE = new Int32Array(0);

/**
 * Pieces of music: MIDI files, steps of notes, events that a model of sequences reads and writes.
 *
 * @packageDocumentation
 */

export { NoteEvents, type NoteEventsOptions } from "./events.js";
export type { Notes, NoteRange, Piece, PieceGiven } from "./piece.js";
export { readMidi, type ReadMidiOptions } from "./read-midi.js";
export { writeMidi, type WriteMidiOptions } from "./write-midi.js";

// The notes of a track: midi-file reads its events; what they say is checked here, since it reads past the end of what is cut off.
import { parseMidi, type MidiEvent } from "midi-file";
import { midiFault, type Track } from "./chunks.js";

/** A note, in ticks from the beginning. */
export interface TimedNote {
  readonly note: number;
  readonly begin: number;
  readonly end: number;
}

export interface TrackNotes {
  readonly notes: readonly TimedNote[];
  /** What it says first of the tempo: at which tick, microseconds of a beat. */
  readonly tempo: { readonly at: number; readonly microseconds: number } | undefined;
}

/** General MIDI's channel of percussion, whose notes are no pitches. */
const PERCUSSION = 9;

/** "MThd", 6 bytes: format 0, one track, 96 ticks of a beat; then "MTrk". */
const AROUND = Uint8Array.of(77, 84, 104, 100, 0, 0, 0, 6, 0, 0, 0, 1, 0, 96, 77, 84, 114, 107);

/** @throws FormatError that says which track, and where it begins */
export function notesOfTrack(track: Track, number: number, name: string): TrackNotes {
  const fault = (expected: string, got: string) =>
    midiFault(name, track.at, expected, `${got} in track ${number}, which begins`);
  const sounding = new Map<number, number[]>();
  const notes: TimedNote[] = [];
  let tempo: TrackNotes["tempo"];
  let now = 0;
  for (const event of eventsOf(track, fault)) {
    if (!Number.isSafeInteger(event.deltaTime) || event.deltaTime < 0)
      throw fault("times of at most four bytes", "a longer one");
    now += event.deltaTime;
    if (event.type === "setTempo" && !(event.microsecondsPerBeat > 0))
      throw fault("a tempo above 0", described(event.microsecondsPerBeat));
    if (event.type === "setTempo") tempo ??= { at: now, microseconds: event.microsecondsPerBeat };
    if (event.type !== "noteOn" && event.type !== "noteOff") continue;
    const { noteNumber: note, channel } = event;
    if (!(note <= 127)) throw fault("notes from 0 to 127", described(note));
    if (channel === PERCUSSION) continue;
    const key = 128 * channel + note;
    const begun = sounding.get(key) ?? [];
    if (event.type === "noteOn") {
      sounding.set(key, [...begun, now]);
    } else if (begun.length > 0) {
      // The one that was struck first ends first. An end without a beginning says nothing.
      notes.push({ note, begin: begun[0]!, end: now });
      sounding.set(key, begun.slice(1));
    }
  }
  // What nobody ended sounds to the end of the track.
  for (const [key, begun] of sounding)
    for (const begin of begun) notes.push({ note: key % 128, begin, end: now });
  return { notes, tempo };
}

function eventsOf(
  { data }: Track,
  fault: (expected: string, got: string) => Error,
): readonly MidiEvent[] {
  const { length } = data;
  const whole = new Uint8Array(AROUND.length + 4 + length);
  whole.set(AROUND);
  new DataView(whole.buffer).setUint32(AROUND.length, length);
  whole.set(data, AROUND.length + 4);
  try {
    return parseMidi(whole).tracks[0]!;
  } catch (cause) {
    // It throws texts.
    throw fault("events of MIDI", `"${String(cause).slice(0, 100)}"`);
  }
}

function described(value: number | undefined): string {
  return value === undefined ? "the end of the track" : String(value);
}

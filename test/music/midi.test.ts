// MIDI files made byte by byte, round trips, and what is left of files when bytes change.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError, OptionError } from "../../src/core/errors.js";
import { readMidi, writeMidi, type Piece } from "../../src/music/index.js";

const text = (value: string) => [...value].map((character) => character.charCodeAt(0));
const word = (value: number) => [(value >> 8) & 255, value & 255];
const long = (value: number) => [...word(value >>> 16), ...word(value)];
const chunk = (id: string, body: readonly number[]) => [...text(id), ...long(body.length), ...body];
const header = (format: number, tracks: number, division = 96) =>
  chunk("MThd", [...word(format), ...word(tracks), ...word(division)]);
const END = [0, 0xff, 0x2f, 0];
const track = (...events: readonly number[][]) => chunk("MTrk", [...events.flat(), ...END]);
const file = (...parts: readonly number[][]) => Uint8Array.from(parts.flat());
/** A note on, and off. */
const on = (delta: number, note: number, channel = 0) => [delta, 0x90 | channel, note, 80];
const off = (delta: number, note: number, channel = 0) => [delta, 0x80 | channel, note, 0];
const steps = (bytes: Uint8Array, stepsPerBeat = 4) => readMidi(bytes, { stepsPerBeat }).steps;

describe("readMidi", () => {
  it("puts notes on the grid, says which are held, and reads the tempo", () => {
    const tempo = [0, 0xff, 0x51, 3, 0x0a, 0x2c, 0x2a]; // 666,666 microseconds
    const piece = readMidi(
      file(header(0, 1), track(tempo, on(0, 60), on(24, 64), off(24, 60), off(0, 64))),
    );
    expect(piece.steps).toEqual([[60], [60, 64]]);
    expect(piece.held).toEqual([[], [60]]);
    expect(piece.stepsPerBeat).toBe(4);
    expect(piece.tempo).toBeCloseTo(90, 3);
  });

  it("reads all tracks side by side, without percussion", () => {
    const melody = track(on(0, 72), off(24, 72));
    const bass = track(on(0, 48), off(48, 48));
    const drums = track(on(0, 36, 9), off(96, 36, 9));
    expect(steps(file(header(1, 3), melody, bass, drums))).toEqual([[48, 72], [48]]);
  });

  it("reads running status, ends by velocity 0, notes that nobody ends, and notes shorter than a step", () => {
    const running = [0, 0x90, 60, 80, 24, 60, 0, 0, 62, 80, 2, 62, 0, 22, 64, 80];
    expect(steps(file(header(0, 1), chunk("MTrk", [...running, 48, 0xff, 0x2f, 0])))).toEqual([
      [60],
      [62],
      [64],
      [64],
    ]);
  });

  it("strikes anew what is struck while it sounds", () => {
    const twice = track(on(0, 60), on(24, 60), off(24, 60), off(0, 60));
    const piece = readMidi(file(header(0, 1), twice));
    expect([piece.steps, piece.held]).toEqual([
      [[60], [60]],
      [[], []],
    ]);
  });

  it("passes over other chunks, zeros at the end, and bytes behind a view", () => {
    const bytes = file(
      header(0, 1),
      chunk("XFIH", [1, 2, 3]),
      track(on(0, 60), off(24, 60)),
      [0, 0, 0],
    );
    expect(steps(bytes)).toEqual([[60]]);
    const more = new Uint8Array(bytes.length + 5);
    more.set(bytes, 5);
    expect(steps(more.subarray(5))).toEqual([[60]]);
    expect(readMidi(bytes.buffer).steps).toEqual([[60]]);
  });

  it("of no note makes no step", () => {
    expect(readMidi(file(header(0, 1), track()))).toEqual({
      steps: [],
      held: [],
      stepsPerBeat: 4,
      tempo: 120,
    });
  });

  const one = track(on(0, 60), off(24, 60));
  it.each<[string, Uint8Array, string]>([
    [
      "no bytes",
      new Uint8Array(0),
      'which begins with "MThd", got 0 bytes in all at byte 0 of a.mid',
    ],
    [
      "another file",
      file(text("RIFF"), long(4), text("RMID")),
      "Take the MIDI file out of its RIFF",
    ],
    [
      "half a header",
      file(header(0, 1)).subarray(0, 12),
      "a header of 14 bytes, got the end of the file at byte 12",
    ],
    [
      "a header that is too short",
      file(text("MThd"), long(4), word(0), word(1), word(96)),
      "at byte 4",
    ],
    ["format 3", file(header(3, 1), one), "format 0, 1 or 2, got 3 at byte 8"],
    [
      "pieces of their own",
      file(header(2, 2), one, one),
      "one piece, got format 2 with 2 pieces at byte 8",
    ],
    ["frames of film", file(header(0, 1, 0xe728), one), "(SMPTE) at byte 12"],
    ["no ticks", file(header(0, 1, 0), one), "at least one tick of a beat, got 0 at byte 12"],
    [
      "no track",
      file(header(0, 1)),
      'a chunk "MTrk" with events, got the end of the file at byte 14',
    ],
    [
      "a cut",
      file(header(0, 1), one).subarray(0, 30),
      'a chunk "MTrk" of 12 bytes, got the end of the file after 8 at byte 14',
    ],
    ["a stump", file(header(0, 1), one, [1, 2]), "got the last 2 bytes at byte 34"],
    [
      "an event that is cut off",
      file(header(0, 1), chunk("MTrk", [0, 0x90])),
      "notes from 0 to 127, got the end of the track in track 1, which begins at byte 22",
    ],
    ["no status", file(header(0, 1), chunk("MTrk", [0, 60, 80])), "Unrecognised MIDI event type"],
    [
      "an unknown event",
      file(header(0, 1), chunk("MTrk", [0, 0xf5])),
      "in track 1, which begins at byte 22",
    ],
    [
      "times without end",
      file(
        header(0, 1, 1),
        chunk("MTrk", [0, 0x90, 60, 80, 0xff, 0xff, 0x7f, 0x80, 60, 0, ...END]),
      ),
      "a piece of at most 100000 steps",
    ],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => readMidi(bytes, { name: "a.mid" })).toThrow(FormatError);
    expect(() => readMidi(bytes, { name: "a.mid" })).toThrow(message);
    expect(() => readMidi(bytes, { name: "a.mid" })).toThrow("a.mid");
  });

  it("refuses a grid that is none", () => {
    for (const stepsPerBeat of [0, 1.5, 97])
      expect(() => readMidi(file(header(0, 1), one), { stepsPerBeat })).toThrow(OptionError);
  });
});

/** Pieces as files have them: what is held sounds before and now; the last step sounds. */
const pieces = fc
  .record({
    steps: fc.array(fc.uniqueArray(fc.nat(127), { maxLength: 5 }), { maxLength: 20 }),
    hold: fc.infiniteStream(fc.boolean()),
    stepsPerBeat: fc.integer({ min: 1, max: 96 }),
    tempo: fc.integer({ min: 4, max: 400 }),
  })
  .map(({ steps, hold, stepsPerBeat, tempo }): Piece => {
    const sorted = steps.map((notes) => [...notes].sort((a, b) => a - b));
    while (sorted.at(-1)?.length === 0) sorted.pop();
    // Some notes go on, so that there is something to hold.
    const long = sorted.map((notes, t) =>
      [...new Set([...notes, ...(sorted[t - 1] ?? []).slice(0, 2)])].sort((a, b) => a - b),
    );
    const held = long.map((notes, t) =>
      notes.filter((note) => (long[t - 1] ?? []).includes(note) && hold.next().value),
    );
    return { steps: long, held, stepsPerBeat, tempo };
  });

describe("writeMidi", () => {
  it("is read as it was", () => {
    let some = 0;
    fc.assert(
      fc.property(pieces, (piece) => {
        const { stepsPerBeat } = piece;
        const back = readMidi(writeMidi(piece), { stepsPerBeat });
        expect([back.steps, back.held]).toEqual([piece.steps, piece.held]);
        expect(back.tempo! / piece.tempo!).toBeCloseTo(1, 4);
        some += piece.held!.flat().length;
      }),
      { numRuns: 200, seed: 7 },
    );
    expect(some).toBeGreaterThan(100);
  });

  it("joins what sounds on where nobody says what is held, and takes options before the piece's own", () => {
    const piece = { steps: [[60, 64], [60], [], [60]], tempo: 60, stepsPerBeat: 2 };
    const back = readMidi(writeMidi(piece, { tempo: 90, stepsPerBeat: 1 }), { stepsPerBeat: 1 });
    expect(back.steps).toEqual(piece.steps);
    expect(back.held).toEqual([[], [60], [], []]);
    expect(back.tempo).toBeCloseTo(90, 3);
    expect(readMidi(writeMidi(piece), { stepsPerBeat: 2 }).tempo).toBe(60);
    expect([...writeMidi(piece, { program: 19 })].join()).toContain("192,19");
  });

  it.each<[string, () => unknown, string]>([
    ["a note beyond MIDI", () => writeMidi([[60], [128]]), "got 128 at step 1"],
    ["half a note", () => writeMidi([[60.5]]), "got 60.5 at step 0"],
    [
      "held notes that did not sound",
      () => writeMidi({ steps: [[60], [62]], held: [[], [62]] }),
      "got 62 at step 1",
    ],
    [
      "held notes of another length",
      () => writeMidi({ steps: [[60]], held: [] }),
      "held for each of 1 steps, got 0",
    ],
    ["steps that are no lists", () => writeMidi([60] as never), "got 60 at step 0"],
    ["a program beyond MIDI", () => writeMidi([[60]], { program: 128 }), "program"],
    ["a tempo that no file can say", () => writeMidi([[60]], { tempo: 1 }), "from 4 to 10000"],
  ])("refuses %s", (_, write, message) => {
    expect(write).toThrow(OptionError);
    expect(write).toThrow(message);
  });
});

describe("files that were changed", () => {
  // More of them: FUZZ_RUNS=5000 npx vitest run test/music
  const numRuns = Number(process.env.FUZZ_RUNS ?? 50);
  const files = [
    writeMidi({ steps: [[60, 64, 67], [60, 65], [], [59, 62, 67]], held: [[], [60], [], []] }),
    file(
      header(1, 2),
      track([0, 0xff, 3, 2, 65, 66], on(0, 72), off(24, 72)),
      track(on(0, 48), off(48, 48)),
    ),
    file(
      header(0, 1),
      track([0, 0xf0, 2, 1, 0xf7], [0, 0x90, 60, 80, 24, 60, 0, 0, 62, 80, 24, 62, 0]),
    ),
  ];
  const mutated = fc
    .tuple(
      fc.constantFrom(...files),
      fc.array(
        fc.tuple(fc.nat(80), fc.oneof(fc.constantFrom(0, 1, 127, 128, 144, 255), fc.nat(255))),
        { maxLength: 5 },
      ),
      fc.oneof(fc.constant(400), fc.nat(100)),
    )
    .map(([whole, changes, end]) => {
      const bytes = whole.slice(0, end);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      return bytes;
    });

  it(
    "are read as pieces that can be written again, or refused by a FormatError that names the file",
    { timeout: 300_000 },
    () => {
      const counts = { read: 0, refused: 0 };
      fc.assert(
        fc.property(mutated, (bytes) => {
          try {
            const piece = readMidi(bytes, { name: "odd.mid" });
            const back = readMidi(writeMidi(piece));
            expect([back.steps, back.held]).toEqual([piece.steps, piece.held]);
            counts.read++;
          } catch (error) {
            if (!(error instanceof FormatError)) throw error;
            expect(error.message).toContain("odd.mid");
            counts.refused++;
          }
        }),
        { numRuns, seed: 19 },
      );
      expect(counts.read).toBeGreaterThan(numRuns / 10);
      expect(counts.refused).toBeGreaterThan(numRuns / 10);
    },
  );
});

// Pieces as events, and what may follow what.
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { IndexError, OptionError } from "../../src/core/errors.js";
import { EventReader } from "../../src/music/events.js";
import { NoteEvents } from "../../src/music/index.js";

test("events are the notes of a step in rising order, then its end", () => {
  const events = new NoteEvents();
  expect([events.notes, events.size]).toEqual([88, 89]);
  expect([...events.encode([[64, 21, 108], [], [60, 60]])]).toEqual([1, 44, 88, 0, 0, 40, 0]);
  const held = new NoteEvents({ lowest: 60, highest: 62, held: true });
  expect(held.size).toBe(7);
  expect([
    ...held.encode({
      steps: [
        [60, 62],
        [60, 62],
      ],
      held: [[], [62]],
    }),
  ]).toEqual([1, 3, 0, 1, 6, 0]);
});

const piece = fc
  .array(fc.uniqueArray(fc.integer({ min: 60, max: 65 }), { maxLength: 6 }), { maxLength: 12 })
  .map((steps) => {
    const sorted = steps.map((notes) => [...notes].sort((a, b) => a - b));
    const held = sorted.map((notes, t) =>
      notes.filter((note) => note % 2 === 0 && sorted[t - 1]?.includes(note)),
    );
    return { steps: sorted, held };
  });

test("are decoded to the piece they were made of, and each of them may follow", () => {
  fc.assert(
    fc.property(piece, fc.boolean(), (given, held) => {
      const events = new NoteEvents({ lowest: 60, highest: 65, held });
      const ids = events.encode(given);
      expect(events.decode(ids)).toEqual(held ? given : { steps: given.steps });
      // What is ruled out of logits is what may not be pushed.
      const reader = new EventReader(events);
      for (const id of ids) {
        const logits = new Float32Array(events.size);
        reader.rule(logits);
        logits.forEach((logit, other) => expect(logit === 0).toBe(reader.allows(other)));
        reader.push(id);
      }
    }),
    { numRuns: 50, seed: 3 },
  );
});

describe("are refused", () => {
  const events = new NoteEvents({ lowest: 60, highest: 65, held: true });
  it.each([
    ["beyond the last", [13]],
    ["no whole number", [1.5]],
    ["the same note again", [2, 2]],
    ["a lower note", [3, 2]],
    ["held, where nothing sounds", [7]],
    ["held and struck", [1, 0, 1, 7]],
    ["held, two steps later", [1, 0, 0, 7]],
  ])("%s", (_, ids) => {
    expect(() => events.decode(ids)).toThrow(IndexError);
  });

  it("notes outside of the range, with the step, and pieces that do not say what is held", () => {
    expect(() => events.encode({ steps: [[60], [66]], held: [[], []] })).toThrow(
      "notes from 60 to 65, got 66 at step 1",
    );
    expect(() => events.encode([[60]])).toThrow("which notes are held, got steps alone");
    for (const range of [
      { lowest: 61, highest: 60 },
      { highest: 128 },
      { lowest: -1 },
      { lowest: 1.5 },
    ])
      expect(() => new NoteEvents(range)).toThrow(OptionError);
  });
});

import { describe, expect, test } from "vitest";
import { OptionError } from "../../src/core/errors.js";
import { pianoRoll } from "../../src/inspect/index.js";

const titles = (svg: string) =>
  [...svg.matchAll(/<title>([A-G][^<]*)<\/title>/g)].map(([, title]) => title);

test("each note is a rectangle from its beginning to its end", () => {
  const held = { steps: [[60, 64], [60, 64], [60]], held: [[], [60], []] };
  expect(titles(pianoRoll(held))).toEqual([
    "C4, steps 0 to 1",
    "E4, step 0",
    "E4, step 1",
    "C4, step 2",
  ]);
  // Where nobody says what is held, what sounds on is one note.
  expect(titles(pianoRoll(held.steps))).toEqual(["C4, steps 0 to 2", "E4, steps 0 to 1"]);
});

test("what a model wrote has another colour, behind a line", () => {
  const svg = pianoRoll([[60], [62], [61]], { title: "A < B", mark: 1 });
  expect(svg.match(/<rect class="f0"/g)).toHaveLength(1);
  expect(svg.match(/<rect class="f1"/g)).toHaveLength(2);
  expect(svg).toContain("stroke-dasharray");
  expect(svg).toContain("A &#60; B");
  expect(svg).toContain("C♯4");
});

test("pieces of no note and of thousands of steps are drawn", () => {
  expect(pianoRoll([])).toContain("</svg>");
  const long = pianoRoll(Array.from({ length: 4000 }, (_, t) => [40 + (t % 30)]));
  expect(titles(long)).toHaveLength(4000);
});

describe("refuses", () => {
  test.each([
    ["a note beyond MIDI", () => pianoRoll([[200]])],
    ["a mark that is no step", () => pianoRoll([[60]], { mark: -1 })],
  ])("%s", (_, draw) => expect(draw).toThrow(OptionError));
});

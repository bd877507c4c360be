import { checkCall } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { readPiece, STEPS_PER_BEAT, type PieceGiven } from "../music/piece.js";
import { figure, headHeight, tag, text, widthOf, type FigureOptions } from "./svg.js";

export interface PianoRollOptions extends Omit<FigureOptions, "title"> {
  /** What stands above it. Default `"Piano roll"`. */
  title?: string | undefined;
  /** The first step that a model wrote: notes from there on have another colour. Default: none. */
  mark?: number | undefined;
}

/** Of a step, at the most and at the least, and a figure that wide is not made narrower. */
const [MOST, LEAST, WIDE] = [16, 2, 900] as const;
const ROW = 8;
/** Beats of a bar, as far as lines go. */
const BAR = 4;
const NAMES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
const BLACK = [1, 3, 6, 8, 10];

/** `60` as `C4`. */
function nameOf(note: number): string {
  return `${NAMES[note % 12]!}${Math.floor(note / 12) - 1}`;
}

/**
 * A piece as a piano roll: time from left to right, a row for each note, the rows of black keys shaded, a line for each beat. An SVG
 * document as text; a note that the pointer rests on tells its name and steps. Where a piece does not say what is held, one that sounds
 * at several steps in a row is drawn as one.
 *
 * @throws OptionError for what is no piece, with the step, or a mark that is no step
 * @example
 * ```ts
 * const svg = pianoRoll([[60, 64, 67], [60, 65, 69]], { title: "Two chords" });
 * svg.startsWith("<svg"); // true
 * ```
 */
export function pianoRoll(piece: PieceGiven, options: PianoRollOptions = {}): string {
  const op = "pianoRoll";
  checkCall(op, arguments, "piece:object|list {title:string description:string mark:number}");
  const { steps, held, stepsPerBeat = STEPS_PER_BEAT } = readPiece(op, piece);
  const { title = "Piano roll", description, mark = steps.length } = options;
  if (!Number.isInteger(mark) || mark < 0)
    throw new OptionError({ op, expected: "mark to be the number of a step", got: String(mark) });
  const all = steps.flat();
  // A third around what sounds: single notes stand in a context too.
  const [low, high] = [
    Math.max(0, Math.min(...all, 71) - 4),
    Math.min(127, Math.max(...all, 60) + 4),
  ];
  const cell = Math.min(MOST, Math.max(LEAST, WIDE / Math.max(1, steps.length)));
  const [left, top] = [52, headHeight({ title, description }) + 6];
  const [across, tall] = [Math.max(40, steps.length * cell), (high - low + 1) * ROW];
  const y = (note: number): number => top + (high - note) * ROW;
  const x = (step: number): number => left + step * cell;

  const keys = range(low, high + 1);
  const shades = keys
    .filter((note) => BLACK.includes(note % 12))
    .map((note) => tag("rect", { x: left, y: y(note), width: across, height: ROW }));
  const octaves = keys.filter((note) => note % 12 === 0);
  const lines = range(0, Math.floor(steps.length / stepsPerBeat) + 1)
    // Beats nearer than a few pixels are a grey area.
    .filter((beat) => beat % BAR === 0 || cell * stepsPerBeat >= 6)
    .map((beat) => {
      const at = x(beat * stepsPerBeat);
      const strong = beat % BAR === 0;
      return tag("line", {
        ...{ class: strong ? "axis" : "grid", "stroke-opacity": strong ? 0.45 : 1 },
        ...{ x1: at, x2: at, y1: top, y2: top + tall },
      });
    });
  const numbers = barNumbers(steps.length, stepsPerBeat, cell).map((bar) =>
    text(String(bar + 1), x(bar * BAR * stepsPerBeat) + 2, top + tall + 15),
  );
  const notes = notesOf(steps, held).map(({ note, from, to }) => {
    const when = to - from === 1 ? `step ${from}` : `steps ${from} to ${to - 1}`;
    return tag(
      "rect",
      {
        ...{ class: from < mark ? "f0" : "f1", rx: Math.min(2, cell / 4) },
        ...{ x: x(from) + 0.5, y: y(note) + 0.5 },
        ...{ width: Math.max(1, (to - from) * cell - 1), height: ROW - 1 },
      },
      tag("title", {}, `${nameOf(note)}, ${when}`),
    );
  });
  const marked = mark > 0 && mark < steps.length;
  const width = Math.max(
    left + across + 24,
    40 + widthOf(title, 15),
    32 + widthOf(description ?? ""),
  );
  return figure(
    { title, description },
    width,
    top + tall + 38,
    tag("g", { class: "ink", "fill-opacity": 0.06 }, ...shades),
    ...lines,
    ...octaves.map((note) => text(nameOf(note), left - 8, y(note) + ROW, { anchor: "end" })),
    ...octaves.map((note) =>
      tag("line", {
        class: "grid",
        x1: left,
        x2: left + across,
        y1: y(note) + ROW,
        y2: y(note) + ROW,
      }),
    ),
    ...notes,
    marked
      ? tag("line", {
          ...{ class: "axis", "stroke-width": 2, "stroke-dasharray": "5 3" },
          ...{ x1: x(mark), x2: x(mark), y1: top, y2: top + tall },
        })
      : "",
    ...numbers,
    text("bars", left - 8, top + tall + 15, { anchor: "end" }),
  );
}

/** Numbers of bars that have a text each, with room between them. */
function barNumbers(steps: number, stepsPerBeat: number, cell: number): number[] {
  const bars = Math.ceil(steps / (BAR * stepsPerBeat));
  const each = BAR * stepsPerBeat * cell;
  let every = 1;
  while (every * each < 36) every *= 2;
  return range(0, bars).filter((bar) => bar % every === 0);
}

/** Notes with their lengths. */
function notesOf(
  steps: readonly (readonly number[])[],
  held: readonly (readonly number[])[] | undefined,
): { note: number; from: number; to: number }[] {
  const goesOn = (note: number, t: number): boolean =>
    held ? (held[t]?.includes(note) ?? false) : (steps[t]?.includes(note) ?? false);
  return steps.flatMap((notes, from) =>
    notes
      .filter((note) => from === 0 || !(steps[from - 1]!.includes(note) && goesOn(note, from)))
      .map((note) => {
        let to = from + 1;
        while (goesOn(note, to)) to++;
        return { note, from, to };
      }),
  );
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

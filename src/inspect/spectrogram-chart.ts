import { checkCall, checkKeys, type Given } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { linearAxis } from "./axis.js";
import { shadedCells, shadeWithin } from "./heat-map.js";
import { FIGURE, figure, headHeight, tag, text, widthOf, type FigureOptions } from "./svg.js";

/** Something that was said, and when, in seconds: a word of a transcript. */
export interface SpokenWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

export interface SpectrogramChartOptions extends Given<FigureOptions> {
  /** What was said: its words stand below the frames of their times. Default: nothing. */
  words?: readonly SpokenWord[] | undefined;
  /** Seconds from a frame to the next. Default 0.01. */
  frameSeconds?: number | undefined;
  /** What the features are, from below. Default `"mel filter"`. */
  y?: string | undefined;
}

/** Room for the frames, and for each row of words. */
const [WIDTH, HEIGHT, ROW] = [760, 240, 18];
const LEFT = 40;

/**
 * Features of a sound over time, low frequencies below, and what was said when: log-mel features with the words of a transcript. An SVG
 * document as text.
 *
 * @param features `[frames, size]`
 * @throws ShapeError for another number of axes; OptionError for words without times
 * @example
 * ```ts
 * const samples = Float32Array.from({ length: 8000 }, (_, i) => Math.sin(i / (i < 4000 ? 3 : 9)));
 * const features = logMel(samples, { sampleRate: 16000, nMels: 40, hopLength: 160 });
 * const words = [{ word: "high", start: 0, end: 0.25 }, { word: "low", start: 0.25, end: 0.5 }];
 * spectrogramChart(features, { words }).startsWith("<svg"); // true
 * ```
 */
export function spectrogramChart(features: Tensor, given: SpectrogramChartOptions = {}): string {
  const op = "spectrogramChart";
  checkCall(op, arguments, `features:tensor {${FIGURE} words:list frameSeconds:number y:string}`);
  const { words = [], frameSeconds = 0.01, title = "Sound", y = "mel filter", ...rest } = given;
  if (features.shape.length !== 2)
    throw new ShapeError({
      op,
      expected: "features [frames, size]",
      got: formatShape(features.shape),
    });
  if (!(frameSeconds > 0))
    throw new OptionError({ op, expected: "frameSeconds above 0", got: described(frameSeconds) });
  for (const word of words) checkKeys(op, word, "word!:string start!:number end!:number");
  const [frames, size] = features.shape as [number, number];
  const options = { title, ...rest };
  const top = headHeight(options) + 24;
  const seconds = frames * frameSeconds;
  const at = (time: number) => LEFT + (WIDTH * Math.min(time, seconds)) / seconds;
  const bottom = top + HEIGHT;
  const axis = linearAxis([0, seconds], { count: 8, tight: true });
  const ticks = axis.ticks.map(({ at: time, label }) =>
    text(label, at(time), bottom + 16, { anchor: "middle" }),
  );
  const below = bottom + 44;
  const spans = words.map(({ word, start, end }, i) => {
    const [from, to] = [at(start), Math.max(at(end), at(start) + 1)];
    // Neighbours are not to be written over each other.
    const row = below + ROW * (i % 2);
    return [
      ...[from, to].map((x) =>
        tag("line", { class: "axis", x1: x, x2: x, y1: top, y2: bottom, "stroke-opacity": 0.5 }),
      ),
      tag("rect", { class: "f1", x: from, y: bottom + 22, width: to - from, height: 5 }),
      text(word, (from + to) / 2, row, { anchor: "middle", class: "ink" }),
    ].join("");
  });
  const rows = words.length === 0 ? 0 : words.length === 1 ? 1 : 2;
  const height = bottom + (rows === 0 ? 44 : 60 + ROW * rows);
  const body = [
    text(y, 16, headHeight(options) + 12),
    text("0", LEFT - 6, bottom - 2, { anchor: "end" }),
    text(String(size - 1), LEFT - 6, top + 10, { anchor: "end" }),
    shadedFrames(features, frames, size, top),
    tag("rect", { class: "grid", fill: "none", x: LEFT, y: top, width: WIDTH, height: HEIGHT }),
    ...ticks,
    ...spans,
    text("seconds", LEFT + WIDTH / 2, height - 12, { anchor: "middle" }),
  ];
  const width = Math.max(LEFT + WIDTH + 24, 32 + widthOf(options.description ?? ""));
  return figure(options, width, height, ...body);
}

/** The features, each a cell: a column for each frame, the first feature below. */
function shadedFrames(features: Tensor, frames: number, size: number, top: number): string {
  const values = features.data();
  const turned = new Float32Array(values.length);
  let [low, high] = [Infinity, -Infinity];
  values.forEach((value, i) => {
    turned[(size - 1 - (i % size)) * frames + Math.floor(i / size)] = value;
    low = Math.min(low, value);
    high = Math.max(high, value);
  });
  // From 0 on, as a heat map shades what has no sign.
  for (let i = 0; i < turned.length; i++) turned[i]! -= low;
  const scaled = `translate(${LEFT} ${top}) scale(${WIDTH / frames} ${HEIGHT / size})`;
  return shadedCells(turned, frames, shadeWithin(0, high > low ? high - low : 1), scaled);
}

import { checkCall } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { linearAxis, logAxis } from "./axis.js";
import {
  dashOf,
  figure,
  headHeight,
  px,
  SERIES,
  tag,
  text,
  widthOf,
  type FigureOptions,
} from "./svg.js";

export interface LineSeries {
  /** Stands at the end of the line. */
  readonly name: string;
  /** A value for each step. Gaps where it is not finite, or not above zero on a logarithmic scale. */
  readonly values: ArrayLike<number>;
}

export interface LineChartOptions extends FigureOptions {
  series: readonly LineSeries[];
  /** What the steps are. Default "step". */
  x?: string | undefined;
  /** What the values are. */
  y?: string | undefined;
  /** Powers of ten on the value axis. Default false. */
  logScale?: boolean | undefined;
  /** Where the steps begin to count. Default 0. */
  start?: number | undefined;
  /** Default 760. */
  width?: number | undefined;
  /** Default 400. */
  height?: number | undefined;
}

const KNOWN =
  "title!:string description:string series!:list x:string y:string logScale:boolean start:number width:number height:number";

/**
 * Lines over steps: training curves, gradient norms over time. An SVG document as text.
 *
 * @example
 * ```ts
 * const svg = lineChart({ title: "Loss", series: [{ name: "train", values: [3, 2, 1.5] }] });
 * svg.startsWith("<svg"); // true
 * ```
 */
export function lineChart(options: LineChartOptions): string {
  const op = "lineChart";
  checkCall(op, arguments, `{${KNOWN}}`);
  const { series, x = "step", y = "", logScale = false, start = 0 } = options;
  const { width = 760, height = 400 } = options;
  if (series.length === 0)
    throw new OptionError({ op, expected: "at least one series", got: "none" });
  for (const each of series) {
    const { name, values } = Object(each) as Partial<LineSeries>;
    checkCall(op, [name, values], "name:string values:list");
  }
  for (const [name, value] of Object.entries({ start, width, height }))
    if (!Number.isFinite(value))
      throw new OptionError({ op, expected: `a finite ${name}`, got: String(value) });
  const all = series.flatMap(({ values }) => Array.from(values));
  const longest = Math.max(2, ...series.map(({ values }) => values.length));
  const down = logScale ? logAxis(all) : linearAxis(all);
  const along = linearAxis([start, start + longest - 1], { count: 8, tight: true });

  const ticksWidth = Math.max(...down.ticks.map(({ label }) => widthOf(label)));
  const namesWidth = series.length > 1 ? Math.max(...series.map(({ name }) => widthOf(name))) : 0;
  const left = 22 + ticksWidth;
  const right = width - 22 - (namesWidth && namesWidth + 10);
  const top = headHeight(options) + (y ? 22 : 8);
  const bottom = height - 46;
  const placeX = (step: number) => left + along.place(step) * (right - left);
  const placeY = (value: number) => bottom - down.place(value) * (bottom - top);

  const rows = down.ticks.map(({ at, label }) => {
    const level = placeY(at);
    return (
      tag("line", { class: "grid", x1: left, x2: right, y1: level, y2: level }) +
      text(label, left - 8, level + 4, { anchor: "end" })
    );
  });
  const columns = along.ticks
    .filter(({ at }) => Number.isInteger(at))
    .map(
      ({ at, label }) =>
        tag("line", { class: "axis", x1: placeX(at), x2: placeX(at), y1: bottom, y2: bottom + 4 }) +
        text(label, placeX(at), bottom + 18, { anchor: "middle" }),
    );
  const lines = series.map(({ values }, i) =>
    tag("path", {
      class: `line l${i % SERIES}`,
      "stroke-dasharray": dashOf(i),
      d: pathOf(thinned(values, right - left), (step, value) => [
        placeX(start + step),
        placeY(value),
      ]),
    }),
  );
  return figure(
    options,
    width,
    height,
    ...rows,
    tag("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }),
    ...columns,
    text(x, (left + right) / 2, height - 10, { anchor: "middle" }),
    y ? text(y, 16, top - 12) : "",
    ...lines,
    ...(series.length > 1 ? names(series, placeY, right + 10, top, bottom) : []),
  );
}

/** Each series' name beside the end of its line, apart from the others. */
function names(
  series: readonly LineSeries[],
  placeY: (value: number) => number,
  x: number,
  top: number,
  bottom: number,
): string[] {
  const wanted = series.map(({ values }, i) => {
    const levels = Array.from(values, placeY).filter(Number.isFinite);
    return { i, y: (levels.at(-1) ?? bottom) + 4 };
  });
  wanted.sort((a, b) => a.y - b.y);
  const gap = 16;
  wanted.forEach((label, k) => {
    label.y = Math.max(label.y, k > 0 ? wanted[k - 1]!.y + gap : top + 4);
  });
  for (let k = wanted.length - 1, floor = bottom + 4; k >= 0; k--, floor = wanted[k + 1]!.y - gap)
    wanted[k]!.y = Math.min(wanted[k]!.y, floor);
  return wanted.map(({ i, y }) =>
    text(series[i]!.name, x, y, { class: `f${i % SERIES}`, style: `fill:var(--s${i % SERIES})` }),
  );
}

type Point = readonly [step: number, value: number];

/** Of more values than a screen has columns, the least and the most of each column. */
function thinned(values: ArrayLike<number>, columns: number): Point[] {
  const points = Array.from(values, (value, step): Point => [step, value]);
  const each = Math.ceil(points.length / columns);
  if (each <= 2) return points;
  const kept: Point[] = [];
  for (let begin = 0; begin < points.length; begin += each) {
    const group = points.slice(begin, begin + each);
    const least = group.reduce((a, b) => (b[1] < a[1] ? b : a));
    const most = group.reduce((a, b) => (b[1] > a[1] ? b : a));
    kept.push(...(least[0] < most[0] ? [least, most] : [most, least]));
  }
  return kept;
}

// A piece begins with a line of no length: a single point is drawn as a dot.
function pathOf(
  points: readonly Point[],
  place: (step: number, value: number) => readonly [number, number],
): string {
  let d = "";
  let drawing = false;
  for (const [step, value] of points) {
    const [x, y] = place(step, value);
    if (Number.isFinite(y)) d += drawing ? `L${px(x)} ${px(y)}` : `M${px(x)} ${px(y)}h0`;
    drawing = Number.isFinite(y);
  }
  return d;
}

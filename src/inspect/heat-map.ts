import { checkCall, checkCount } from "../core/check.js";
import { described } from "../core/described.js";
import { ShapeError } from "../core/errors.js";
import { shortNumber } from "./axis.js";
import { escape, figure, headHeight, px, tag, text, widthOf, type FigureOptions } from "./svg.js";

export interface HeatMapOptions extends FigureOptions {
  /** `[rows, columns]`, row-major. */
  values: ArrayLike<number>;
  rows: number;
  columns: number;
  /** A label for each row; default their numbers. */
  rowLabels?: readonly string[] | undefined;
  /** A label for each column; default their numbers. Single characters stand upright, words at a slant. */
  columnLabels?: readonly string[] | undefined;
  /** What the rows are, and the columns. */
  y?: string | undefined;
  x?: string | undefined;
  /**
   * The values of the palest and the fullest colour. Default 0 to 1 where all values are; else, where some
   * are negative, from minus to plus the largest size, in two colours from 0 on; else from 0 to the largest.
   */
  range?: readonly [low: number, high: number] | undefined;
  /** Whether values below 0 have a colour of their own, fuller the further from 0. Default: where the range begins below 0. */
  diverging?: boolean | undefined;
  /** Whether a cell that the pointer rests on tells its row, column and value. Default: of up to 2,500 cells. */
  hover?: boolean | undefined;
}

const KNOWN =
  "title!:string description:string values!:list rows!:number columns!:number rowLabels:list columnLabels:list y:string x:string range:list diverging:boolean hover:boolean";

/** So many cells can have a text each in a page that is still light. */
const MOST_TEXTS = 2500;

/** From one slanted label to the next: a line of text at 45 degrees. */
const SLANTED_WIDTH = 17;

/** Steps of colour: finer ones nobody tells apart. */
const LEVELS = 24;

/** A coloured cell for each value: gates over time, attention weights. An SVG document as text. */
export function heatMap(options: HeatMapOptions): string {
  checkCall("heatMap", arguments, `{${KNOWN}}`);
  const { width, height, body } = heatMapParts(options);
  return figure(options, width, height, ...body);
}

/** @internal What a heat map is drawn of, below its title; its cells begin at `left`. */
export function heatMapParts(options: HeatMapOptions): {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly body: readonly string[];
} {
  const op = "heatMap";
  const { rows, columns, rowLabels, columnLabels, x = "", y = "" } = options;
  checkCount(op, "rows", rows);
  checkCount(op, "columns", columns);
  for (const label of [...(rowLabels ?? []), ...(columnLabels ?? [])])
    checkCall(op, [label], "label:string");
  if (options.range) checkCall(op, options.range, "low:number high:number");
  const values = Array.from(options.values);
  for (const value of values) checkCall(op, [value], "value:number");
  checkSize("values", values.length, rows * columns);
  if (rowLabels) checkSize("rowLabels", rowLabels.length, rows);
  if (columnLabels) checkSize("columnLabels", columnLabels.length, columns);
  const [low, high] = options.range ?? rangeOf(values);
  const { diverging = low < 0 } = options;

  const large = rows * columns <= 400 && columns <= 24;
  const least = large ? 38 : Math.min(18, Math.max(11, Math.floor(680 / columns)));
  const cellHeight = large ? 28 : Math.min(14, Math.max(3, Math.floor(520 / rows)));
  const rowNames = rowLabels?.map(visible) ?? numbers(rows);
  const columnNames = columnLabels?.map(visible) ?? numbers(columns);
  const slanted = columnNames.some((name) => widthOf(name) > least * (columnLabels ? 1 : 9));
  // Slanted words nearer to each other would overlap.
  const cellWidth = slanted && columnLabels ? Math.max(SLANTED_WIDTH, least) : least;
  const longest = Math.max(0, ...columnNames.map((name) => widthOf(name)));
  const above = slanted ? longest * 0.72 + 12 : 18;
  const left = 26 + Math.max(0, ...rowNames.map((name) => widthOf(name)));
  const top = headHeight(options) + (y ? 20 : 4) + above;
  const [across, tall] = [columns * cellWidth, rows * cellHeight];
  const every = Math.ceil(12 / cellHeight);
  const everyColumn = columnLabels ? 1 : Math.ceil((longest + 8) / cellWidth);

  const rowTexts = rowNames.map((name, i) =>
    i % every ? "" : text(name, left - 6, top + (i + 0.5) * cellHeight + 4, { anchor: "end" }),
  );
  const columnTexts = columnNames.map((name, i) => {
    if (i % everyColumn) return "";
    const [at, base] = [left + (i + 0.5) * cellWidth, top - 6];
    return slanted
      ? text(name, at, base, { transform: `rotate(-45 ${px(at)} ${px(base)})` })
      : text(name, at, base, {
          anchor: "middle",
          class: columnLabels && !large ? "mono" : undefined,
        });
  });
  const shade = shadeWithin(low, high, diverging);
  const figures = values.map((value, i) => {
    const row = Math.floor(i / columns);
    const [at, base] = [
      left + (i - row * columns + 0.5) * cellWidth,
      top + (row + 0.5) * cellHeight + 4,
    ];
    const full = shade(value).level > LEVELS * 0.55;
    return text(short(value), at, base, {
      anchor: "middle",
      class: full ? "paper" : "ink",
      style: `fill:var(--${full ? "paper" : "ink"})`,
    });
  });
  const { hover = values.length <= MOST_TEXTS } = options;
  const tips = values.map((value, i) => {
    const row = Math.floor(i / columns);
    const column = i - row * columns;
    return tag(
      "rect",
      { x: column, y: row, width: 1, height: 1 },
      tag("title", {}, escape(`${rowNames[row]} · ${columnNames[column]}: ${value.toFixed(3)}`)),
    );
  });
  const scaled = `translate(${px(left)} ${px(top)}) scale(${cellWidth} ${cellHeight})`;
  const width = Math.max(
    left + across + 24,
    left + 200,
    40 + widthOf(options.title, 15),
    32 + widthOf(options.description ?? ""),
  );
  const bottom = top + tall;
  const body = [
    y ? text(y, 16, headHeight(options) + 8) : "",
    ...rowTexts,
    ...columnTexts,
    shadedCells(values, columns, shade, scaled),
    tag("rect", { class: "grid", fill: "none", x: left, y: top, width: across, height: tall }),
    ...(large ? figures : []),
    // Above all else, and unseen: what the pointer meets.
    hover ? tag("g", { transform: scaled, "fill-opacity": 0 }, ...tips) : "",
    x ? text(x, left + across / 2, bottom + 20, { anchor: "middle" }) : "",
    legend(low, high, shade, left, bottom + (x ? 34 : 14)),
  ];
  return { width, height: bottom + (x ? 68 : 48), left, body };
}

/** Tabs, newlines and blanks as signs that can be seen. */
export function visible(label: string): string {
  return label
    .replace(/ /g, label.trim() ? " " : "·")
    .replace(/\n/g, "↵")
    .replace(/\t/g, "⇥");
}

interface Shade {
  /** 0 the palest, LEVELS the fullest. */
  readonly level: number;
  readonly negative: boolean;
}

/** NaN is shown as nothing. */
function shadeOf(value: number, low: number, high: number, diverging: boolean): Shade {
  const negative = diverging && value < 0;
  const share = negative ? value / low : diverging ? value / high : (value - low) / (high - low);
  const clamped = Math.min(1, Math.max(0, share));
  return { level: Math.round(clamped * LEVELS) || 0, negative };
}

/** @internal The shade of each value, where these are the palest and the fullest. */
export function shadeWithin(
  low: number,
  high: number,
  diverging = low < 0,
): (value: number) => Shade {
  return (value) => shadeOf(value, low, high, diverging);
}

/** @internal One path for all cells of a shade; neighbours in a row are one rectangle. */
export function shadedCells(
  values: ArrayLike<number>,
  columns: number,
  shade: (value: number) => Shade,
  transform: string,
): string {
  const paths = new Map<string, string>();
  const keyOf = (value: number): string => {
    const { level, negative } = shade(value);
    return level === 0 ? "" : `${negative ? "f1" : "f0"} ${level}`;
  };
  for (let begin = 0; begin < values.length;) {
    const key = keyOf(values[begin]!);
    const row = Math.floor(begin / columns);
    let end = begin + 1;
    while (end < (row + 1) * columns && keyOf(values[end]!) === key) end++;
    const path = `M${begin - row * columns} ${row}h${end - begin}v1h-${end - begin}z`;
    if (key) paths.set(key, (paths.get(key) ?? "") + path);
    begin = end;
  }
  const shapes = [...paths].map(([key, d]) => {
    const [colour, level] = key.split(" ") as [string, string];
    return tag("path", { class: colour, "fill-opacity": Number(level) / LEVELS, d });
  });
  return tag("g", { transform, "shape-rendering": "crispEdges" }, ...shapes);
}

function legend(
  low: number,
  high: number,
  shade: (value: number) => Shade,
  x: number,
  y: number,
): string {
  const parts = 12;
  const begin = x + widthOf(shortNumber(low)) + 6;
  const boxes = Array.from({ length: parts }, (_, i) => {
    const { level, negative } = shade(low + ((i + 0.5) / parts) * (high - low));
    const colour = { class: negative ? "f1" : "f0", "fill-opacity": level / LEVELS };
    return tag("rect", { ...colour, x: begin + i * 9, y, width: 9, height: 10 });
  });
  return (
    text(shortNumber(low), x, y + 9) +
    tag("g", { "shape-rendering": "crispEdges" }, ...boxes) +
    text(shortNumber(high), begin + parts * 9 + 6, y + 9)
  );
}

function rangeOf(values: readonly number[]): [number, number] {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), 0);
  const high = finite.reduce((a, b) => Math.max(a, b), 0);
  if (low < 0) return [-Math.max(-low, high), Math.max(-low, high)];
  return [0, high <= 1 ? 1 : high];
}

function checkSize(name: string, got: number, expected: number): void {
  if (got !== expected)
    throw new ShapeError({
      op: "heatMap",
      expected: `${expected} ${name}`,
      got: described(got),
    });
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i));
}

function short(value: number): string {
  return Math.abs(value) < 10 ? value.toFixed(2).replace(/^(-?)0\./, "$1.") : shortNumber(value);
}

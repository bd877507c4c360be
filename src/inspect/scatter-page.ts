// A page with many points in the plane, to look around in.
import { checkCall, checkKeys } from "../core/check.js";
import { described } from "../core/described.js";
import { NumericError, OptionError, ShapeError } from "../core/errors.js";
import { SCRIPT } from "./scatter-script.js";
import { DARK, LIGHT, STYLE } from "./scatter-style.js";
import { pageOf } from "./page.js";
import { escape, tag, type FigureOptions } from "./svg.js";

export interface ScatterPageOptions extends FigureOptions {
  /** What each point is: shown beside it where there is room, and when it is pointed at; searched. Those of the first points are shown first. */
  labels?: readonly string[] | undefined;
  /** Which group each point is of: its colour. Default: none. */
  groups?: readonly string[] | undefined;
}

/** Coordinates in the page are whole numbers up to this: a pixel at sixty times the size of a screen. */
const STEPS = 100_000;

/**
 * A self-contained HTML page of points in the plane: hover (or tap) for a point's label, search, wheel, drag or pinch to zoom and
 * move, groups as colours that a click takes away. Drawn on a canvas, so ten thousand points move smoothly; on a phone too, in light
 * and dark. Nothing is loaded.
 *
 * @param points `[points, 2]`, x and y of each: `layout` of `tsne`; or rows of two numbers
 * @example
 * ```ts
 * const page = scatterPage([0, 0, 1, 2, 3, 1], { title: "Three", labels: ["a", "b", "c"], groups: ["x", "x", "y"] });
 * page.startsWith("<!doctype html>"); // true
 * ```
 */
export function scatterPage(
  points: ArrayLike<number> | readonly ArrayLike<number>[],
  options: ScatterPageOptions,
): string {
  const op = "scatterPage";
  checkCall(op, arguments, "points:list options:object");
  checkKeys(op, options, "title!:string description:string labels:list groups:list");
  const { title, description, labels, groups } = options;
  const [x, y] = columnsOf(op, points);
  for (const [name, list] of Object.entries({ labels, groups }))
    checkTexts(op, name, list, x.length);
  const names = sorted([...new Set(groups)]);
  const numbers = new Map(names.map((name, i) => [name, i]));
  const group = groups?.map((name) => numbers.get(name)!) ?? [];
  const data = { ...placed(x, y), labels, group, groups: names, light: LIGHT, dark: DARK };
  return pageOf(title, STYLE, [
    tag("header", {}, heading(title, description), controls(labels !== undefined)),
    tag(
      "main",
      {},
      '<div id="map"><canvas id="canvas" tabindex="0" role="img" ' +
        `aria-label="${escape(`${title}: ${x.length} points. Arrow keys move, + and - zoom, 0 shows all.`)}"></canvas>` +
        '<div id="tip" role="status" hidden></div></div>',
      legend(names, group),
    ),
    // What would end the element is written otherwise.
    `<script type="application/json" id="data">${JSON.stringify(data).replaceAll("<", "\\u003c")}</script>`,
    `<script>${SCRIPT}</script>`,
  ]);
}

/** Numbers by their size, other names by their letters. */
function sorted(names: readonly string[]): string[] {
  const numbers = names.every((name) => name.trim() !== "" && Number.isFinite(Number(name)));
  return numbers ? names.slice().sort((a, b) => Number(a) - Number(b)) : names.slice().sort();
}

function heading(title: string, description: string | undefined): string {
  const text = description === undefined ? "" : tag("p", {}, escape(description));
  return tag("div", {}, tag("h1", {}, escape(title)), text);
}

function controls(searches: boolean): string {
  const field =
    '<input id="search" type="search" placeholder="Search" aria-label="Search labels" autocomplete="off" spellcheck="false"';
  return (
    `<form>${field}${searches ? ">" : " hidden>"}<output id="found" aria-live="polite"></output>` +
    '<button type="button" id="farther" aria-label="Zoom out" title="Zoom out">−</button>' +
    '<button type="button" id="closer" aria-label="Zoom in" title="Zoom in">+</button>' +
    '<button type="button" id="whole" aria-label="Show all" title="Show all">⤢</button></form>'
  );
}

function legend(names: readonly string[], group: readonly number[]): string {
  if (names.length === 0) return "";
  const counts = names.map(() => 0);
  for (const one of group) counts[one]!++;
  const items = names.map((name, i) =>
    tag(
      "li",
      {},
      `<button type="button" data-group="${i}" aria-pressed="true"><i></i>` +
        `${tag("span", {}, escape(name))}${tag("small", {}, String(counts[i]))}</button>`,
    ),
  );
  return tag("ul", { "aria-label": "Groups" }, ...items);
}

function columnsOf(
  op: string,
  points: ArrayLike<number> | readonly ArrayLike<number>[],
): [x: number[], y: number[]] {
  const flat = typeof points[0] === "number" ? (points as ArrayLike<number>) : undefined;
  const rows = flat ? undefined : Array.from(points as readonly ArrayLike<number>[]);
  const wrong = rows?.findIndex((row) => Object(row).length !== 2) ?? -1;
  if (points.length === 0 || (flat && flat.length % 2 > 0) || wrong >= 0)
    throw new ShapeError({
      op,
      expected: "x and y of each point, at least one",
      got: wrong >= 0 ? `${described(rows![wrong])} as point ${wrong}` : `${points.length} numbers`,
    });
  const values = flat ? Array.from(flat) : rows!.flatMap((row) => [row[0]!, row[1]!]);
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw new NumericError({
      op,
      expected: "finite places",
      got: `${described(values[at])} in point ${at >> 1}`,
    });
  return [0, 1].map((axis) => values.filter((_, i) => i % 2 === axis)) as [number[], number[]];
}

function checkTexts(
  op: string,
  name: string,
  list: readonly unknown[] | undefined,
  count: number,
): void {
  if (!list) return;
  const wrong = Array.from(list).findIndex((text) => typeof text !== "string");
  if (wrong >= 0)
    throw new OptionError({
      op,
      expected: `texts as ${name}`,
      got: `${described(list[wrong])} for point ${wrong}`,
    });
  if (list.length !== count)
    throw new ShapeError({
      op,
      expected: `${name} for each of ${count} points`,
      got: String(list.length),
    });
}

/** As whole numbers, the wider axis from 0 to STEPS. */
function placed(x: readonly number[], y: readonly number[]): { x: number[]; y: number[] } {
  const [rangeX, rangeY] = [rangeOf(x), rangeOf(y)];
  const widest = Math.max(rangeX.size, rangeY.size);
  const step = widest > 0 ? STEPS / widest : 0;
  const whole = (values: readonly number[], { least }: { least: number }) =>
    values.map((value) => Math.round((value - least) * step));
  return { x: whole(x, rangeX), y: whole(y, rangeY) };
}

function rangeOf(values: readonly number[]): { least: number; size: number } {
  const least = values.reduce((a, b) => Math.min(a, b));
  return { least, size: values.reduce((a, b) => Math.max(a, b)) - least };
}

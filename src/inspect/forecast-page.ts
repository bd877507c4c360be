// A page with series and what was forecast of them, to look around in.
import { checkCall, checkKeys } from "../core/check.js";
import { checkRecord } from "../core/check-like.js";
import { described } from "../core/described.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { FORECAST_SCRIPT } from "./forecast-script.js";
import { FORECAST_STYLE } from "./forecast-style.js";
import { pageOf } from "./page.js";
import { escape, tag, type FigureOptions } from "./svg.js";

/** What was forecast from a step on. */
export interface PlottedForecast {
  /** Values that were known: the place, from 0, of the first step that is forecast. */
  readonly from: number;
  readonly point: ArrayLike<number>;
  /** Ends of the interval. Default: none is drawn. */
  readonly lower?: ArrayLike<number> | undefined;
  readonly upper?: ArrayLike<number> | undefined;
}

export interface PlottedSeries {
  /** Default: none; needed where there are several. */
  readonly name?: string | undefined;
  /** NaN or null: missing. */
  readonly values: ArrayLike<number | null>;
  /** Of each value, and of the steps ahead: `2024-03`, `2024-03-01`, `2024-03-01 12:00`, numbers, or any texts. Default: numbers from 0. */
  readonly times?: readonly string[] | undefined;
  /** What is to come. Default: none. */
  readonly forecast?: PlottedForecast | undefined;
  /** What was forecast before: drawn thin, with its interval where it is pointed at. Default: none. */
  readonly backtests?: readonly PlottedForecast[] | undefined;
}

export interface ForecastPageOptions extends FigureOptions {
  /** What the intervals are called. Default "80 % interval". */
  interval?: string | undefined;
}

/**
 * A self-contained HTML page of series and their forecasts: the line of values, the forecast with its interval, earlier forecasts beside
 * what came, an axis of dates. Hover, tap or use the arrow keys for the numbers of a step; on a phone too, in light and dark. Nothing is
 * loaded.
 *
 * @example
 * ```ts
 * const forecast = { from: 3, point: [5, 6], lower: [4, 4], upper: [6, 8] };
 * const series = [{ values: [1, 2, 4], times: ["2024-01", "2024-02", "2024-03", "2024-04", "2024-05"], forecast }];
 * forecastPage(series, { title: "Sales" }).startsWith("<!doctype html>"); // true
 * ```
 */
export function forecastPage(
  series: readonly PlottedSeries[],
  options: ForecastPageOptions,
): string {
  const op = "forecastPage";
  checkCall(op, arguments, "series:list options:object");
  checkKeys(op, options, "title!:string description:string interval:string");
  const { title, description, interval = "80 % interval" } = options;
  if (series.length === 0)
    throw new OptionError({ op, expected: "at least one series", got: "none" });
  const drawn = Array.from(series, (one, place) => drawnOf(op, one, place, series.length));
  const data = JSON.stringify({ series: drawn, interval }).replaceAll("<", "\\u003c");
  const choice = drawn.map(({ name }, i) => `<option value="${i}">${escape(name)}</option>`);
  return pageOf(title, FORECAST_STYLE, [
    tag(
      "header",
      {},
      tag("h1", {}, escape(title)),
      description === undefined ? "" : tag("p", {}, escape(description)),
      "<form>" +
        `<label${drawn.length > 1 ? "" : " hidden"}>Series <select id="series">${choice.join("")}</select></label>` +
        '<label id="shown">Steps shown <input id="steps" type="range" step="1"></label></form>',
    ),
    '<main><div id="chart" tabindex="0" role="img"></div><div id="tip" role="status" hidden></div></main>',
    '<ul id="legend" aria-label="Lines"></ul>',
    `<script type="application/json" id="data">${data}</script>`,
    `<script>${FORECAST_SCRIPT}</script>`,
  ]);
}

function drawnOf(op: string, one: PlottedSeries, place: number, count: number) {
  checkRecord(op, "series as objects", one);
  checkKeys(op, one, "name:string values!:list times:list forecast:object backtests:list");
  const { name, values, times = [], forecast, backtests = [] } = one;
  if (count > 1 && name === undefined)
    throw new OptionError({ op, expected: "a name for each of several series", got: "none" });
  const wrong = Array.from(times).findIndex((time) => typeof time !== "string");
  if (wrong >= 0)
    throw new OptionError({
      op,
      expected: "times as texts",
      got: `${described(times[wrong])} in series ${place}`,
    });
  if (times.length > 0 && times.length < values.length)
    throw new ShapeError({
      op,
      expected: `times of all ${values.length} values`,
      got: `${times.length} in series ${place}`,
    });
  return {
    name: name ?? "",
    values: rounded(values),
    times,
    forecast: forecast && forecastOf(op, forecast),
    backtests: Array.from(backtests, (each) => forecastOf(op, each)),
  };
}

function forecastOf(op: string, given: PlottedForecast) {
  checkRecord(op, "forecasts as objects", given);
  checkKeys(op, given, "from!:number point!:list lower:list upper:list");
  const { from, point, lower, upper } = given;
  if (!(Number.isInteger(from) && from >= 0))
    throw new OptionError({ op, expected: "from as a number of steps", got: described(from) });
  for (const [end, list] of Object.entries({ lower, upper }))
    if (list && list.length !== point.length)
      throw new ShapeError({
        op,
        expected: `${end} of ${point.length} steps, as many as point has`,
        got: String(list.length),
      });
  return {
    from,
    point: rounded(point),
    lower: lower && rounded(lower),
    upper: upper && rounded(upper),
  };
}

/** Seven digits: more than a screen shows. What is not finite is missing, as JSON has no NaN. */
function rounded(values: ArrayLike<number | null>): (number | null)[] {
  return Array.from(values, (value) =>
    typeof value === "number" && Number.isFinite(value) ? Number(value.toPrecision(7)) : null,
  );
}

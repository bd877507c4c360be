// The page of forecasts: what stands in it.
import { describe, expect, it } from "vitest";
import { OptionError, ShapeError } from "../../src/index.js";
import { forecastPage, type PlottedSeries } from "../../src/inspect/index.js";
import { FORECAST_SCRIPT } from "../../src/inspect/forecast-script.js";

const dataOf = (page: string) =>
  JSON.parse(/<script type="application\/json" id="data">(.*)<\/script>/.exec(page)![1]!) as {
    series: Record<string, unknown>[];
    interval: string;
  };
const SERIES: PlottedSeries = {
  values: [1, NaN, 2.00000001, null],
  times: ["2024-01", "2024-02", "2024-03", "2024-04", "2024-05"],
  forecast: { from: 4, point: Float64Array.of(3), lower: [2], upper: [4] },
  backtests: [{ from: 2, point: [5, 6] }],
};

describe("forecastPage", () => {
  it("holds the series, what was forecast, and nothing to load", () => {
    const page = forecastPage([{ ...SERIES, name: "</script>" }], { title: "A & B" });
    expect(dataOf(page)).toEqual({
      interval: "80 % interval",
      series: [
        {
          name: "</script>",
          values: [1, null, 2, null],
          times: SERIES.times,
          forecast: { from: 4, point: [3], lower: [2], upper: [4] },
          backtests: [{ from: 2, point: [5, 6] }],
        },
      ],
    });
    expect(page).toContain("<title>A &#38; B</title>");
    expect(page.match(/<\/script>/g)).toHaveLength(2);
    expect(page).toContain('name="viewport"');
    expect(page).not.toMatch(/\b(src|href)=|https?:/);
  });

  it("lets choose among several", () => {
    const page = forecastPage(
      [
        { name: "one", values: [1] },
        { name: "two", values: [2] },
      ],
      { title: "t" },
    );
    expect(page).toContain('<option value="1">two</option>');
  });

  it("has a program that a browser can read", () => {
    expect(() => new Function(FORECAST_SCRIPT)).not.toThrow();
    expect(FORECAST_SCRIPT).not.toContain("</script");
  });

  it.each<[string, PlottedSeries[], new (...args: never[]) => Error, string]>([
    ["no series", [], OptionError, "at least one series"],
    ["several without names", [{ values: [1] }, { values: [1] }], OptionError, "a name for each"],
    ["few times", [{ values: [1, 2], times: ["a"] }], ShapeError, "times of all 2 values"],
    [
      "ends of another length",
      [{ values: [1], forecast: { from: 1, point: [1, 2], lower: [0] } }],
      ShapeError,
      "lower of 2 steps",
    ],
    [
      "a place that is none",
      [{ values: [1], forecast: { from: -1, point: [1] } }],
      OptionError,
      "got -1",
    ],
  ])("refuses %s", (_, series, kind, message) => {
    expect(() => forecastPage(series, { title: "t" })).toThrow(kind);
    expect(() => forecastPage(series, { title: "t" })).toThrow(message);
  });
});

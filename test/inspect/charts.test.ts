// The charts as documents: well-formed, self-contained, with everything on them that was given.
import { describe, expect, it } from "vitest";
import { OptionError, ShapeError } from "../../src/index.js";
import {
  attentionMap,
  barChart,
  gateHeatMap,
  gradientFlowChart,
  gradientNormChart,
  heatMap,
  htmlPage,
  lineChart,
  trainingCurve,
} from "../../src/inspect/index.js";
import { linearAxis, logAxis, shortNumber } from "../../src/inspect/axis.js";

const HOSTILE = `<script>alert("x")</script> & 'more' \u0000`;
const line = (values: ArrayLike<number>, more = {}) =>
  lineChart({ title: "t", series: [{ name: "a", values }], ...more });
/** The points of the n-th line of a chart, piece by piece. */
const pieces = (svg: string, n = 0): number[][][] => {
  const d = [...svg.matchAll(/class="line [^>]* d="([^"]*)"/g)][n]![1]!;
  return d
    .replaceAll("h0", "")
    .split("M")
    .slice(1)
    .map((piece) => piece.split("L").map((point) => point.split(" ").map(Number)));
};
const labels = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);

const charts: Record<string, (title: string) => string> = {
  lineChart: (title) =>
    lineChart({ title, description: title, x: title, y: title, series: [{ name: title, values: [1, 2] }, { name: "b", values: [3] }] }), // prettier-ignore
  barChart: (title) => barChart({ title, x: title, bars: [{ label: title, value: 2 }] }),
  heatMap: (title) =>
    heatMap({ title, description: title, values: [0, 1], rows: 1, columns: 2, rowLabels: [title], columnLabels: [title, "b"], x: title, y: title }), // prettier-ignore
  htmlPage: (title) => htmlPage(title, [{ heading: title, text: [title, title] }]),
};

describe.each(Object.entries(charts))("%s", (name, chart) => {
  it("is well-formed and shows what is given as text alone", () => {
    const markup = chart(HOSTILE);
    assertWellFormed(markup);
    expect(markup).not.toContain("<script");
    expect(markup).not.toContain("\u0000");
    expect(markup).toContain("&#60;script&#62;");
  });

  it("loads nothing, and is legible in light and dark", () => {
    const markup = chart("plain");
    expect(markup.replace("http://www.w3.org/2000/svg", "")).not.toMatch(
      /https?:|url\(|@import|href/,
    );
    expect(markup).toContain("prefers-color-scheme:dark");
    if (name !== "htmlPage")
      expect(markup).toMatch(/^<svg [^>]*role="img"[^>]*><title>plain<\/title>/);
  });
});

describe("axes", () => {
  it.each([
    [
      [0, 1],
      ["0", "0.2", "0.4", "0.6", "0.8", "1"],
    ],
    [
      [-3, 12],
      ["-5", "0", "5", "10", "15"],
    ],
    [
      [0.00031, 0.00042],
      ["3e-4", "3.5e-4", "4e-4", "4.5e-4"],
    ],
    [
      [7, 7],
      ["6.4", "6.6"],
    ],
    [[NaN], ["0", "0.2"]],
    [
      [0, 3e6],
      ["0", "1e6", "2e6", "3e6"],
    ],
  ])("marks %j at round numbers", (values, expected) => {
    const { ticks, place } = linearAxis(values);
    expect(ticks.map(({ label }) => label).slice(0, expected.length)).toEqual(expected);
    for (const value of values.filter(Number.isFinite)) {
      expect(place(value)).toBeGreaterThanOrEqual(0);
      expect(place(value)).toBeLessThanOrEqual(1);
    }
  });

  it("marks powers of ten, and has no place for zero", () => {
    const { ticks, place } = logAxis([0, NaN, 0.002, 50]);
    expect(ticks.map(({ label }) => label)).toEqual(["10⁻³", "10⁻²", "10⁻¹", "1", "10", "10²"]);
    expect([place(1e-3), place(100)]).toEqual([expect.closeTo(0), expect.closeTo(1)]);
    expect(place(1)).toBeCloseTo(0.6);
    expect(place(0)).toBeNaN();
    expect(logAxis([1e-20, 1]).ticks.map(({ at }) => at)).toEqual([1e-21, 1e-18, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1]); // prettier-ignore
    expect(logAxis([1]).ticks.map(({ at }) => at)).toEqual([1, 10]);
  });

  it("writes numbers short", () => {
    expect([1234.5678, 0.00012, -2e-7, 1e6, 0].map(shortNumber)).toEqual([
      ...["1235", "1.2e-4", "-2e-7", "1e6", "0"],
    ]);
  });
});

describe("lines", () => {
  it("go from step to step, up for more", () => {
    const [[a, b, c]] = pieces(line([1, 3, 2])) as [number[][]];
    expect(b![0]! - a![0]!).toBeCloseTo(c![0]! - b![0]!, 1);
    expect(a![1]).toBeGreaterThan(c![1]!);
    expect(c![1]).toBeGreaterThan(b![1]!);
  });

  it("break where there is no number", () => {
    expect(pieces(line([1, NaN, 2, 3, Infinity])).map(({ length }) => length)).toEqual([1, 2]);
    expect(pieces(line([1, 0, -1, 3], { logScale: true })).map(({ length }) => length)).toEqual([1, 1]); // prettier-ignore
  });

  it("keep the extremes of more steps than columns", () => {
    const values = new Float64Array(50_000).fill(1);
    values[33_333] = 9;
    values[44_444] = -9;
    const svg = line(values);
    expect(svg.length).toBeLessThan(40_000);
    const [points] = pieces(svg) as [number[][]];
    const heights = points.map(([, y]) => y!);
    expect(new Set(heights).size).toBe(3);
    expect(points.map(([x]) => x!).every((x, i, all) => i === 0 || x >= all[i - 1]!)).toBe(true);
  });

  it("bear their names at their ends, none over another", () => {
    const series = Array.from({ length: 8 }, (_, i) => ({ name: `s${i}`, values: [i, 5] }));
    const svg = lineChart({ title: "t", series });
    const heights = [...svg.matchAll(/<text x="[\d.]+" y="([\d.]+)"[^>]*>s\d</g)].map(([, y]) => Number(y)); // prettier-ignore
    expect(heights).toHaveLength(8);
    heights.sort((a, b) => a - b);
    heights.slice(1).forEach((y, i) => expect(y - heights[i]!).toBeGreaterThanOrEqual(15.9));
    expect(() => lineChart({ title: "t", series: [] })).toThrow(OptionError);
  });

  it("of training count from 1 and may be smoothed", () => {
    const svg = trainingCurve({ train: [4, 2, 2] }, { smoothing: 2 });
    const [[a, b, c]] = pieces(svg) as [number[][]];
    expect((b![1]! - a![1]!) / (c![1]! - a![1]!)).toBeCloseTo(0.5, 2);
    expect(labels(svg)).toEqual(expect.arrayContaining(["1", "2", "3", "step", "loss"]));
    expect(() => trainingCurve({ a: [1] }, { smoothing: 0 })).toThrow(OptionError);
  });

  it("of gradients are named by layer and direction where there are several", () => {
    const h = Float32Array.of(1e-6, 1);
    const forward = { layer: 0, direction: "forward", h } as const;
    const svg = gradientFlowChart({ RNN: [forward], two: [forward, { ...forward, direction: "reverse" }] }); // prettier-ignore
    expect(labels(svg)).toEqual(expect.arrayContaining(["RNN", "two l0", "two l0 ←", "10⁻⁶", "1"]));
  });
});

describe("bars", () => {
  it("are as long as their values, and say them", () => {
    const norm = { size: 1, rms: 1, max: 1, ratio: 1, nonFinite: 0 };
    const svg = gradientNormChart([
      { name: "a", norm: 1e-3, ...norm },
      { name: "b", norm: 1, ...norm },
      { name: "c", norm: 0, ...norm },
      { name: "d", norm: NaN, ...norm },
    ]);
    const widths = [...svg.matchAll(/class="f0"[^>]* width="([\d.]+)"/g)].map(([, w]) => Number(w));
    expect(widths[0]).toBe(0);
    expect(widths[1]).toBeGreaterThan(300);
    expect(widths.slice(2)).toEqual([0, 0]);
    expect(labels(svg)).toEqual(expect.arrayContaining(["a", "0.001", "c", "0", "d", "NaN"]));
    expect(() => barChart({ title: "t", bars: [] })).toThrow(OptionError);
  });
});

describe("heat maps", () => {
  /** Colour and opacity at a cell. */
  const shadeAt = (svg: string, row: number, column: number): string | undefined => {
    for (const [, colour, opacity, d] of svg.matchAll(
      /<path class="(f\d)" fill-opacity="([\d.]+)" d="([^"]*)"/g,
    ))
      // prettier-ignore
      for (const [, x, y, length] of d!.matchAll(/M(\d+) (\d+)h(\d+)/g))
        if (Number(y) === row && column >= Number(x) && column < Number(x) + Number(length))
          return `${colour} ${opacity}`;
    return undefined;
  };

  it("colour each cell by its value, neighbours of one shade together", () => {
    const svg = heatMap({ title: "t", values: [0, 1, 1, 0.5, NaN, 1], rows: 2, columns: 3 });
    expect([0, 1, 2].map((column) => shadeAt(svg, 0, column))).toEqual([undefined, "f0 1", "f0 1"]);
    expect([0, 1, 2].map((column) => shadeAt(svg, 1, column))).toEqual([
      "f0 0.5",
      undefined,
      "f0 1",
    ]);
    expect(svg).toContain("M1 0h2v1h-2z");
  });

  it("have two colours where values are negative, and take a given range", () => {
    const svg = heatMap({ title: "t", values: [-2, 4, 0], rows: 1, columns: 3 });
    expect([0, 1, 2].map((i) => shadeAt(svg, 0, i))).toEqual(["f1 0.5", "f0 1", undefined]);
    expect(labels(svg)).toEqual(expect.arrayContaining(["-4", "4"]));
    const given = heatMap({ title: "t", values: [2, 9], rows: 1, columns: 2, range: [0, 4] });
    expect([shadeAt(given, 0, 0), shadeAt(given, 0, 1)]).toEqual(["f0 0.5", "f0 1"]);
  });

  it("say their numbers where there is room", () => {
    expect(labels(attentionMap([0.25, 0.75], { queries: ["le"], keys: ["the", "cat"] }))).toEqual(
      expect.arrayContaining(["le", "the", "cat", ".25", ".75"]),
    );
    const large = heatMap({ title: "t", values: new Float32Array(50).fill(0.25), rows: 1, columns: 50 }); // prettier-ignore
    expect(labels(large)).not.toContain(".25");
  });

  it("tell row, column and value where the pointer rests", () => {
    const map = attentionMap([0.25, 0.75], { queries: ["le"], keys: ["the", "<s>"] });
    expect(map).toContain("<title>le · the: 0.250</title>");
    expect(map).toContain("<title>le · &#60;s&#62;: 0.750</title>");
    const size = { title: "t", values: new Float32Array(2501), rows: 1, columns: 2501 };
    expect(heatMap(size)).not.toContain(": 0.000");
    expect(heatMap({ ...size, hover: true })).toContain("<title>0 · 2500: 0.000</title>");
  });

  it("refuse other numbers of values or labels", () => {
    const size = { title: "t", rows: 1, columns: 2 };
    expect(() => heatMap({ ...size, values: [1] })).toThrow(ShapeError);
    expect(() => heatMap({ ...size, values: [1, 2], columnLabels: ["a"] })).toThrow(ShapeError);
    expect(() => attentionMap([1, 2], { queries: ["a"], keys: ["b"] })).toThrow(ShapeError);
  });

  it("of a gate have a row a unit and a column a step, up to the row's length", () => {
    // Two sequences of two steps and three units; the second sequence has one step.
    const f = Float32Array.of(0, 0, 0, 0, 0, 0, 0.25, 0.5, 1, 0, 0, 0);
    const run = { layer: 0, direction: "forward", batch: 2, time: 2, lengths: Int32Array.of(2, 1), values: { f } } as const; // prettier-ignore
    const svg = gateHeatMap(run, "f", { row: 1, labels: "\n" });
    expect([0, 1, 2].map((unit) => shadeAt(svg, unit, 0))).toEqual(["f0 0.25", "f0 0.5", "f0 1"]);
    expect(labels(svg)).toContain("↵");
    expect(() => gateHeatMap(run, "f", { row: 2 })).toThrow(OptionError);
    expect(() => gateHeatMap(run, "g" as "f")).toThrow(OptionError);
  });
});

/** Every tag is closed in order, no bare & or <: what an XML parser demands. */
function assertWellFormed(markup: string): void {
  const open: string[] = [];
  const voids = ["meta"];
  for (const [whole, close, name, , self] of markup
    .replace(/<!doctype html>/, "")
    .matchAll(/<(\/?)([a-z0-9]+)((?: [\w:-]+="[^"<]*")*)(\/?)>|<|&(?!#\d+;)/g)) {
    if (name === undefined) throw new Error(`bare ${whole}`);
    if (close) expect(open.pop()).toBe(name);
    else if (!self && !voids.includes(name)) open.push(name);
  }
  expect(open).toEqual([]);
}

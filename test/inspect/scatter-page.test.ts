// The page of many points: what stands in it. scripts/test-runtimes.mjs runs it in a browser.
import { describe, expect, it } from "vitest";
import { NumericError, OptionError, ShapeError } from "../../src/index.js";
import { scatterPage } from "../../src/inspect/index.js";
import { SCRIPT } from "../../src/inspect/scatter-script.js";

interface Data {
  readonly x: number[];
  readonly y: number[];
  readonly labels?: string[];
  readonly group: number[];
  readonly groups: string[];
}

function dataOf(page: string): Data {
  const [, text] = /<script type="application\/json" id="data">(.*)<\/script>/.exec(page)!;
  return JSON.parse(text!) as Data;
}

describe("scatterPage", () => {
  it("holds the points as they are to each other, their labels and groups", () => {
    const points = Float32Array.from([-1, 10, 3, 10.5, 1, 11]);
    const groups = ["10", "9", "10"];
    const page = scatterPage(points, { title: "A & B", labels: ["a", "</script>", "c"], groups });
    const data = dataOf(page);
    expect(data).toMatchObject({
      x: [0, 100_000, 50_000],
      y: [0, 12_500, 25_000],
      labels: ["a", "</script>", "c"],
      groups: ["9", "10"],
      group: [1, 0, 1],
    });
    expect(page).toContain("<title>A &#38; B</title>");
    expect(page).toMatch(/<span>10<\/span><small>2<\/small>/);
    expect(page.match(/<\/script>/g)).toHaveLength(2);
    expect(page).toContain('name="viewport"');
    // Nothing is loaded.
    expect(page).not.toMatch(/\b(src|href)=|url\(|https?:/);
  });

  it("takes rows, one place for all, no labels", () => {
    const rows = [
      [2, 2],
      [2, 2],
    ];
    const page = scatterPage(rows, { title: "t", description: "<i>" });
    expect(dataOf(page)).toMatchObject({ x: [0, 0], y: [0, 0], groups: [], group: [] });
    expect(page).toContain("<p>&#60;i&#62;</p>");
    expect(page).toContain('spellcheck="false" hidden>');
  });

  it("has a program that a browser can read", () => {
    expect(() => new Function(SCRIPT)).not.toThrow();
    expect(SCRIPT).not.toContain("</");
  });

  it.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    ["no points", () => scatterPage([], { title: "t" }), ShapeError, "at least one"],
    ["half a point", () => scatterPage([1, 2, 3], { title: "t" }), ShapeError, "3 numbers"],
    ["three axes", () => scatterPage([[1, 2, 3]], { title: "t" }), ShapeError, "as point 0"],
    ["NaN", () => scatterPage([1, 2, NaN, 3], { title: "t" }), NumericError, "NaN in point 1"],
    [
      "few labels",
      () => scatterPage([1, 2, 3, 4], { title: "t", labels: ["a"] }),
      ShapeError,
      "labels for each of 2",
    ],
    [
      "numbers as groups",
      () => scatterPage([1, 2], { title: "t", groups: [7] as never }),
      OptionError,
      "texts as groups, got 7",
    ],
    ["no title", () => scatterPage([1, 2], {} as never), OptionError, "title"],
  ])("refuses %s", (_, run, kind, message) => {
    expect(run).toThrow(kind);
    expect(run).toThrow(message);
  });
});

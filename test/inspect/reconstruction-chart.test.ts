import { expect, it } from "vitest";
import { OptionError, ShapeError } from "../../src/index.js";
import { heatMap, reconstructionChart } from "../../src/inspect/index.js";

const levelsOf = (svg: string) =>
  [...svg.matchAll(/class="(f\d)" fill-opacity="([\d.]+)" d="/g)].map(([, colour, level]) => [
    colour,
    Number(level),
  ]);

it("draws a spectrogram before and after, with the last feature on top", () => {
  // Decibels: two bands, three frames.
  const svg = reconstructionChart([-80, 0, -80, 0, -80, 0], [-80, 0, -80, -40, -80, 0], {
    features: 2,
    title: "Before <and> after",
  });
  expect(svg).toMatch(/^<svg .*<\/svg>$/s);
  expect(svg).toContain("Before &#60;and&#62; after");
  for (const panel of ["Before", "After", "Between them", "time step"])
    expect(svg).toContain(panel);
  // The loud band is the upper row of three cells; -80 is as pale as the page, -40 half as full as 0.
  expect(svg).toContain('d="M0 0h3v1h-3z"');
  expect(svg).toContain('fill-opacity="0.5" d="M1 0h1v1h-1z"');
});

it("has one colour for what is below 0, where it does not diverge", () => {
  const options = { title: "", values: [-2, -1, 0], rows: 1, columns: 3 };
  expect(levelsOf(heatMap({ ...options, range: [-2, 2] }))).toEqual([
    ["f1", 1],
    ["f1", 0.5],
  ]);
  expect(levelsOf(heatMap({ ...options, range: [-2, 0], diverging: false }))).toEqual([
    ["f0", 0.5],
    ["f0", 1],
  ]);
});

it("draws what is the same everywhere, and refuses what does not fit", () => {
  expect(reconstructionChart([1, 1], [1, 1], { features: 1 })).toContain("Between them");
  expect(() => reconstructionChart([1, 2], [1], { features: 1 })).toThrow(ShapeError);
  expect(() => reconstructionChart([1, 2, 3], [1, 2, 3], { features: 2 })).toThrow(ShapeError);
  expect(() => reconstructionChart([1, NaN], [1, 2], { features: 1 })).toThrow(
    new OptionError({
      op: "reconstructionChart",
      expected: "finite numbers",
      got: "NaN at step 1, feature 0",
    }),
  );
});

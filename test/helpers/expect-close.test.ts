import { describe, expect, it } from "vitest";
import { expectClose } from "./expect-close.js";
import { numericalGradient } from "./finite-difference.js";

describe("expectClose", () => {
  it("accepts what lies within the tolerance and names the worst element otherwise", () => {
    expectClose([1, 2], [1.01, 2], 0.02);
    expect(() => expectClose([1, 2, 3.5], [1.1, 2, 3], 0.02, "h")).toThrow(
      /^h: 2 of 3 elements differ; the worst is \[2\]: expected 3, got 3.5/,
    );
  });

  it("adds the relative part", () => {
    expectClose([1001], [1000], { absolute: 0, relative: 1e-3 });
    expect(() => expectClose([1001], [1000], { absolute: 0.5, relative: 1e-4 })).toThrow();
  });

  it.each([
    [NaN, 0],
    [0, NaN],
    [Infinity, 0],
    [1, Infinity],
    [-Infinity, Infinity],
  ])("refuses %d for %d whatever the tolerance", (actual, expected) => {
    expect(() => expectClose([actual], [expected], 1e9)).toThrow("1 of 1");
  });

  it("takes NaN for NaN and an infinity for itself", () => {
    expectClose([NaN, Infinity, -Infinity], [NaN, Infinity, -Infinity], 0);
  });

  it("refuses another length", () => {
    expect(() => expectClose([1], [1, 2], 1)).toThrow("expected 2 elements, got 1");
  });
});

describe("numericalGradient", () => {
  it("finds the gradient of a smooth function to ten digits", () => {
    const f = (x: Float64Array): number => Math.exp(x[0]!) * Math.sin(x[1]!) + x[2]! ** 3;
    const gradient = numericalGradient(f, [0.3, 1.1, -0.7]);
    const e = Math.exp(0.3);
    expectClose(gradient, [e * Math.sin(1.1), e * Math.cos(1.1), 3 * 0.49], 1e-10);
  });
});

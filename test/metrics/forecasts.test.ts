import { describe, expect, test } from "vitest";
import { OptionError, ShapeError } from "../../src/index.js";
import {
  crpsOfQuantiles,
  crpsOfSamples,
  driftForecast,
  intervalCoverage,
  lastValueForecast,
  meanAbsoluteError,
  meanAbsoluteScaledError,
  pinballLoss,
  rootMeanSquaredError,
  seasonalNaiveForecast,
  symmetricMAPE,
} from "../../src/metrics/index.js";

const ACTUAL = [3, NaN, 5, 0];
const FORECAST = [2, 100, 9, 0];

describe("errors leave out what is not known", () => {
  test.each([
    ["MAE", meanAbsoluteError(ACTUAL, FORECAST), 5 / 3],
    ["RMSE", rootMeanSquaredError(ACTUAL, FORECAST), Math.sqrt(17 / 3)],
    ["sMAPE", symmetricMAPE(ACTUAL, FORECAST), (2 / 5 + 8 / 14) / 3],
    ["pinball", pinballLoss(ACTUAL, FORECAST, 0.9), (0.9 + 0.4) / 3],
    ["coverage", intervalCoverage(ACTUAL, [2, 0, 6, 0], [3, 9, 9, 0]), 2 / 3],
    ["MASE", meanAbsoluteScaledError(ACTUAL, FORECAST, [1, 4, NaN, 2, 7]), 5 / 3 / 4],
    [
      "MASE of a season",
      meanAbsoluteScaledError(ACTUAL, FORECAST, [1, 4, 3, 5], { season: 2 }),
      5 / 3 / 1.5,
    ],
  ])("%s", (_, got, wanted) => {
    expect(got).toBeCloseTo(wanted, 12);
  });

  test("nothing known gives NaN, as does a history without change", () => {
    expect(meanAbsoluteError([NaN], [1])).toBeNaN();
    expect(meanAbsoluteScaledError([1], [2], [3, 3])).toBeNaN();
  });
});

describe("CRPS", () => {
  test("of samples is E|X - y| - E|X - X'| / 2 over all pairs", () => {
    const samples = [
      [1, 4, 2, 2.5],
      [0, -1, 7],
    ];
    const actual = [2, 3];
    const wanted = samples.map((list, i) => {
      const mean = (of: number[]) => of.reduce((a, b) => a + b, 0) / of.length;
      const apart = list.flatMap((a) => list.map((b) => Math.abs(a - b)));
      return mean(list.map((x) => Math.abs(x - actual[i]!))) - mean(apart) / 2;
    });
    expect(crpsOfSamples(actual, samples)).toBeCloseTo((wanted[0]! + wanted[1]!) / 2, 12);
    expect(crpsOfSamples([2], [[5]])).toBe(3);
  });

  test("of many quantiles comes to that of many samples", () => {
    // A uniform distribution from 0 to 1, of which y = 0.25 has y² - y + 1/3.
    const levels = Array.from({ length: 999 }, (_, i) => (i + 1) / 1000);
    const wanted = 0.0625 - 0.25 + 1 / 3;
    expect(crpsOfQuantiles([0.25], [levels], levels)).toBeCloseTo(wanted, 3);
    expect(crpsOfSamples([0.25], [levels])).toBeCloseTo(wanted, 3);
  });
});

describe("forecasts without a model", () => {
  test("the last value, with the deviation of a random walk", () => {
    const { mean, deviation } = lastValueForecast([1, 3, 2, 5], 4);
    expect([...mean]).toEqual([5, 5, 5, 5]);
    const sigma = Math.sqrt((4 + 1 + 9) / 3);
    expect([...deviation]).toEqual([1, 2, 3, 4].map((h) => sigma * Math.sqrt(h)));
    expect([...lastValueForecast([1, 3, NaN], 1).mean]).toEqual([3]);
  });

  test("a season ago; of a gap, the season before", () => {
    const { mean, deviation } = seasonalNaiveForecast([1, 5, 2, 7], 3, 2);
    expect([...mean]).toEqual([2, 7, 2]);
    const sigma = Math.sqrt((1 + 4) / 2);
    expect([...deviation]).toEqual([sigma, sigma, sigma * Math.sqrt(2)]);
    expect([...seasonalNaiveForecast([1, 5, 2, NaN], 2, 2).mean]).toEqual([2, 5]);
  });

  test("the line from the first value to the last", () => {
    const { mean, deviation } = driftForecast([1, 2, 5, 7], 2);
    expect([...mean]).toEqual([9, 11]);
    const sigma = Math.sqrt((1 + 1 + 0) / 2);
    expect([...deviation]).toEqual([1, 2].map((h) => sigma * Math.sqrt(h * (1 + h / 3))));
    // A history that ends in a gap goes on from where it ended.
    expect([...driftForecast([1, 3, NaN], 1).mean]).toEqual([7]);
  });
});

test("what does not fit is refused", () => {
  expect(() => meanAbsoluteError([1, 2], [1])).toThrow(ShapeError);
  expect(() => pinballLoss([1], [1], 1)).toThrow("between 0 and 1");
  expect(() => meanAbsoluteScaledError([1], [1], [1, 2], { season: 2 })).toThrow(OptionError);
  expect(() => crpsOfSamples([1], [[]])).toThrow("none for value 0");
  expect(() => crpsOfQuantiles([1], [[1, 2]], [0.5])).toThrow(ShapeError);
  expect(() => lastValueForecast([NaN], 1)).toThrow(OptionError);
  expect(() => driftForecast([1], 1)).toThrow("at least 2");
  expect(() => seasonalNaiveForecast([1, NaN, 3], 2, 2)).toThrow("none for step 1");
});

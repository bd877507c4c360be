// Forecasts of series: what is learnt and what is not looked at, streams, files, gaps, covariates, several series.
import { beforeAll, describe, expect, it, test } from "vitest";
import { FormatError, manualSeed, OptionError } from "../../src/index.js";
import {
  SeriesForecaster,
  type FitPlan,
  type ForecasterFitOptions,
  type ForecasterOptions,
  type SeriesGiven,
} from "../../src/models/index.js";
import { noise } from "../kernels/harness.js";

/** Four steps of a season on a slope, with some noise. */
const NOISE = noise(400, 3);
const seasonal = (length: number, from = 0) =>
  Array.from({ length }, (_, i) => {
    const t = from + i;
    return 50 + 0.1 * t + 5 * [0, 3, 1, -2][t % 4]! + NOISE[t]!;
  });
const SERIES = seasonal(160);
const FIT: ForecasterFitOptions = { steps: 40, learningRate: 0.01 };

async function trained(
  series: readonly SeriesGiven[],
  options: ForecasterOptions,
  fit: ForecasterFitOptions = FIT,
): Promise<SeriesForecaster> {
  manualSeed(1);
  const model = SeriesForecaster.build(series, {
    horizon: 4,
    season: 4,
    hiddenSize: 8,
    ...options,
  });
  await model.fit(series, fit);
  return model;
}

let model: SeriesForecaster;
beforeAll(async () => {
  model = await trained([SERIES.slice(0, 120)], {});
});

test("it beats what needs no model, and its intervals cover what they should", async () => {
  const { scores, details } = await model.backtest([SERIES], { from: 120 });
  const { lastValue, seasonalNaive, drift } = details.baselines;
  for (const baseline of [lastValue!, seasonalNaive!, drift!]) {
    expect(scores.mase).toBeLessThan(baseline.scores.mase);
    expect(scores.crps).toBeLessThan(baseline.scores.crps);
  }
  expect(details.values).toBe(37 * 4);
  expect(Math.abs(details.coverage - 0.8)).toBeLessThan(0.15);
});

test("a forecast is that of what came alone: what follows changes nothing", async () => {
  const known = SERIES.slice(0, 130);
  const other = [...known, ...SERIES.slice(130).map((value) => 3 * value)];
  const errorsFrom = async (series: number[]) =>
    (await model.backtest([series.slice(0, 134)], { from: 130 })).scores.mae;
  const { point } = model.predict(known);
  const mean = (actual: number[]) =>
    actual.reduce((sum, value, i) => sum + Math.abs(value - point[i]!), 0) / 4;
  expect(await errorsFrom(SERIES)).toBeCloseTo(mean(SERIES.slice(130, 134)), 9);
  expect(await errorsFrom(other)).toBeCloseTo(mean(other.slice(130, 134)), 9);
});

test("a series that scales itself does so by what is known first, in a backtest and in a training", async () => {
  const made = await trained([SERIES, SERIES.map((value) => 3 * value)], {});
  expect(made.options.scaling).toBe("series");
  // The last values but one of the horizon change what they are compared with, and nothing that is forecast.
  const errorsOf = async (end: number[]) => {
    const series = [...SERIES.slice(0, 130), ...end];
    return (await made.backtest([series], { from: 130 })).scores.mae;
  };
  const { point } = made.predict(SERIES.slice(0, 130));
  for (const end of [SERIES.slice(130, 134), [1e6, -1e6, 1e6, -1e6]]) {
    const wanted = end.reduce((sum, value, i) => sum + Math.abs(value - point[i]!), 0) / 4;
    expect((await errorsOf(end)) / wanted).toBeCloseTo(1, 9);
  }
  const learn = async (held: number) => {
    manualSeed(1);
    const one = SeriesForecaster.build([SERIES.slice(0, 80)], {
      horizon: 4,
      season: 4,
      scaling: "series",
    });
    const values = SERIES.slice(0, 100).map((value, t) => (t < 80 ? value : held));
    await one.fit([values], { steps: 5, heldOut: 0.2, evaluateEvery: 5 });
    return one.stateDict().get("network.head.weight")!.data();
  };
  expect(await learn(1e4)).toEqual(await learn(50));
});

test("what is held out scales nothing and is not learnt", async () => {
  const bent = SERIES.slice(0, 100).map((value, t) => (t < 80 ? value : 1000 - value));
  const learn = async (values: number[]) => {
    manualSeed(1);
    const made = SeriesForecaster.build([SERIES.slice(0, 80)], { horizon: 4, season: 4 });
    await made.fit([values], { steps: 5, heldOut: 0.2, evaluateEvery: 5 });
    return made.stateDict().get("network.head.weight")!.data();
  };
  expect(await learn(bent)).toEqual(await learn(SERIES.slice(0, 100)));
});

describe("a stream", () => {
  test("says what predict says of all that came, and goes on from its bytes", () => {
    const stream = model.stream();
    for (let t = 0; t < 30; t++) {
      const { quantiles } = stream.push(SERIES[t]!);
      if (![0, 1, 5, 29].includes(t)) continue;
      const whole = model.predict(SERIES.slice(0, t + 1));
      quantiles.forEach((list, level) => expect(list).toEqual(whole.quantiles[level]));
    }
    const later = model.stream();
    later.fromBytes(stream.toBytes());
    expect(later.steps).toBe(30);
    expect(later.push(SERIES[30]!).point).toEqual(model.predict(SERIES.slice(0, 31)).point);
    const damaged = stream.toBytes();
    damaged[30]! ^= 1;
    expect(() => later.fromBytes(damaged)).toThrow(FormatError);
    expect(() => later.fromBytes(new Uint8Array(3))).toThrow(FormatError);
    later.reset();
    expect(later.push(7).point).toEqual(model.predict([7]).point);
  });

  test("does not go on from another model's state, of whatever sizes", async () => {
    const other = await trained([SERIES.slice(0, 120)], {}, { ...FIT, learningRate: 0.02 });
    const bytes = other.stream({ history: SERIES.slice(0, 20) }).toBytes();
    const stream = model.stream({ history: SERIES.slice(0, 10) });
    expect(() => stream.fromBytes(bytes)).toThrow(FormatError);
    expect(stream.push(SERIES[10]!).point).toEqual(model.predict(SERIES.slice(0, 11)).point);
  });

  test("begins with a history", () => {
    const stream = model.stream({ history: SERIES.slice(0, 20) });
    expect(stream.push(SERIES[20]!).upper).toEqual(model.predict(SERIES.slice(0, 21)).upper);
  });
});

test("a file brings it back, its scaling and the width of its intervals too", () => {
  const loaded = SeriesForecaster.load(model.save());
  expect(loaded.predict(SERIES)).toEqual(model.predict(SERIES));
  expect(loaded.widening).toEqual(model.widening);
  expect(loaded.save()).toEqual(model.save());
  expect(model.predictBatch([SERIES, SERIES.slice(0, 50)])[1]).toEqual(
    model.predict(SERIES.slice(0, 50)),
  );
});

test.each([
  ["as a whole", {}],
  ["in shards", { shards: 2 }],
])("a training killed amid an epoch goes on to the same bits: batches %s", async (_, threads) => {
  const run = async (seed: number, fit: ForecasterFitOptions) => {
    manualSeed(seed);
    const made = SeriesForecaster.build([SERIES], { horizon: 2, season: 4, dropout: 0.2 });
    const batches = { sequenceLength: 20, batchSize: 2 };
    const onBegin = ({ stepsPerEpoch }: FitPlan) => expect(stepsPerEpoch).toBeGreaterThan(3);
    await made.fit([SERIES], {
      steps: 20,
      evaluateEvery: 5,
      onBegin,
      ...batches,
      ...threads,
      ...fit,
    });
    return made.save();
  };
  let resume: Uint8Array | undefined;
  const save = (bytes: Uint8Array) => void (resume ??= bytes.slice());
  const whole = await run(1, { checkpoint: { every: 7, save } });
  expect(await run(9, { checkpoint: { every: 99, save: () => {}, resume } })).toEqual(whole);
});

test.each(["gaussian", "studentT", "quantiles", "point"] as const)(
  "%s: learns, with quantiles in order",
  async (output) => {
    const made = await trained([SERIES.slice(0, 120)], { output, cell: "gru" });
    const { scores, details } = await made.backtest([SERIES], { from: 120 });
    expect(scores.mase).toBeLessThan(details.baselines.seasonalNaive!.scores.mase);
    const { quantiles, point, lower, upper } = made.predict(SERIES);
    for (let level = 1; level < 9; level++)
      for (let step = 0; step < 4; step++)
        expect(quantiles[level]![step]).toBeGreaterThan(quantiles[level - 1]![step]!);
    expect([lower, point, upper]).toEqual([quantiles[0], quantiles[4], quantiles[8]]);
  },
);

test("missing values are left out of what is learnt and scored, and known to be missing", async () => {
  const gappy = SERIES.map((value, t) => (t % 7 === 3 ? NaN : value));
  const made = await trained([gappy.slice(0, 120)], {});
  const { scores, details } = await made.backtest([gappy], { from: 120 });
  expect(details.values).toBeLessThan(37 * 4);
  expect(scores.mase).toBeLessThan(details.baselines.lastValue!.scores.mase);
  const withNull = gappy.map((value) => (Number.isNaN(value) ? null : value));
  expect(made.predict(withNull)).toEqual(made.predict(gappy));
  expect(made.stream({ history: gappy.slice(0, -1) }).push(gappy.at(-1)!).point).toEqual(
    made.predict(gappy).point,
  );
});

test("what is known of the future is used: a price decides what is sold", async () => {
  const price = Array.from(NOISE.subarray(0, 204), (value) => [value > 0 ? 1 : 0]);
  const values = price.slice(0, 200).map(([one], t) => 10 + 8 * one! + 0.2 * NOISE[t]!);
  const options = { season: 1, horizon: 3 };
  const made = await trained([{ values, covariates: price }], options, {
    steps: 150,
    learningRate: 0.02,
  });
  const { scores } = await made.backtest([{ values, covariates: price }]);
  const blind = await trained([values], options, { steps: 150, learningRate: 0.02 });
  const without = await blind.backtest([values]);
  expect(scores.mae).toBeLessThan(0.4 * without.scores.mae);
  expect(() => made.predict({ values, covariates: price.slice(0, 201) })).toThrow("3 to come");

  // A stream is told with each observation what is known of it and of the three steps to come.
  const stream = made.stream({ history: { values: values.slice(0, 20), covariates: price } });
  for (const t of [20, 21, 22]) {
    const { quantiles } = stream.push(values[t]!, price.slice(t, t + 4));
    const whole = made.predict({ values: values.slice(0, t + 1), covariates: price });
    quantiles.forEach((list, level) => expect(list).toEqual(whole.quantiles[level]));
  }
  const [cheap, dear] = [0, 1].map((next) => {
    const later = made.stream();
    later.fromBytes(stream.toBytes());
    return later.push(values[23]!, [price[23]!, [next], [0], [0]]).point[0]!;
  });
  expect(dear! - cheap!).toBeGreaterThan(4);
  expect(() => stream.push(1)).toThrow("covariates of 4 steps");
  expect(() => stream.push(1, price.slice(0, 3))).toThrow("got those of 3");
  expect(() => stream.push(1, [[1], [1], [1, 2], [1]])).toThrow("one covariate at every step");
  expect(() => blind.stream().push(1, price.slice(0, 4))).toThrow("no covariates");
  // What was refused has changed nothing.
  expect(stream.push(values[23]!, price.slice(23, 27)).point).toEqual(
    made.predict({ values: values.slice(0, 24), covariates: price }).point,
  );
});

test("a stream with covariates of two variables, a season and gaps has the bits of predict", async () => {
  const rows = SERIES.map((value, t) => [t % 9 === 4 ? NaN : value, NOISE[t]!]);
  const covariates = Array.from({ length: 170 }, (_, t) => [t % 4, Number(t % 7 === 0)]);
  const made = await trained([{ values: rows, covariates }], {}, { steps: 8 });
  const stream = made.stream({ history: { values: rows.slice(0, 12), covariates } });
  for (let t = 12; t < 30; t++) {
    const { quantiles } = stream.push(rows[t]!, covariates.slice(t, t + 5));
    const whole = made.predict({ values: rows.slice(0, t + 1), covariates });
    quantiles.forEach((list, level) => expect(list).toEqual(whole.quantiles[level]));
  }
});

test("a stream of a model by logarithms refuses what has none", async () => {
  const made = await trained([SERIES.slice(0, 60)], { log: true }, { steps: 2 });
  expect(() => made.stream({ history: [1, 0] })).toThrow("above 0");
  expect(() => made.stream().push(0)).toThrow("above 0");
});

test("several variables, and several series that scale themselves", async () => {
  const rows = SERIES.map((value, t) => [value, 1000 - 10 * value + NOISE[t]!]);
  const made = await trained([rows.slice(0, 120)], {});
  expect(made.predict(rows).point).toHaveLength(8);
  const { scores, details } = await made.backtest([rows], { from: 120 });
  expect(scores.mase).toBeLessThan(details.baselines.seasonalNaive!.scores.mase);
  const large = SERIES.map((value) => 1e4 * value);
  const several = await trained([SERIES, large], {});
  expect(several.options.scaling).toBe("series");
  const [one, other] = several.predictBatch([SERIES, large]);
  one!.point.forEach((value, i) => expect(other!.point[i]! / 1e4 / value).toBeCloseTo(1, 3));
  expect(() => several.stream()).toThrow("history");
  const stream = several.stream({ history: large.slice(0, -1) });
  expect(stream.push(large.at(-1)!).point).toHaveLength(4);
});

test("series that repeat themselves, never change, begin late or are missing at the end are learnt", async () => {
  const periodic = Array.from({ length: 60 }, (_, t) => 100 + 10 * (t % 4));
  const late = Array.from({ length: 60 }, (_, t) => (t < 50 ? 0 : t));
  const ended = SERIES.map((value, t) => (t < 120 ? value : NaN));
  for (const values of [periodic, Array.from({ length: 60 }, () => 42), late, ended]) {
    const made = await trained([values], {}, { steps: 4 });
    expect(made.predict(values).point.every(Number.isFinite)).toBe(true);
  }
  const made = await trained([periodic], {}, { steps: 4 });
  const { scores, details } = await made.backtest([periodic, [1, 2, 3]], { from: 40 });
  expect(Object.values(scores).every(Number.isFinite)).toBe(true);
  expect(details.leftOut).toBe(1);
});

test("the data choose what is not given", () => {
  const grows = Array.from({ length: 60 }, (_, t) => 1.05 ** t * (2 + (t % 4)));
  expect(SeriesForecaster.build([grows], { season: 4 }).options).toMatchObject({
    ...{ log: true, reference: "season", level: false, scaling: "all" },
  });
  const flat = noise(80, 5);
  expect(SeriesForecaster.build([flat], { season: 4 }).options).toMatchObject({
    ...{ log: false, reference: "mean", level: true },
  });
});

test("what cannot be forecast is refused by name", async () => {
  const build = (series: unknown, options: ForecasterOptions = {}) =>
    SeriesForecaster.build(series as SeriesGiven[], options);
  expect(() => build([])).toThrow("at least one series");
  expect(() => build([[1, 2, 3]], { horizon: 4 })).toThrow("at least 6 steps");
  expect(() => build([[1, 2, "3", 4]])).toThrow("in series 0");
  expect(() => build([[[1, 2], [3]]])).toThrow("2 values at every step");
  expect(() => build([[1, 2, Infinity]])).toThrow("Infinity at step 2");
  expect(() => build([{ values: SERIES, covariates: [[1]] }])).toThrow("covariates of 160 steps");
  expect(() => build([SERIES], { reference: "season" })).toThrow("a season");
  expect(() => build([[1, 0, 2, 3]], { log: true })).toThrow("above 0");
  await expect(model.backtest([SERIES.slice(0, 10)], { from: 8 })).rejects.toThrow(OptionError);
  await expect(model.backtest([SERIES], { from: 1.5 })).rejects.toThrow(
    "a share below 1 or a step",
  );
  expect(() => model.predict([])).toThrow("at least one step");
  expect(() => model.predict([[1, 2]])).toThrow("a number at every step");
  expect(() => model.stream().push([1, 2])).toThrow("a number");
});

describe("heads", () => {
  const sin = (t: number) => 10 + 4 * Math.sin(t / 2) + 0.2 * NOISE[t % 400]!;
  const waves = Array.from({ length: 160 }, (_, t) => sin(t));

  test.each([
    { head: "recursive", output: "gaussian" },
    { head: "recursive", output: "studentT" },
    { head: "recursive", output: "point" },
    { head: "seq2seq", output: "gaussian" },
    { head: "seq2seq", output: "quantiles", cell: "gru" },
  ] as const)("$head, $output: better than the last value, the same again", async (options) => {
    const made = await trained(
      [waves.slice(0, 120)],
      { season: 1, ...options },
      { steps: 150, learningRate: 0.01, evaluateEvery: 50 },
    );
    const { scores, details } = await made.backtest([waves], { from: 120 });
    expect(scores.mase).toBeLessThan(details.baselines.lastValue!.scores.mase / 2);
    expect(details.coverage).toBeGreaterThan(0.5);
    const said = made.predict(waves);
    expect(made.predict(waves)).toEqual(said);
    expect(SeriesForecaster.load(made.save()).predict(waves)).toEqual(said);
    expect(() => made.stream()).toThrow('head "direct"');
  });

  test.each(["recursive", "seq2seq"] as const)(
    "%s: what follows an origin changes nothing, known covariates of the future do",
    async (head) => {
      const busy = Array.from({ length: 170 }, (_, t) => [Number((t * t) % 7 === 2)]);
      const values = Array.from({ length: 160 }, (_, t) => 20 + 10 * busy[t]![0]! + NOISE[t]!);
      const series = { values, covariates: busy };
      const made = await trained(
        [series],
        { season: 1, head },
        { steps: 150, learningRate: 0.01, evaluateEvery: 50 },
      );
      const forecasts = async (end: number[]) => {
        const found: number[][] = [];
        const given = { values: [...values.slice(0, 130), ...end], covariates: busy };
        await made.backtest([given], {
          from: 130,
          onForecast: ({ from, forecast }) =>
            void (from === 130 && found.push([...forecast.point])),
        });
        return found;
      };
      const [own] = await forecasts(values.slice(130, 138));
      expect(await forecasts(values.slice(130, 138).map((value) => 5 * value))).toEqual([own]);
      const before = made.predict({ values: values.slice(0, 130), covariates: busy }).point;
      own!.forEach((value, i) => expect(value).toBeCloseTo(before[i]!, 4));
      own!.forEach((value, i) => expect(value > 25).toBe(busy[130 + i]![0] === 1));
    },
  );

  test("paths of a recursive head spread as a random walk does", async () => {
    let at = 0;
    const walk = Array.from({ length: 200 }, (_, t) => (at += NOISE[t]!));
    const options = {
      season: 1,
      horizon: 9,
      head: "recursive",
      reference: "last",
      level: false,
    } as const;
    const made = await trained([walk], options, {
      steps: 30,
      learningRate: 0.003,
      evaluateEvery: 15,
    });
    const { upper, lower } = made.predict(walk);
    const width = (step: number) => upper[step]! - lower[step]!;
    expect(width(8) / width(0)).toBeGreaterThan(2.2);
    expect(width(8) / width(0)).toBeLessThan(3.8);
  });

  test("quantiles have no paths", () => {
    expect(() =>
      SeriesForecaster.build([waves], { head: "recursive", output: "quantiles" }),
    ).toThrow("paths");
  });
});

describe("what cannot be learnt from is refused before a training", () => {
  const wave = (unit: number) => Array.from({ length: 40 }, (_, t) => unit * (2 + Math.sin(t)));
  const known = (unit: number) => ({
    values: wave(1),
    covariates: Array.from({ length: 41 }, (_, t) => [unit * (t % 5)]),
  });
  it.each<[string, SeriesGiven, string]>([
    ["missing values alone", Array.from({ length: 40 }, () => null), "known values"],
    ["one variable of two", wave(1).map((value) => [value, NaN]), "of variable 1"],
    ["too large", wave(1e100), "at most 1e+30"],
    ["too small", wave(1e-100), "at least 1e-20"],
    ["covariates too large", known(1e100), "covariates of at most"],
    ["covariates too small", known(1e-100), "at least 1e-20"],
  ])("%s", (_, series, expected) => {
    expect(() => SeriesForecaster.build([series])).toThrow(OptionError);
    expect(() => SeriesForecaster.build([series])).toThrow(expected);
  });

  it("by fit, too", async () => {
    const ready = SeriesForecaster.build([wave(1)]);
    await expect(ready.fit([wave(1).fill(NaN)], { steps: 1 })).rejects.toThrow("known values");
  });

  it("not what is small or large as such", async () => {
    for (const unit of [1e-19, 1e28]) {
      const small = await trained([wave(unit)], {}, { steps: 1 });
      const [point] = small.predict(wave(unit)).point;
      expect(point! / unit).toBeGreaterThan(0);
      expect(point! / unit).toBeLessThan(4);
    }
  });
});

test("a backtest from before the first season is over asks the last value for what is missing", async () => {
  const { details } = await model.backtest([SERIES.slice(0, 12)], { from: 1 });
  expect(details.baselines.seasonalNaive!.values).toBe(details.values);
  expect(Object.keys(details.baselines)).toEqual(["lastValue", "seasonalNaive", "drift"]);
  // A month of which nothing is ever known.
  const holes = SERIES.slice(0, 60).map((value, t) => (t % 4 === 2 ? NaN : value));
  expect((await model.backtest([holes], { from: 40 })).details.values).toBeGreaterThan(0);
});

test("a backtest leaves out what has no known value before its first origin", async () => {
  const late = SERIES.slice(0, 60).map((value, t) => (t < 50 ? NaN : value));
  const { details } = await model.backtest([SERIES.slice(0, 60), late], { from: 40 });
  expect(details.leftOut).toBe(1);
});

test("a stream of logarithms refuses what has none", async () => {
  const logs = await trained([SERIES.slice(0, 60)], { log: true }, { steps: 1 });
  const stream = logs.stream();
  expect(() => stream.push(-2)).toThrow("values above 0, of which logarithms are taken, got -2");
  stream.dispose();
});

test("a stream of several variables takes a list", async () => {
  const pairs = SERIES.slice(0, 60).map((value) => [value, -value]);
  const two = await trained([pairs], {}, { steps: 1 });
  const stream = two.stream();
  expect(() => stream.push(5)).toThrow("expected 2 numbers, in a list, got 1");
  expect(stream.push([5, -5]).point.length).toBe(8);
  stream.dispose();
});

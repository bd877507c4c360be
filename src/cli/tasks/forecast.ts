// Series in tables: what comes next, and how sure that is.
import { Fingerprint } from "../../core/fingerprint.js";
import { definedOnly } from "../../core/check.js";
import { flag, whole, type OptionTable } from "../../core/options.js";
import { scoresText } from "../../metrics/metric.js";
import type { ForecastDetails } from "../../models/forecaster/backtest.js";
import {
  BUILD_FORECASTER_OPTIONS,
  FORECASTER_FIT_OPTIONS,
  type ForecastScores,
} from "../../models/forecaster/options.js";
import { SeriesForecaster } from "../../models/forecaster/series-forecaster.js";
import { readText } from "../../platform/node/text.js";
import { counted } from "../counted.js";
import { withPlaces } from "../data/example-files.js";
import { nextTimes, notesOnSeason, notesOnTimes } from "../data/next-times.js";
import { PLOT, PLOT_AHEAD, writePlot } from "../data/forecast-plot.js";
import { readTableSeries, SERIES_READING, type TableSeries } from "../data/series-files.js";
import { defineTask, type Given, type Part } from "../task.js";
import { UsageError } from "../usage.js";

type Source = readonly TableSeries[];

const BACKTEST = whole(
  1,
  undefined,
  "origins at the end of each series from which it is scored: it learns what comes before them (default: none)",
);

async function read(file: string, given: Given): Promise<Source> {
  return readTableSeries(
    readText(file, { encoding: (given.encoding as string) ?? "utf-8" }),
    file,
    given,
  );
}

function part(name: string, source: Source): Part<Source> {
  const print = new Fingerprint();
  print.add(JSON.stringify(source));
  const where = (number: number) => {
    const { name: series } = source[number]!;
    return Promise.resolve(series === undefined ? name : `${name}, series ${series}`);
  };
  return { source, name, fingerprint: String(print), where };
}

/** Of the first series that has some: what is odd in one is so in many. */
function firstNotes(source: Source, notesOn: (series: TableSeries) => string[]): string[] {
  for (const series of source) {
    const notes = notesOn(series);
    const { name } = series;
    if (notes.length > 0)
      return name === undefined ? notes : notes.map((note) => `series ${name}: ${note}`);
  }
  return [];
}

/** What is learnt where the end is kept to be forecast. */
function learntOf(source: Source, given: Given): Source {
  const { backtest, horizon = 1 } = given as { backtest?: number; horizon?: number };
  if (backtest === undefined) return source;
  const before = ({ values }: TableSeries) => values.length - backtest - horizon + 1;
  const longest = Math.max(...source.map(before));
  if (longest < 2)
    throw new UsageError({
      op: "--backtest",
      expected: `${source.length > 1 ? "some series" : "a series"} longer than ${backtest + horizon} steps, for ${counted(backtest, "origin")} with a horizon of ${horizon}`,
      got: `${longest + backtest + horizon - 1} steps${source.length > 1 ? " in the longest" : ""}`,
    });
  // A series that is too short is not scored: all of it is learnt.
  return source.map((series) =>
    before(series) < 1 ? series : { ...series, values: series.values.slice(0, before(series)) },
  );
}

export const forecast = defineTask<Source, SeriesForecaster>({
  name: "forecast",
  noun: "forecaster",
  kind: "series-forecaster",
  summary: "numbers over time: forecasts with intervals, for one series or many",
  description:
    "Learn to forecast series of numbers, with intervals, from a table with a row for each step.",
  help: `Examples:
  hiddenstate train --task forecast --train passengers.csv --time month --target passengers --horizon 12 --season 12
  hiddenstate train --task forecast --train passengers.csv --time month --target passengers --horizon 12 --season 12 --backtest 24
  hiddenstate train --task forecast --train sales.csv --time day --series shop --target sold --covariates price,holiday --horizon 14 --season 7
  hiddenstate predict --model forecast.safetensors < passengers.csv > forecast.csv

A table is CSV with a header: a row for each step of a series, in the order of time; a value that is missing is left empty, or
NA, NaN, null, - or ?. Numbers have a point before decimals, nothing between thousands, and no unit. Rows at the end without values say the
covariates of what is to come. With --backtest a series that is too short for it is learnt, and not scored.
--plot forecast.html draws the series with the forecast and, beside --backtest, those before: open it in a browser.
--backtest N scores forecasts from the last N origins, each from all that came before it, beside the last value, the value of a
season ago and the line from first to last; the last line of the output is JSON: modelFile, mase, naive (the MASE of the seasonal
naive forecast, or of the last value without a season), rmse, mae, smape, crps, coverage, baselines.`,
  reading: SERIES_READING,
  model: BUILD_FORECASTER_OPTIONS,
  training: FORECASTER_FIT_OPTIONS,
  data: { backtest: BACKTEST },
  other: PLOT,

  check({ backtest, test, valid }) {
    if (valid !== undefined)
      throw new UsageError({
        op: "train",
        expected: "--held-out, the share of each series that decides which weights are kept",
        got: "--valid",
      });
    if (backtest !== undefined && test !== undefined)
      throw new UsageError({ op: "train", expected: "--backtest or --test", got: "both" });
  },

  async parts(given) {
    const { train, test } = given as Record<string, string | undefined>;
    if (train === undefined)
      throw new UsageError({ op: "train", expected: "--train FILE", got: "none" });
    const source = await read(train, given);
    const learnt = learntOf(source, given);
    const steps = learnt.reduce((sum, { values }) => sum + values.length, 0);
    const kept = given.backtest as number | undefined;
    return {
      train: part(train, learnt),
      valid: undefined,
      test:
        kept !== undefined
          ? part(`the last ${counted(kept, "origin")} of ${train}`, source)
          : test === undefined
            ? undefined
            : part(test, await read(test, given)),
      summary: `${learnt.length} series, ${counted(steps, "step")} to learn from`,
    };
  },

  read: async (file, given, { notes: { data = {} } }) =>
    part(file, await read(file, { ...data, ...given })),

  examine: ({ options: { season } }, { source }, training) =>
    Promise.resolve(
      firstNotes(source, ({ times }) => [
        ...notesOnTimes(times),
        ...(training && season === 1 ? notesOnSeason(times) : []),
      ]),
    ),
  lengthUnit: () => "step",

  build: ({ train }, given) => withPlaces(train, () => SeriesForecaster.build(train.source, given)),
  load: (bytes) => SeriesForecaster.load(bytes),
  progress: ({ batchSize }) => ({ items: batchSize, unit: "piece" }),

  evaluation: {
    options: { backtest: BACKTEST },
    endsWithJson: true,
    run: (model, source, { backtest }) =>
      model.backtest(source, definedOnly({ origins: backtest as number | undefined })),
  },
  report: ({ scores, details }, { metrics }) => {
    const { coverage, values, leftOut, baselines } = details as ForecastDetails;
    const lines = Object.entries(baselines).map(
      ([name, one]) =>
        `${NAMES[name as keyof typeof NAMES]}: ${scoresText(metrics, one.scores)}; ${percent(one.coverage)} in the 80 % intervals`,
    );
    const short = leftOut > 0 ? `; ${leftOut} series too short for it are left out` : "";
    const own = `${scoresText(metrics, scores)}; ${percent(coverage)} of ${values} values in the 80 % intervals${short}`;
    return [own, ...lines].join("\n");
  },
  details: ({ details }) => {
    const { coverage, leftOut, baselines } = details as ForecastDetails;
    return { coverage, leftOut, ...naive(details as ForecastDetails), baselines };
  },
  // They are in the report.
  baseline: () => undefined,

  async finish({ modelFile, test, model, parts, given }) {
    const { plot, backtest } = given as { plot?: string; backtest?: number };
    const whole = (backtest === undefined ? parts.train : parts.test!).source as Source;
    if (plot !== undefined) await writePlot(plot, model, whole, backtest);
    return {
      modelFile,
      ...(plot !== undefined && { plotFile: plot }),
      ...(test && {
        ...(test.evaluation.scores as ForecastScores),
        coverage: (test.evaluation.details as ForecastDetails).coverage,
        ...naive(test.evaluation.details as ForecastDetails),
        baselines: (test.evaluation.details as ForecastDetails).baselines,
      }),
    };
  },

  predict: {
    options: { ...pickReading(), ...PLOT_AHEAD, json: flag(false, "an object for each series") },
    help: "  forecast     CSV: a row for each step ahead of each series, with the quantiles 0.1 to 0.9",
    async *lines(model, source, given) {
      const { plot, json, ...how } = given as { plot?: string; json?: boolean };
      const reading: Given = { ...(model.notes.data ?? {}), ...how };
      const all = await readTableSeries(source, "standard input", reading);
      checkAhead(all, model, reading);
      if (plot !== undefined) await writePlot(plot, model, all);
      if (json) return yield* all.map((one) => JSON.stringify(objectOf(model, one)));
      const { horizon } = model.options;
      const { targets } = all[0]!;
      const named = all[0]!.name !== undefined;
      yield [
        ...(named ? ["series"] : []),
        ...["time", "target", "point"],
        ...model.predict(all[0]!).levels.map(String),
      ].join(",");
      for (const series of all) {
        const { point, quantiles } = model.predict(series);
        const times = timesAhead(series, horizon);
        for (let step = 0; step < horizon; step++)
          for (const [column, target] of targets.entries()) {
            const cell = step * targets.length + column;
            yield [
              ...(named ? [csvValue(series.name!)] : []),
              ...[csvValue(times[step]!), csvValue(target), String(point[cell])],
              ...quantiles.map((list) => String(list[cell])),
            ].join(",");
          }
      }
    },
  },
});

/** @throws UsageError where the table does not tell the covariates to come */
function checkAhead(
  all: readonly TableSeries[],
  { options: { horizon } }: SeriesForecaster,
  { covariates }: Given,
): void {
  for (const { name, values, covariates: known, targets } of all) {
    if (!known || known.length >= values.length + horizon) continue;
    throw new UsageError({
      op: "predict",
      expected: `${counted(horizon, "row")} behind the last value${name === undefined ? "" : ` of ${name}`}, with the covariates of what is to come (${String(covariates)})`,
      got: String(known.length - values.length),
      cure: `Add rows whose ${targets.join(" and ")} ${targets.length > 1 ? "are" : "is"} empty.`,
    });
  }
}

/** The times of the steps to come: of the table, or as they go on. */
function timesAhead({ values, times }: TableSeries, horizon: number): string[] {
  const known = times.slice(values.length, values.length + horizon);
  const before = times.slice(0, values.length + known.length);
  return [...known, ...nextTimes(before, horizon - known.length)];
}

/** A forecast with everything that is known of it: quantiles by their levels, a list of steps for each variable. */
function objectOf(model: SeriesForecaster, series: TableSeries): object {
  const { levels, quantiles, point, lower, upper } = model.predict(series);
  const { targets, name } = series;
  const of = (list: Float64Array, column: number) =>
    [...list].filter((_, cell) => cell % targets.length === column);
  return {
    ...(name !== undefined && { series: name }),
    times: timesAhead(series, model.options.horizon),
    targets: Object.fromEntries(
      targets.map((target, column) => [
        target,
        {
          point: of(point, column),
          lower: of(lower, column),
          upper: of(upper, column),
          quantiles: Object.fromEntries(
            levels.map((level, i) => [level, of(quantiles[i]!, column)]),
          ),
        },
      ]),
    ),
  };
}

function pickReading(): OptionTable {
  const { encoding: _, ...reading } = SERIES_READING;
  return reading;
}

const NAMES = {
  lastValue: "The last value",
  seasonalNaive: "A season ago",
  drift: "The line from first to last",
} as const;

/** The MASE of the forecast that every other is measured by. */
function naive({ baselines }: ForecastDetails): { naive: number } {
  return { naive: (baselines.seasonalNaive ?? baselines.lastValue!).scores.mase };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** A value that holds what has a meaning in CSV, in quotes. */
function csvValue(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

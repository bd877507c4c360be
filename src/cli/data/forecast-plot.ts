// What was forecast of the series of a table, as a page.
import { definedOnly } from "../../core/check.js";
import { text, type OptionTable } from "../../core/options.js";
import { forecastPage, type PlottedForecast } from "../../inspect/forecast-page.js";
import type { Forecast } from "../../models/forecaster/forecast.js";
import type { SeriesForecaster } from "../../models/forecaster/series-forecaster.js";
import { writeBytes } from "../../platform/node/files.js";
import { counted } from "../counted.js";
import { nextTimes } from "./next-times.js";
import type { TableSeries } from "./series-files.js";

const page = (help: string): OptionTable => ({
  plot: { ...text(undefined, help), form: "a file" },
});

/** Of a training, and of a prediction, which has no backtest. */
export const PLOT = page(
  "a page of the series, the forecast and, with --backtest, those before (default: none)",
);
export const PLOT_AHEAD = page("forecast: a page of the series and the forecast (default: none)");

/** Lines of a backtest that can be told apart. */
const MOST_LINES = 24;

/**
 * Writes the page: the forecast from the end of each series, and those of a backtest.
 *
 * @param origins of the backtest; undefined: there was none
 */
export async function writePlot(
  file: string,
  model: SeriesForecaster,
  all: readonly TableSeries[],
  origins?: number,
): Promise<void> {
  const backtests = await backtestsOf(model, all, origins);
  const series = all.flatMap((one, place) =>
    one.targets.map((target, column) => {
      const { values, times, name } = one;
      const pick = (forecast: Forecast, from: number): PlottedForecast =>
        columnOf(forecast, from, column, one.targets.length);
      const titled = [name, one.targets.length > 1 ? target : undefined].filter((part) => part);
      return {
        name: titled.join(", ") || target,
        values: values.map((step) => step[column]!),
        times: timesOf(times, values.length, model.options.horizon),
        ...definedOnly({ forecast: forecastOf(model, one, pick) }),
        backtests: backtests
          .filter(({ series }) => series === place)
          .map(({ forecast, from }) => pick(forecast, from)),
      };
    }),
  );
  const ahead = `${counted(model.options.horizon, "step")} ahead`;
  const before = `from ${origins} origins before, each from what had come by then`;
  const unknown = series.some(({ forecast }) => forecast === undefined)
    ? " Where the table does not tell the covariates to come, nothing is forecast behind its end."
    : "";
  const page = forecastPage(series, {
    title: `Forecast of ${all[0]!.targets.join(", ")}`,
    description: `${ahead}${origins === undefined ? "" : `; and ${before}`}.${unknown}`,
  });
  await writeBytes(file, new TextEncoder().encode(page));
}

/** None where the table does not tell the covariates to come. */
function forecastOf(
  model: SeriesForecaster,
  series: TableSeries,
  pick: (forecast: Forecast, from: number) => PlottedForecast,
): PlottedForecast | undefined {
  const { values, covariates } = series;
  if (covariates && covariates.length < values.length + model.options.horizon) return undefined;
  return pick(model.predict(series), values.length);
}

/** The times of the steps, and of those ahead; none where the table has none. */
function timesOf(times: readonly string[], known: number, horizon: number): readonly string[] {
  if (times.length === 0) return [];
  const missing = known + horizon - times.length;
  return missing > 0 ? [...times, ...nextTimes(times, missing)] : times;
}

async function backtestsOf(
  model: SeriesForecaster,
  all: readonly TableSeries[],
  origins: number | undefined,
): Promise<{ series: number; from: number; forecast: Forecast }[]> {
  if (origins === undefined) return [];
  const found: { series: number; from: number; forecast: Forecast }[] = [];
  await model.backtest(all, { origins, onForecast: (one) => void found.push(one) });
  const every = Math.ceil(origins / MOST_LINES);
  return found.filter((_, i) => i % every === 0);
}

function columnOf(
  { point, lower, upper }: Forecast,
  from: number,
  column: number,
  targets: number,
): PlottedForecast {
  const [middle, low, high] = [point, lower, upper].map((list) =>
    list.filter((_, cell) => cell % targets === column),
  );
  return { from, point: middle!, lower: low!, upper: high! };
}

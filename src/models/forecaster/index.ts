export type { Forecast } from "./forecast.js";
export type {
  ForecasterFitExtra,
  ForecasterFitOptions,
  ForecasterOptions,
  ForecastScores,
} from "./options.js";
export type { ForecastBaseline, RollingScores } from "./rolling-scores.js";
export type { ForecastSeries, SeriesGiven } from "./series.js";
export type { ForecasterStream } from "./stream.js";
export type { BacktestOptions } from "./origins.js";
export type { ForecastDetails } from "./backtest.js";
export { SeriesForecaster } from "./series-forecaster.js";

// What a forecaster is made of, and how it is trained.
import {
  byTheData,
  choice,
  flag,
  number,
  probability,
  whole,
  withDefaults,
  type OptionTable,
  type Settings,
} from "../../core/options.js";
import { LOSS, type Metrics } from "../../metrics/metric.js";
import { FIT_OPTIONS, type FitOptions } from "../kit/fit-options.js";
import { OF_A_RUN } from "../kit/run-length.js";

export interface ForecasterOptions {
  /** Steps ahead that are forecast, all at once. Default 1. */
  horizon?: number | undefined;
  /** Steps of a season: 12 for months, 7 for days, 24 for hours. Default 1: none. */
  season?: number | undefined;
  /**
   * What is said of each step: a normal distribution (`"gaussian"`), Student's t, for which outliers are less of a surprise
   * (`"studentT"`, Salinas et al. 2017), the quantiles 0.1 to 0.9 (`"quantiles"`, Wen et al. 2017), or a number (`"point"`), whose
   * intervals are those of the errors on held-out steps. Default `"gaussian"`.
   */
  output?: "gaussian" | "studentT" | "quantiles" | "point" | undefined;
  /**
   * How steps ahead come about. `"direct"`: all at once, from what was read. `"recursive"`: one step is said, and what is drawn from it is read
   * as the next, on 100 paths (DeepAR, Salinas et al. 2017); without a distribution its mean. `"seq2seq"`: a decoder goes over the steps
   * ahead, and reads their covariates. Default `"direct"`.
   */
  head?: "direct" | "recursive" | "seq2seq" | undefined;
  /**
   * What forecasts are counted from: the last value, that of a season ago, that and what has changed since (`"seasonAndChange"`), or
   * the mean. Default `"last"`; `SeriesForecaster.build`: the one that is nearest in the data.
   */
  reference?: "last" | "season" | "seasonAndChange" | "mean" | undefined;
  /** Whether values are logarithms, for what grows by percents; they must be above 0. Default false; `build`: by the data. */
  log?: boolean | undefined;
  /**
   * Whether the height of the series is read, beside its changes: not for what has a trend, whose later heights were never seen.
   * Default true; `build`: by the data.
   */
  level?: boolean | undefined;
  /**
   * Whose mean and standard deviation scale a series: those of all training series (`"all"`), or its own, of the part that is
   * known (`"series"`). Default `"all"`; `build`: `"series"` for several.
   */
  scaling?: "all" | "series" | undefined;
  /** The cell. Default `"lstm"`. */
  cell?: "lstm" | "gru" | undefined;
  /** Size of the recurrent state. Default 32. */
  hiddenSize?: number | undefined;
  /** Recurrent layers. Default 1. */
  numLayers?: number | undefined;
  /** Probability of dropping, in training: between layers, and before the output. Default 0; `build`: by the data. */
  dropout?: number | undefined;
}

export type ForecasterSettings = Settings<ForecasterOptions>;

export const FORECASTER_OPTIONS: OptionTable<ForecasterOptions> = {
  horizon: whole(1, 1, "steps ahead that are forecast"),
  season: whole(1, 1, "steps of a season: 12 for months, 7 for days; 1: none"),
  output: choice(
    ["gaussian", "studentT", "quantiles", "point"],
    "gaussian",
    "what is said of each step",
  ),
  head: choice(
    ["direct", "recursive", "seq2seq"],
    "direct",
    "how steps ahead come about: all at once, one from another, by a decoder",
  ),
  reference: choice(
    ["last", "season", "seasonAndChange", "mean"],
    "last",
    "what forecasts are counted from",
  ),
  log: flag(false, "take logarithms: for what grows by percents"),
  level: flag(true, "read the changes of a series only, not its height: for trends"),
  scaling: choice(["all", "series"], "all", "whose mean and deviation scale a series"),
  cell: choice(["lstm", "gru"], "lstm", "the recurrent cell"),
  hiddenSize: whole(1, 32, "size of the recurrent state"),
  numLayers: whole(1, 1, "recurrent layers"),
  dropout: probability(0, "share of values dropped in training"),
};

/** What the data decide where `SeriesForecaster.build` is not told. */
export const BUILD_FORECASTER_OPTIONS: OptionTable<ForecasterOptions> = byTheData(
  FORECASTER_OPTIONS,
  ["reference", "log", "level", "scaling", "dropout"],
);

/** What else the training of a forecaster has. */
export interface ForecasterFitExtra {
  /**
   * Share of each series, its end, that is not learnt but decides which weights are kept, and how wide intervals are. Default:
   * 0.2, or 0 where too little would be left.
   */
  heldOut?: number | undefined;
  /** Steps of a series that are read at once; longer series are cut, elsewhere each time. Default: by the data. */
  sequenceLength?: number | undefined;
}

/** Errors of forecasts, over all origins, steps and series. */
export type ForecastScores = {
  /** CRPS over the quantiles 0.1 to 0.9, in units of the mean error of the seasonal naive forecast, as `mase`. */
  readonly scaledCrps: number;
  /**
   * The mean absolute error of the median in units of that of the seasonal naive forecast within the part known first; of a
   * series that repeats itself there, of the change from step to step, and of one that never changes in its own units.
   */
  readonly mase: number;
  readonly mae: number;
  readonly rmse: number;
  /** From 0 to 2. */
  readonly smape: number;
  /** CRPS in the units of the series. */
  readonly crps: number;
};

export const FORECAST_METRICS: Metrics<ForecastScores> = {
  scaledCrps: LOSS,
  mase: LOSS,
  mae: LOSS,
  rmse: LOSS,
  smape: LOSS,
  crps: LOSS,
};

/**
 * Options of `SeriesForecaster.fit`. `batchSize` is in series, or pieces of them. The size of the data chooses how long it learns,
 * and the held-out ends of the series when it stops.
 */
export interface ForecasterFitOptions extends FitOptions<ForecastScores>, ForecasterFitExtra {}

const { bufferSize: _, ...OF_SERIES } = FIT_OPTIONS;

export const FORECASTER_FIT_OPTIONS = {
  ...withDefaults(byTheData(OF_SERIES as OptionTable<FitOptions<ForecastScores>>, [...OF_A_RUN]), {
    maxNorm: 1,
    weightDecay: 0.01,
  }),
  heldOut: number(
    { least: 0, below: 1 },
    undefined,
    "share of each series, its end, that decides which weights are kept (default: 0.2; 0 of short ones)",
  ),
  sequenceLength: whole(
    2,
    undefined,
    "steps of a series that are read at once (default: by the data)",
  ),
} as unknown as OptionTable<FitOptions<ForecastScores>> & OptionTable<ForecasterFitExtra>;

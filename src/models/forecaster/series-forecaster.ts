// Forecasts of series: what comes, how sure that is, and how good such forecasts have been.
import { checkCall } from "../../core/check.js";
import { checkIterable, checkRecord } from "../../core/check-like.js";
import { OptionError } from "../../core/errors.js";
import { Fingerprint } from "../../core/fingerprint.js";
import { cannotTrain } from "../../core/inference.js";
import { checkOptions, readOptions } from "../../core/options.js";
import { inPlace } from "../../data/examples.js";
import { mul } from "../../ops/arithmetic.js";
import { sum } from "../../ops/reduce.js";
import { cutEvenly } from "../../parallel/shards.js";
import type { Replica } from "../../parallel/shard-runner.js";
import { tensor } from "../../tensor/create.js";
import type { FitResult } from "../kit/fit-options.js";
import { loadModel } from "../kit/model-file.js";
import { ReadyModel, type Evaluation } from "../kit/ready-model.js";
import type { MeanLoss } from "../kit/task-types.js";
import { backtestOf, type ForecastDetails } from "./backtest.js";
import {
  checkAboveZero,
  checkLearnable,
  checkTogether,
  printOf,
  readAll,
  refuseNaN,
} from "./check-series.js";
import { chooseFit, chooseSequenceLength } from "./defaults.js";
import { emptyForecast, type Forecast } from "./forecast.js";
import { foundIn } from "./found-in.js";
import { makeHead, type Head } from "./heads.js";
import { heldOutOf } from "./held-out.js";
import { asNumbers, checkMade, type MadeOf } from "./made-of.js";
import { aimOf, inputOf } from "./network-input.js";
import { openStream } from "./open-stream.js";
import {
  BUILD_FORECASTER_OPTIONS,
  FORECAST_METRICS,
  FORECASTER_FIT_OPTIONS,
  FORECASTER_OPTIONS,
  type ForecasterFitExtra,
  type ForecasterFitOptions,
  type ForecasterOptions,
  type ForecasterSettings,
  type ForecastScores,
} from "./options.js";
import { defaultHeldOut, type BacktestOptions } from "./origins.js";
import { OUTPUTS } from "./outputs.js";
import { prepare, type Preparation } from "./prepared.js";
import type { Height } from "./scaling.js";
import { scoreForecasts, wideningFor, type Sizes } from "./scored.js";
import { readSeries, type ReadSeries, type SeriesGiven, type SeriesShape } from "./series.js";
import type { ForecasterStream } from "./stream.js";
import { AS_SAID, type Widening } from "./widening.js";
import {
  countPieces,
  placesOf,
  SeriesPieces,
  type Learnt,
  type Piece,
  type PiecePlace,
} from "./windows.js";

const NAME = "SeriesForecaster";
const KIND = {
  ...{ name: NAME, kind: "series-forecaster", version: 1 },
  fitOptions: FORECASTER_FIT_OPTIONS,
  chooseFit,
};

/**
 * Forecasts of one series or of many: recurrent layers read a series step by step, and at each step a distribution is said for each
 * of the steps ahead, counted from the last value or that of a season ago. What scales the series is fitted on what is learnt
 * from.
 *
 * @example
 * ```ts
 * const sales = Array.from({ length: 120 }, (_, t) => 100 + t + 20 * ((t % 12) / 11));
 * const model = SeriesForecaster.build([sales], { horizon: 12, season: 12 });
 * await model.fit([sales], { epochs: 20 });
 * const { point, lower, upper } = model.predict(sales);
 * point.length; // 12
 * lower[0]! < upper[0]!; // true
 * ```
 */
export class SeriesForecaster extends ReadyModel<
  readonly SeriesGiven[],
  ForecastScores,
  ForecastDetails,
  ForecasterFitExtra
> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = NAME;
  readonly options: ForecasterSettings;
  /** Variables that are forecast, and what is known beside them. */
  readonly shape: SeriesShape;
  readonly network: Head["network"];
  /** What the distances of quantiles from the median are multiplied with, so that intervals cover held-out steps. */
  widening: Widening;
  readonly #preparation: Preparation;
  readonly #head: Head;

  /**
   * From what `build` found in series, and `load` in a file.
   *
   * @param made numbers that scale series among it
   */
  constructor(made: MadeOf, options: ForecasterOptions = {}) {
    checkCall(NAME, arguments, "made:object options?:object");
    checkMade(NAME, made);
    super();
    this.options = readOptions<ForecasterOptions>(NAME, FORECASTER_OPTIONS, options);
    checkTogether(NAME, this.options);
    const { shape, gaps, scaling, widening = AS_SAID } = made;
    this.shape = shape;
    this.widening = widening;
    this.#preparation = { ...shape, gaps, scaling: asNumbers(scaling), options: this.options };
    this.#head = makeHead(this.#preparation);
    this.network = this.#head.network;
  }

  protected override get kind(): typeof KIND {
    return KIND;
  }
  override readonly metrics = FORECAST_METRICS;

  /**
   * A model, not trained yet, for series: what scales them is fitted here, so give what is learnt from, not what it is tested on.
   *
   * @throws OptionError for series that are too short or cannot be read, with their place; for options that do not fit together;
   *   BackendError in `hiddenstate/infer`, which does not train
   */
  static build(series: Iterable<SeriesGiven>, options: ForecasterOptions = {}): SeriesForecaster {
    const op = `${NAME}.build`;
    if (!TRAINING) throw cannotTrain(op);
    checkCall(op, arguments, "series options?:object");
    checkOptions(op, BUILD_FORECASTER_OPTIONS, options);
    const { made, settings, notes } = foundIn(op, series, options);
    const model = new SeriesForecaster(made, settings);
    model.notes = notes;
    return model;
  }

  /**
   * Trains on series, from all steps of each but the held-out end. At the end the model has the weights that forecast the held-out
   * ends best.
   *
   * @throws OptionError for a series that it cannot read, with its place; NumericError where the loss is not finite; the signal's
   *   reason; BackendError in `hiddenstate/infer`, which does not train
   */
  override async fit(
    series: Iterable<SeriesGiven>,
    options: ForecasterFitOptions = {},
  ): Promise<FitResult<ForecastScores>> {
    const op = `${NAME}.fit`;
    if (!TRAINING) throw cannotTrain(op);
    checkCall(op, arguments, "series options?:object");
    checkRecord(op, "options in an object", options);
    return this.alone_(op, () => this.#fit(op, readAll(op, series, this.shape), options));
  }

  async #fit(
    op: string,
    all: readonly ReadSeries[],
    given: ForecasterFitOptions,
  ): Promise<FitResult<ForecastScores>> {
    checkOptions(op, FORECASTER_FIT_OPTIONS, given);
    if (this.options.log) checkAboveZero(op, all);
    checkLearnable(op, all, this.options.log);
    const share = given.heldOut ?? defaultHeldOut(all, this.options);
    const { learnt, scored, longest } = heldOutOf(op, all, this.#preparation, share);
    const time = given.sequenceLength ?? chooseSequenceLength(longest, this.options);
    const validated = scored.length > 0;
    const data = {
      examples: countPieces(learnt, time),
      length: learnt.reduce((sum, { end }) => sum + end, 0),
      validated,
      validationLength: all.reduce((sum, { steps }, i) => sum + steps - learnt[i]!.end, 0),
      data: { training: printOf(all), validation: validated ? String(share) : null },
    };
    const result = await this.train_<Piece[]>(op, given, data, ({ batchSize }) => {
      const batches = new SeriesPieces(learnt, { batch: batchSize, time });
      return {
        batches,
        stepsPerEpoch: batches.length,
        loss: (pieces) => this.#lossOf(pieces).loss,
        sharded: {
          begin: learnt,
          local: this.replica_(learnt),
          split: (pieces, shards) => cutEvenly(placesOf(pieces, learnt), shards),
        },
        validate: validated
          ? async () => (await scoreForecasts(this.#head, scored, this.#sizes, AS_SAID)).scores
          : undefined,
      };
    });
    this.widening = validated ? wideningFor(this.#head, scored, this.#sizes) : AS_SAID;
    return result;
  }

  /** Mean loss over all steps of pieces and all steps ahead of each, of which what comes is known and learnt. */
  #lossOf(pieces: readonly Piece[]): MeanLoss {
    const { preparation } = this.#head;
    const { x, ahead, lengths } = inputOf(pieces, preparation);
    const { values, counts } = aimOf(pieces, preparation);
    const out = this.network.forward(x, ahead, lengths);
    const losses = OUTPUTS[this.options.output].loss(out, tensor(values));
    const count = counts.reduce((total, one) => total + one, 0);
    return { loss: mul(sum(mul(losses, tensor(counts))), 1 / Math.max(1, count)), count };
  }

  /** @internal */
  override replica_(begin: unknown): Replica {
    const series = begin as readonly Learnt[];
    const loss = (places: readonly PiecePlace[]) =>
      this.#lossOf(places.map(({ series: i, ...place }) => ({ ...series[i]!, ...place })));
    return { model: this, loss };
  }

  get #sizes(): Sizes {
    return { horizon: this.options.horizon, targets: this.shape.targets };
  }

  /**
   * Scores forecasts of series from one origin after another, each from all that came before it, without learning anew; beside
   * them the last value, the seasonal naive forecast and the drift.
   *
   * @throws OptionError for a series that it cannot read, with its place, and where all are too short; those that are are left out
   */
  async backtest(
    series: Iterable<SeriesGiven>,
    options: BacktestOptions = {},
  ): Promise<Evaluation<ForecastScores, ForecastDetails>> {
    const op = `${NAME}.backtest`;
    checkCall(
      op,
      arguments,
      "series {from:number origins:number stride:number onForecast:function}",
    );
    return this.#backtest(op, series, options);
  }

  /** {@link backtest} over the last third of each series. */
  override async evaluate(
    series: Iterable<SeriesGiven>,
  ): Promise<Evaluation<ForecastScores, ForecastDetails>> {
    const op = `${NAME}.evaluate`;
    checkCall(op, arguments, "series");
    return this.#backtest(op, series, {});
  }

  async #backtest(
    op: string,
    given: Iterable<SeriesGiven>,
    options: BacktestOptions,
  ): Promise<Evaluation<ForecastScores, ForecastDetails>> {
    const read = readAll(op, given, this.shape);
    return backtestOf(op, read, options, {
      head: this.#head,
      preparation: this.#preparation,
      widening: this.widening,
    });
  }

  /**
   * What is expected to come after a series.
   *
   * @param series what came; its covariates, where the model has some, of the steps to come too
   * @throws OptionError for a series that it cannot read; NumericError where the model's weights are not finite
   */
  predict(series: SeriesGiven): Forecast {
    const op = `${NAME}.predict`;
    checkCall(op, arguments, "series:object|list");
    return this.#predict(op, readSeries(op, series, this.shape, this.options.horizon));
  }

  /** What comes after each of many series, in their order. */
  predictBatch(series: Iterable<SeriesGiven>): Forecast[] {
    const op = `${NAME}.predictBatch`;
    checkCall(op, arguments, "series");
    checkIterable(op, "a list of series", series);
    const read = Array.from(series, (one, place) =>
      inPlace("series", place, () => readSeries(op, one, this.shape, this.options.horizon)),
    );
    return read.map((one) => this.#predict(op, one));
  }

  #predict(op: string, series: ReadSeries): Forecast {
    if (series.steps === 0)
      throw new OptionError({ op, expected: "a series of at least one step", got: "none" });
    if (this.options.log) checkAboveZero(op, [series]);
    const prepared = prepare(series, this.#preparation);
    const forecast = emptyForecast(this.options.horizon * this.shape.targets);
    this.#head.read(prepared)(series.steps - 1, this.widening, forecast);
    refuseNaN(op, forecast.point[0]!);
    return forecast;
  }

  /**
   * The model on a series that goes on: one observation in, a forecast out, in the time of one step. The weights are those of the
   * moment.
   *
   * @param options.history what came already, with which it begins; needed where the series scales itself
   * @throws OptionError for a model with another head than "direct", or one whose series scale themselves, without a history
   */
  stream(options: { history?: SeriesGiven | undefined } = {}): ForecasterStream {
    const op = `${NAME}.stream`;
    checkCall(op, arguments, "{history:object|list}");
    const { history } = options;
    const read = history === undefined ? undefined : readSeries(op, history, this.shape);
    if (read && this.options.log) checkAboveZero(op, [read]);
    return openStream(op, {
      ...{ network: this.network, preparation: this.#preparation, widening: this.widening },
      ...{ history: read, printOf: (height) => this.#print(height) },
    });
  }

  #print(height: Height): string {
    const print = new Fingerprint();
    for (const [name, one] of this.stateDict()) {
      print.add(name);
      print.addData(one.data());
    }
    print.addData([this.describe(), [...height.mean], [...height.deviation]]);
    return String(print);
  }

  protected override describe() {
    const { gaps, scaling } = this.#preparation;
    const numbers = Object.fromEntries(
      Object.entries(scaling).map(([name, values]) => [name, [...(values as Float32Array)]]),
    );
    const { shape, widening } = this;
    return { options: this.options, made: { shape, gaps, scaling: numbers, widening } };
  }

  /**
   * The model that {@link save} wrote.
   *
   * @throws FormatError for a file that is damaged, or holds something else
   */
  static load(bytes: Uint8Array): SeriesForecaster {
    checkCall(`${NAME}.load`, arguments, "bytes:Uint8Array");
    return loadModel(
      bytes,
      KIND,
      ["options", "made"],
      ({ options, made }) => new SeriesForecaster(made as MadeOf, options as ForecasterOptions),
    );
  }
}

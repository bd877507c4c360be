// How a forecaster is made and trained where the options say nothing: by what its series are like.
import { exp, log } from "../../core/exp-log.js";
import type { FitOptions } from "../kit/fit-options.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
import { chooseRun, wholeWithin } from "../kit/run-length.js";
import type {
  ForecasterFitExtra,
  ForecasterOptions,
  ForecasterSettings,
  ForecastScores,
} from "./options.js";
import { heightOf, referenceAt, scaled } from "./scaling.js";
import type { ReadSeries, SeriesShape } from "./series.js";

/** Values that grow so many times are compared by their logarithms. */
const GROWTH = 4;
/** A series that has moved by so many of its deviations from its first third to its last has a trend. */
const TREND = 1;
/** Steps of fewer are learnt by heart. */
const FEW_STEPS = 2000;

/** Options of the model. */
export function chooseModel(
  series: readonly ReadSeries[],
  shape: SeriesShape,
  { horizon, season }: Pick<ForecasterSettings, "horizon" | "season">,
): ForecasterOptions {
  const logs = series.every(growsByShares) && logsAreNearer(series, shape, season);
  const scaling = series.length > 1 ? ("series" as const) : ("all" as const);
  const way = { horizon, season, log: logs, scaling };
  const steps = series.reduce((sum, one) => sum + one.steps, 0);
  return {
    log: logs,
    scaling,
    reference: nearestReference(series, shape, way),
    level: !series.some((one) => hasTrend(one, logs)),
    dropout: steps < FEW_STEPS ? 0.2 : 0,
  };
}

/** Whether all values are above 0, and the largest are many times the smallest. */
function growsByShares({ values }: ReadSeries): boolean {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return least > 0 && most >= GROWTH * least;
}

/**
 * Whether what comes is nearer to a season ago times the usual growth than to a season ago and the usual change, where these are of
 * the first two thirds and what comes is the last.
 */
function logsAreNearer(
  series: readonly ReadSeries[],
  { targets }: SeriesShape,
  season: number,
): boolean {
  let [byGrowth, byChange] = [0, 0];
  for (const { values, steps } of series)
    for (let column = 0; column < targets; column++) {
      const at = (t: number) => values[t * targets + column]!;
      const cut = Math.floor((2 * steps) / 3);
      let [growth, change, count] = [0, 0, 0];
      for (let t = season; t < cut; t++) {
        const [before, now] = [at(t - season), at(t)];
        if (Number.isNaN(now - before)) continue;
        growth += log(now / before);
        change += now - before;
        count++;
      }
      if (count === 0) continue;
      for (let t = Math.max(cut, season); t < steps; t++) {
        const [before, now] = [at(t - season), at(t)];
        if (Number.isNaN(now - before)) continue;
        byGrowth += Math.abs(now - before * exp(growth / count));
        byChange += Math.abs(now - before - change / count);
      }
    }
  return byGrowth < byChange;
}

function hasTrend({ values, targets, steps }: ReadSeries, logs: boolean): boolean {
  const third = Math.floor(steps / 3);
  if (third === 0) return false;
  const part = (from: number, to: number) =>
    heightOf(targets, [
      values.subarray(from * targets, to * targets).map((value) => (logs ? log(value) : value)),
    ]);
  const [first, whole, last] = [part(0, third), part(0, steps), part(steps - third, steps)];
  return [...first.mean.keys()].some(
    (column) =>
      Math.abs(last.mean[column]! - first.mean[column]!) > TREND * whole.deviation[column]!,
  );
}

/** What is nearest to what comes, over all steps ahead, but for what is always between them: that is learnt at once. */
function nearestReference(
  series: readonly ReadSeries[],
  { targets }: SeriesShape,
  way: Pick<ForecasterSettings, "horizon" | "season" | "log" | "scaling">,
): ForecasterSettings["reference"] {
  const { season, horizon } = way;
  const height = heightOf(
    targets,
    series.map(({ values }) => (way.log ? values.map(log) : values)),
  );
  const all = series.map((one) => scaled(one, height, { ...way, reference: "last" }));
  const spreadOf = (reference: ForecasterSettings["reference"]): number => {
    const cells = horizon * targets;
    const distances = all.map(({ z, known, steps }) => {
      const away = new Float64Array(Math.max(0, steps - season) * cells).fill(NaN);
      for (let t = season; t < steps; t++)
        for (let cell = 0; cell < cells && (t + 1) * targets + cell < z.length; cell++) {
          const place = (t + 1) * targets + cell;
          const [ahead, column] = [Math.floor(cell / targets) + 1, cell % targets];
          if (!known[place]) continue;
          const from = referenceAt(z, targets, column, t, ahead, { ...way, reference });
          away[(t - season) * cells + cell] = z[place]! - from;
        }
      return away;
    });
    return heightOf(cells, distances).deviation.reduce((sum, one) => sum + one, 0);
  };
  const candidates =
    season > 1
      ? (["last", "season", "seasonAndChange", "mean"] as const)
      : (["last", "mean"] as const);
  const spreads = candidates.map((reference) => ({ reference, spread: spreadOf(reference) }));
  return spreads.reduce((best, one) => (one.spread < best.spread ? one : best)).reference;
}

/** Steps of a series that are read at once, at most. */
const MOST_AT_ONCE = 256;

export function chooseSequenceLength(
  longest: number,
  { season, horizon }: ForecasterSettings,
): number {
  return Math.max(2, Math.min(longest, Math.max(MOST_AT_ONCE, 3 * season + horizon)));
}

/** Steps of a training that a small series needs. */
const STEPS = 600;

/** Options of its training. */
export function chooseFit(
  data: TrainingStatistics,
  given: FitOptions<ForecastScores> & ForecasterFitExtra,
): Partial<FitOptions<ForecastScores> & ForecasterFitExtra> {
  const batchSize = data.examples < 32 ? 8 : 32;
  const stepsPerEpoch = Math.ceil(data.examples / (given.batchSize ?? batchSize));
  const epochs = wholeWithin(STEPS / stepsPerEpoch, 10, STEPS);
  return {
    ...chooseRun(data, given, { epochs, batchSize }),
    ...(!given.optimizer && { learningRate: 1e-3 }),
  };
}

// How a run goes where the options say nothing: how long, how often it is scored, when it ends. The sizes of the data
// decide, never the clock, so that the same data give the same run.
import type { FitOptions } from "./fit-options.js";
import type { Scores } from "../../metrics/metric.js";
import type { TrainingStatistics } from "./ready-model.js";

/** The options that {@link chooseRun} chooses. */
export const OF_A_RUN = [
  "epochs",
  "batchSize",
  "learningRate",
  "schedule",
  "averageShare",
  "evaluateEvery",
  "patience",
  "patienceShare",
] as const;

/** Of all its time, about the share that a run spends on evaluations, at most. */
const EVALUATING = 0.15;
/** Scoring a word takes about this share of the time of learning from it. */
const SCORING = 0.3;
/** Evaluations of a run, at most and at least. */
const MOST = 40;
const LEAST = 12;
/** An epoch of fewer steps has one evaluation at most. */
const SHORT_EPOCH = 100;

/**
 * Length, steps and end of a run: rate and averages are such that any moment may be its last.
 *
 * @param sizes where the options name no other
 */
export function chooseRun<S extends Scores>(
  data: TrainingStatistics,
  given: FitOptions<S>,
  { epochs, batchSize }: { epochs: number; batchSize: number },
): Pick<FitOptions<S>, (typeof OF_A_RUN)[number]> {
  const stepsPerEpoch = Math.ceil(data.examples / (given.batchSize ?? batchSize));
  const steps = given.steps ?? (given.epochs ?? epochs) * stepsPerEpoch;
  const evaluateEvery = stepsBetween(data, steps, stepsPerEpoch);
  const every = given.evaluateEvery ?? evaluateEvery ?? stepsPerEpoch;
  const evaluations = Math.ceil(steps / every);
  const falls = given.schedule !== undefined && given.schedule !== "constant";
  // A rate that falls helps most at the end, and a run whose length was asked for has it.
  const endsEarly = !falls && given.steps === undefined && given.epochs === undefined;
  return {
    epochs,
    batchSize,
    ...(!given.optimizer && { learningRate: 2e-3 }),
    schedule: "constant",
    averageShare: 0.1,
    evaluateEvery,
    // Where evaluations are rare, five would be most of the run.
    ...(endsEarly && { patience: wholeWithin(evaluations / 4, 3, 5), patienceShare: 0.25 }),
  };
}

/** Steps between evaluations; undefined: an epoch. */
function stepsBetween(
  { length, validationLength = 0 }: TrainingStatistics,
  steps: number,
  stepsPerEpoch: number,
): number | undefined {
  const epochs = steps / stepsPerEpoch;
  const bearable = (EVALUATING * epochs * length) / (SCORING * Math.max(1, validationLength));
  const evaluations = Math.max(LEAST, Math.min(MOST, Math.floor(bearable)));
  const every = Math.max(Math.ceil(steps / evaluations), Math.min(stepsPerEpoch, SHORT_EPOCH));
  return every === stepsPerEpoch ? undefined : every;
}

/** The power of two nearest to a number, from one to another of them. */
export function nearestPower(value: number, least: number, most: number): number {
  let power = least;
  // Past √2 times a power, the next is nearer.
  while (power < most && value * value >= 2 * power * power) power *= 2;
  return power;
}

/** The whole number nearest to a number, from `least` to `most`. */
export function wholeWithin(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, Math.round(value)));
}

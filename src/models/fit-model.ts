// The training that every kind of task model shares: batches of like length, early stopping that goes back
// to the best weights, averaged weights, checkpoints that a run resumes from to the same bits.
import { checkChoice, checkCount, definedOnly } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { batches } from "../data/batches.js";
import { streamBatches } from "../data/stream-batches.js";
import type { Module } from "../nn/module.js";
import { AdamW } from "../optim/adam.js";
import type { Optimizer, OptimizerOptions } from "../optim/optimizer.js";
import type { Schedule } from "../optim/schedule.js";
import { CosineAnnealingLR, LinearLR } from "../optim/schedules.js";
import { WarmupLR } from "../optim/warmup.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { AveragedWeights } from "../train/averaged-weights.js";
import { BestWeights } from "../train/best-weights.js";
import { EarlyStopping } from "../train/early-stopping.js";
import { fit, type BatchSource, type StepReport } from "../train/fit.js";
import type { CheckpointOptions } from "../train/run-state.js";
import { numberOf, type Prepared } from "./examples.js";

/** How good a model is, by name: finite numbers. `loss` should fall, everything else rise. */
export type Scores = Readonly<Record<string, number>>;

/** What a kind of model brings to its training. */
export interface TrainingTask<Example, S extends Scores> {
  /** For errors: `"SequenceClassifier.fit"`. */
  readonly op: string;
  readonly model: Module;
  readonly examples: Prepared<Example>;
  /** By which examples are put together, so that little is padded. */
  length(example: Example): number;
  /** Mean loss of a batch, a scalar. */
  loss(batch: readonly Example[]): Tensor;
  /** The scores on the validation data; none, no scores. It draws no random numbers. */
  readonly validate: (() => S | Promise<S>) | undefined;
  /** The scores' names; the first decides where the options name none. */
  readonly metrics: readonly (keyof S & string)[];
}

export interface FitModelOptions<S extends Scores = Scores> {
  /** How often to go through the examples, at the most. Default 10. */
  epochs?: number;
  /** Examples in a batch. Default 32. */
  batchSize?: number;
  /** Of examples that stream: so many are held, and shuffled together. Default 100,000. */
  bufferSize?: number;
  /** Of AdamW. Default 0.001. */
  learningRate?: number;
  /** Of AdamW. Default 0. */
  weightDecay?: number;
  /** Instead of AdamW: makes the optimizer. */
  optimizer?: (parameters: Parameter[]) => Optimizer<OptimizerOptions>;
  /** What the learning rate does from the first step to the last of all epochs. Default `"linear"`: falls to 0. */
  schedule?: "constant" | "linear" | "cosine";
  /** The share of all steps in which the learning rate rises first. Default 0. */
  warmup?: number;
  /** Gradients are scaled to this joint norm at the most. Default 5. */
  maxNorm?: number;
  /** The score on the validation data that decides which weights are kept. */
  metric?: keyof S & string;
  /** Ends the run after so many epochs in a row without a better score. Default: never. */
  patience?: number;
  /**
   * Evaluates and keeps, instead of the weights, their mean over about so many epochs back
   * (`AveragedWeights`). Default 0: the weights themselves.
   */
  averageEpochs?: number;
  /** After each step. */
  onStep?: (report: StepReport) => void;
  /** After each epoch. */
  onEpoch?: (report: EpochScores<S>) => void;
  /** Ends the run: a checkpoint is saved where `checkpoint` is given, then `signal.reason` is thrown. */
  signal?: AbortSignal;
  /** Saves what is needed to go on after a crash, to the same bits, and goes on from it. */
  checkpoint?: Pick<CheckpointOptions, "every" | "save" | "resume" | "metadata">;
}

/** An epoch of a training, as plain data. */
export interface EpochScores<S extends Scores = Scores> {
  /** From 0. */
  readonly epoch: number;
  /** Steps done in all. */
  readonly step: number;
  /** Mean loss of the epoch's steps. */
  readonly trainLoss: number;
  /** On the validation data; null without. */
  readonly validation: S | null;
  /** Whether these weights are the best so far. */
  readonly improved: boolean;
}

export interface FitModelResult<S extends Scores = Scores> {
  /** Steps done in all, those before a resumed checkpoint included. */
  readonly steps: number;
  /** Every epoch. */
  readonly epochs: readonly EpochScores<S>[];
  /** The epoch that the model's weights are from; without validation data the last. */
  readonly best: EpochScores<S>;
}

/** The names of all options of {@link FitModelOptions}. */
export const FIT_OPTIONS = [
  ...[
    "epochs",
    "batchSize",
    "bufferSize",
    "learningRate",
    "weightDecay",
    "optimizer",
    "schedule",
    "warmup",
  ],
  ...["maxNorm", "metric", "patience", "averageEpochs", "onStep", "onEpoch", "signal"],
  ...["checkpoint"],
] as const;

/** Trains; in the end the model has the best weights, and is in evaluation mode. */
export async function fitModel<Example, S extends Scores>(
  task: TrainingTask<Example, S>,
  options: FitModelOptions<S>,
): Promise<FitModelResult<S>> {
  const { op, model, examples, validate } = task;
  const { epochs = 10, batchSize = 32, maxNorm = 5, averageEpochs = 0, patience } = options;
  const { metric = task.metrics[0]!, onEpoch, checkpoint } = options;
  checkOptions(task, options);
  const perEpoch = Math.ceil(numberOf(examples) / batchSize);
  const optimizer = makeOptimizer(op, model, options);
  const schedule = makeSchedule(optimizer, options, epochs * perEpoch);

  const stopping = new EarlyStopping({ patience: patience ?? Number.MAX_SAFE_INTEGER });
  const best = new BestWeights(model);
  const average = averageEpochs > 0 ? averaged(model, averageEpochs * perEpoch) : undefined;
  const history: { state: readonly EpochScores<S>[] } = { state: [] };

  const score = async (): Promise<S | null> => {
    const scores = (await validate?.()) ?? null;
    if (scores) stopping.update(metric === "loss" ? scores[metric]! : -scores[metric]!);
    if (!scores || stopping.improved) best.keep();
    return scores;
  };
  try {
    const { steps } = await fit({
      model,
      optimizer,
      schedule,
      batches: batchesOf(task, options),
      epochs,
      maxNorm,
      signal: options.signal,
      step: task.loss,
      onStep(report) {
        if (average && report.step % average.every === 0) average.weights.update();
        options.onStep?.(report);
      },
      async onEpoch({ epoch, step, meanLoss }) {
        const validation = await (average ? average.weights.use(score) : score());
        const improved = validation === null || stopping.improved;
        const report = { epoch, step, trainLoss: meanLoss, validation, improved };
        history.state = [...history.state, report];
        onEpoch?.(report);
        if (patience !== undefined && stopping.state.since >= patience) return "stop";
      },
      checkpoint: checkpoint && {
        ...checkpoint,
        tensors: { ...best.tensors, ...average?.weights.tensors },
        parts: { stopping, best, history, ...(average && { average: average.weights }) },
      },
    });
    best.restore();
    model.eval();
    const kept = history.state.findLast(({ improved }) => improved)!;
    return { steps, epochs: history.state, best: kept };
  } finally {
    best.dispose();
    average?.weights.dispose();
  }
}

function batchesOf<Example, S extends Scores>(
  { examples, length }: TrainingTask<Example, S>,
  { batchSize = 32, bufferSize }: FitModelOptions<S>,
): BatchSource<Example[]> {
  const arrangement = { batchSize, shuffle: true, bucketBy: length };
  return "open" in examples
    ? streamBatches(examples.open, { ...arrangement, ...definedOnly({ bufferSize }) })
    : batches(examples, arrangement);
}

/** Averages over the last steps, about so many; neighbours hardly differ, so not all of them are taken. */
function averaged(model: Module, steps: number): { weights: AveragedWeights; every: number } {
  const every = Math.max(1, Math.floor(steps / 50));
  return { weights: new AveragedWeights(model, { decay: Math.max(0, 1 - every / steps) }), every };
}

function makeOptimizer(
  op: string,
  model: Module,
  { optimizer, learningRate, weightDecay }: FitModelOptions<never>,
): Optimizer<OptimizerOptions> {
  if (!optimizer)
    return new AdamW(model.parameters(), {
      lr: learningRate ?? 1e-3,
      weightDecay: weightDecay ?? 0,
    });
  if (learningRate !== undefined || weightDecay !== undefined)
    throw new OptionError({
      op,
      expected: "learningRate and weightDecay, or an optimizer that has its own",
      got: "both",
    });
  return optimizer(model.parameters());
}

function makeSchedule(
  optimizer: Optimizer<OptimizerOptions>,
  { schedule = "linear", warmup = 0 }: FitModelOptions<never>,
  steps: number,
): Schedule | undefined {
  const rising = Math.round(steps * warmup);
  const after = makeFall(optimizer, schedule, Math.max(1, steps - rising));
  return rising > 0 ? new WarmupLR(optimizer, { steps: rising, after }) : after;
}

function makeFall(
  optimizer: Optimizer<OptimizerOptions>,
  schedule: "constant" | "linear" | "cosine",
  steps: number,
): Schedule | undefined {
  if (schedule === "cosine") return new CosineAnnealingLR(optimizer, { tMax: steps });
  if (schedule === "constant") return undefined;
  return new LinearLR(optimizer, { startFactor: 1, endFactor: 0, totalIters: steps });
}

function checkOptions<Example, S extends Scores>(
  { op, examples, validate, metrics }: TrainingTask<Example, S>,
  options: FitModelOptions<S>,
): void {
  const { epochs, batchSize, bufferSize, schedule, warmup = 0, maxNorm } = options;
  const { averageEpochs = 0 } = options;
  if (numberOf(examples) === 0)
    throw new OptionError({ op, expected: "at least one example", got: "none" });
  if (epochs !== undefined) checkCount(op, "epochs", epochs);
  if (batchSize !== undefined) checkCount(op, "batchSize", batchSize);
  if (bufferSize !== undefined) checkCount(op, "bufferSize", bufferSize);
  if (schedule !== undefined) checkChoice(op, "schedule", schedule, SCHEDULES);
  if (options.metric !== undefined) checkChoice(op, "metric", options.metric, metrics);
  const refuse = (expected: string, got: unknown): never => {
    throw new OptionError({ op, expected, got: String(got) });
  };
  if (bufferSize !== undefined && !("open" in examples))
    refuse("bufferSize only for examples that stream", "a list with it");
  if (!(warmup >= 0 && warmup < 1)) refuse("warmup from 0 to below 1", warmup);
  if (maxNorm !== undefined && !(maxNorm > 0)) refuse("maxNorm above 0", maxNorm);
  if (!(averageEpochs >= 0 && averageEpochs < Infinity))
    refuse("averageEpochs of at least 0", averageEpochs);
  if (!validate && (options.metric !== undefined || options.patience !== undefined))
    refuse("validation data for metric and patience to look at", "none");
}

const SCHEDULES = ["constant", "linear", "cosine"] as const;

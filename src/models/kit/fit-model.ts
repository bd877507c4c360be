// The training loop of every ready model: early stopping that goes back to the best weights, averaged weights,
// checkpoints that a run resumes from to the same bits.
import { checkChoice } from "../../core/check.js";
import { NumericError, OptionError } from "../../core/errors.js";
import type { BatchSource } from "../../data/batches.js";
import type { Module } from "../../nn/module.js";
import { AdamW } from "../../optim/adam.js";
import type { OptimizerOptions, Optimizer } from "../../optim/optimizer.js";
import type { Schedule } from "../../optim/schedule.js";
import { CosineAnnealingLR, LinearLR } from "../../optim/schedules.js";
import { WarmupLR } from "../../optim/warmup.js";
import type { Tensor } from "../../tensor/tensor.js";
import { AveragedWeights } from "../../train/averaged-weights.js";
import { BestWeights } from "../../train/best-weights.js";
import { EarlyStopping, type EarlyStoppingState } from "../../train/early-stopping.js";
import { fit } from "../../train/fit.js";
import { stepsIn } from "../../train/run-state.js";
import type { Replica } from "../../parallel/shard-runner.js";
import type { Threads } from "./threads.js";
import { diverged, refuseNonFiniteScores } from "./diverged.js";
import type { EvaluationReport, FitPlan, FitResult, FitSettings } from "./fit-options.js";
import { falling, type Metric, type Metrics, type Scores } from "../../metrics/metric.js";

/** How a batch is computed in parts, on several threads. */
export interface Sharded<Batch> {
  /**
   * What a copy of the model must know beside its file, to compute the losses of shards (`ReadyModel.replica_`): plain data and
   * typed arrays.
   */
  readonly begin: unknown;
  /** The losses of shards by the model itself, on the program's own thread. */
  readonly local: Replica;
  readonly split: (batch: Batch, shards: number) => readonly unknown[];
  readonly merge?: ((results: readonly unknown[], batch: Batch) => void) | undefined;
}

/** What a kind of model brings to its training. */
export interface TrainingTask<Batch, S extends Scores> {
  /** For errors: `"SequenceClassifier.fit"`. */
  readonly op: string;
  readonly model: Module;
  readonly batches: BatchSource<Batch>;
  readonly stepsPerEpoch: number;
  readonly examples: number;
  /** Words, tokens or steps of a sequence in all its examples. */
  readonly length: number;
  /** Mean loss of a batch, a scalar. */
  loss(batch: Batch): Tensor;
  /** The scores on the validation data; undefined without. It draws no random numbers. */
  readonly validate: (() => S | Promise<S>) | undefined;
  /** In the order that decides. */
  readonly metrics: Metrics<S>;
  /** What the run changes beside the model, restored when it resumes: a carried state. */
  readonly tensors?: Readonly<Record<string, Tensor>> | undefined;
}

/** Trains; at the end the model has the best weights, no gradients, and is in evaluation mode. */
export async function fitModel<Batch, S extends Scores>(
  task: TrainingTask<Batch, S>,
  settings: FitSettings<S>,
  chosen: FitPlan["chosen"] = {},
  threads?: Threads<Batch>,
): Promise<FitResult<S>> {
  const { op, model, metrics, stepsPerEpoch, length, examples, validate } = task;
  const { maxNorm, evaluateEvery, checkpoint, batchSize } = settings;
  const metric = settings.metric ?? Object.keys(metrics)[0]!;
  checkChoice(op, "metric", metric, Object.keys(metrics));
  const direction = (metrics as Record<string, Metric>)[metric]!;
  const total = settings.steps ?? settings.epochs * stepsPerEpoch;
  const every = evaluateEvery ?? stepsPerEpoch;
  const done = checkpoint?.resume ? stepsIn(checkpoint.resume) : 0;
  const plan = { steps: total, done, stepsPerEpoch, length, evaluateEvery: every, chosen };
  settings.onBegin?.({
    ...plan,
    batchSize: batchSize ?? Math.round(examples / stepsPerEpoch),
    parallel: threads?.info,
  });

  const optimizer =
    settings.optimizer?.(model.parameters()) ??
    new AdamW(model.parameters(), {
      lr: settings.learningRate,
      weightDecay: settings.weightDecay,
      betas: [0.9, settings.beta2],
    });
  const stopping = new EarlyStopping({ patience: Number.MAX_SAFE_INTEGER });
  const best = new BestWeights(model);
  const average = averaged(model, settings, { total, stepsPerEpoch });
  let reached = done;
  const losses = { state: { sum: 0, steps: 0 } };
  const history: { state: readonly EvaluationReport<S>[] } = { state: [] };

  /** Scores the weights, keeps them where they are no worse, and reports. */
  const evaluate = async ({ epoch, step }: { epoch: number; step: number }) => {
    const score = async (): Promise<[S | null, boolean]> => {
      const scores = (await validate?.()) ?? null;
      if (scores) refuseNonFiniteScores(op, scores);
      const improved =
        scores === null || isBest(stopping, falling(direction, scoreOf(op, scores, metric)));
      if (improved) best.keep();
      return [scores, improved];
    };
    const [validation, improved] = await (average && average.weights.state.updates > 0
      ? average.weights.use(score)
      : score());
    const trainLoss = losses.state.sum / losses.state.steps;
    const report = { epoch, step, trainLoss, validation, improved };
    history.state = [...history.state, report];
    losses.state = { sum: 0, steps: 0 };
    settings.onEvaluation?.(report);
    if (isStale(settings, stopping.state, direction, history.state, total)) return "stop";
  };
  try {
    const { steps } = await fit({
      model,
      optimizer,
      schedule: makeSchedule(optimizer, settings, total),
      batches: task.batches,
      steps: total,
      maxNorm,
      signal: settings.signal,
      ...(threads ? { parallel: threads } : { step: (batch: Batch) => task.loss(batch) }),
      onStep(report) {
        reached = report.step;
        const { sum, steps } = losses.state;
        losses.state = { sum: sum + report.loss, steps: steps + 1 };
        if (average && report.step % average.every === 0) average.weights.update();
        settings.onStep?.(report);
        if (evaluateEvery !== undefined && report.step % evaluateEvery === 0)
          return evaluate(report);
      },
      onEpoch: (report) => (evaluateEvery === undefined ? evaluate(report) : undefined),
      checkpoint: checkpoint && {
        ...checkpoint,
        tensors: { ...task.tensors, ...best.tensors, ...average?.weights.tensors },
        parts: { stopping, best, history, losses, ...(average && { average: average.weights }) },
      },
    });
    // Steps may end between two evaluations.
    if (history.state.at(-1)?.step !== steps) {
      const epoch = Math.floor((steps - 1) / stepsPerEpoch);
      await evaluate({ epoch, step: steps });
    }
    best.restore();
    model.eval();
    const kept = history.state.findLast(({ improved }) => improved)!;
    return { steps, evaluations: history.state, best: kept };
  } catch (cause) {
    if (!(cause instanceof NumericError)) throw cause;
    const rate = settings.optimizer ? optimizer.groups[0]?.lr : settings.learningRate;
    throw diverged(op, cause, { step: reached, rate });
  } finally {
    await threads?.close();
    optimizer.dispose();
    best.dispose();
    average?.weights.dispose();
    for (const parameter of model.parameters()) {
      parameter.grad?.dispose();
      parameter.zeroGrad();
    }
  }
}

/** Whether a score is the best so far, or as good: of equal ones the later, which had more training. */
function isBest(stopping: EarlyStopping, score: number): boolean {
  const { best } = stopping.state;
  stopping.update(score);
  return stopping.improved || score === best;
}

/** Of the steps that a run may have, the share before which `patienceShare` does not end it: rates are high, scores jump. */
const LEAST_SHARE = 0.3;

/** Whether the best score is so old that the run, which stands after an evaluation, ends. */
function isStale(
  { patience, patienceShare }: Pick<FitSettings, "patience" | "patienceShare">,
  { best, since }: EarlyStoppingState,
  direction: Metric,
  history: readonly { readonly step: number }[],
  total: number,
): boolean {
  if (patience !== undefined && since < patience) return false;
  if (patienceShare === undefined) return patience !== undefined;
  const { step } = history.at(-1)!;
  const age = step - (history.at(-1 - since)?.step ?? 0);
  const begun = best !== null && !(direction.better === "higher" && best >= 0);
  return begun && step >= LEAST_SHARE * total && age >= patienceShare * step;
}

/** The score that decides; examples may lack what it is a score of. */
function scoreOf(op: string, scores: Scores, metric: string): number {
  const score = scores[metric];
  if (score !== undefined) return score;
  throw new OptionError({
    op,
    expected: `validation data that have a score ${metric}`,
    got: `${Object.keys(scores).join(", ")} only`,
  });
}

/** Averages over about the last steps; neighbours hardly differ, so not all of them are taken. */
function averaged(
  model: Module,
  { averageEpochs, averageShare }: Pick<FitSettings, "averageEpochs" | "averageShare">,
  { total, stepsPerEpoch }: { total: number; stepsPerEpoch: number },
): { weights: AveragedWeights; every: number } | undefined {
  if (averageEpochs === 0 && averageShare === 0) return undefined;
  const steps = Math.max(
    1,
    averageShare > 0 ? averageShare * total : averageEpochs * stepsPerEpoch,
  );
  const every = Math.max(1, Math.floor(steps / 50));
  const window =
    averageShare > 0 ? { window: averageShare } : { decay: Math.max(0, 1 - every / steps) };
  return { weights: new AveragedWeights(model, window), every };
}

function makeSchedule(
  optimizer: Optimizer<OptimizerOptions>,
  { schedule, warmup }: Pick<FitSettings, "schedule" | "warmup">,
  steps: number,
): Schedule | undefined {
  const rising = Math.round(steps * warmup);
  const falling = Math.max(1, steps - rising);
  const after =
    schedule === "constant"
      ? undefined
      : schedule === "cosine"
        ? new CosineAnnealingLR(optimizer, { tMax: falling })
        : new LinearLR(optimizer, { startFactor: 1, endFactor: 0, totalIters: falling });
  return rising > 0 ? new WarmupLR(optimizer, { steps: rising, after }) : after;
}

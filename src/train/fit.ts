// The training loop: batches in, steps of the optimizer out, with checkpoints between.
import { checkLike } from "../core/check-like.js";
import { backward } from "../autograd/backward.js";
import { checkCall, checkCount } from "../core/check.js";
import { described } from "../core/described.js";
import { NumericError, OptionError } from "../core/errors.js";
import type { AbortSignalLike } from "../core/platform.js";
import { getRngState, setRngState } from "../core/random.js";
import { turnOfOthers } from "../core/yield.js";
import { isSource } from "../data/source.js";
import type { BatchSource } from "../data/batches.js";
import type { Module } from "../nn/module.js";
import type { Optimizer, OptimizerOptions } from "../optim/optimizer.js";
import type { Schedule } from "../optim/schedule.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import type { GradientSource } from "./gradient-source.js";
import { clipAndStep } from "./clip-and-step.js";
import { captureRun, restoreRun, type CheckpointOptions, type Position } from "./run-state.js";

export interface FitOptions<Batch, Options extends OptimizerOptions = OptimizerOptions> {
  model: Module;
  optimizer: Optimizer<Options>;
  /**
   * Computes the loss of one batch, a scalar. It runs inside a scope; `fit` then does the backward pass, the
   * clipping, and the optimizer's step. Left out where `parallel` is given.
   */
  step?: ((batch: Batch) => Tensor) | undefined;
  /** Computes gradients instead of `step`, on several threads: a `DataParallel` of `hiddenstate/parallel`. Default: none. */
  parallel?: GradientSource<Batch> | undefined;
  /**
   * The batches of an epoch, the same number and order whenever asked: an array, a data set, a stream
   * (`streamBatches`), or a function of the epoch (from 0). A source that shuffles may draw from the program's
   * generator before it gives its first batch, not later.
   */
  batches: BatchSource<Batch> | ((epoch: number) => BatchSource<Batch>);
  /** How often to go through the batches. May be left out where `steps` is given. */
  epochs?: number | undefined;
  /** End after this many steps in all, wherever in an epoch that is. */
  steps?: number | undefined;
  /** Gradients are scaled to this joint norm at the most. Default: no clipping. */
  maxNorm?: number | undefined;
  /** Changes the learning rate, at the times that `scheduleEvery` says. */
  schedule?: Schedule | undefined;
  /**
   * What the schedule counts in. `"step"` (default): it steps after each step of the optimizer, with the loss
   * of that step as its metric. `"epoch"`: after each epoch, with the number that `onEpoch` returned, or else
   * the epoch's mean loss.
   */
  scheduleEvery?: "step" | "epoch" | undefined;
  /** Ends the run: a checkpoint is saved where `checkpoint` is given, then `signal.reason` is thrown. */
  signal?: AbortSignalLike | undefined;
  /** After each step, before a checkpoint of it is saved. Return `"stop"`, or a promise of it, to end the run. */
  onStep?: ((report: StepReport) => unknown) | undefined;
  /** After each epoch: the place to evaluate. Return a score for the schedule, or `"stop"` to end the run. */
  onEpoch?: ((report: EpochReport) => EpochVerdict | Promise<EpochVerdict>) | undefined;
  /** Saves what is needed to go on after a crash, to the same bits, and goes on from it. */
  checkpoint?: CheckpointOptions | undefined;
}

export type EpochVerdict = "stop" | number | void;

export interface StepReport {
  /** Steps done in all, from 1. */
  readonly step: number;
  /** From 0. */
  readonly epoch: number;
  readonly loss: number;
  /** Mean loss of the epoch so far. */
  readonly meanLoss: number;
  /** Joint norm of the gradients before clipping, where `maxNorm` is given. */
  readonly gradNorm: number | undefined;
}

export interface EpochReport {
  /** From 0. */
  readonly epoch: number;
  /** Steps done in all. */
  readonly step: number;
  readonly meanLoss: number;
}

export interface FitResult {
  /** Steps done in all, those before a resumed checkpoint included. */
  readonly steps: number;
  /** Epochs gone through to their end. */
  readonly epochs: number;
}

/**
 * Trains a model. Counts steps, never the clock: the same data, seed and options give the same bits,
 * also when the run is killed and resumed from a checkpoint. Between steps everything else can run: a page stays responsive
 * where a step takes less than some 30 ms.
 *
 * @throws NumericError when a loss or a gradient is not finite: it names the step. No checkpoint is
 *   written from then on, so the last one is good
 * @throws the signal's reason when the signal aborts
 * @example
 * ```ts
 * const model = new Linear(1, 1);
 * const { steps } = await fit({
 *   model,
 *   optimizer: new Adam(model.parameters(), { lr: 0.05 }),
 *   batches: [{ x: [[1], [2]], y: [[3], [5]] }],
 *   epochs: 200,
 *   step: ({ x, y }) => mseLoss(model.forward(tensor(x)), tensor(y)),
 *   onEpoch: ({ epoch, meanLoss }) => {
 *     if (epoch % 100 === 0) console.log(epoch, meanLoss);
 *   },
 * });
 * steps; // 200
 * ```
 */
export async function fit<Batch, Options extends OptimizerOptions>(
  options: FitOptions<Batch, Options>,
): Promise<FitResult> {
  checkCall(
    "fit",
    arguments,
    "{model!:object optimizer!:object step:function parallel:object batches!:object|list|function epochs:number steps:number maxNorm:number schedule:object scheduleEvery:string signal:object onStep:function onEpoch:function checkpoint:object}",
  );
  checkLike("fit", "a Module as model", "namedParameters", options.model);
  checkLike("fit", "an Optimizer", "stateDict", options.optimizer);
  const { model, batches, schedule, scheduleEvery, checkpoint, signal, onStep, onEpoch } = options;
  const stepOf = stepperOf(options);
  if (signal) checkCall("fit", [signal.aborted], "signal.aborted:boolean");
  const { epochs, steps } = checkOptions(options);
  const position = checkpoint?.resume ? restoreRun(options, checkpoint.resume) : start();
  let saved = checkpoint?.resume ? position.step : -1;

  const save = async (): Promise<void> => {
    if (!checkpoint || saved === position.step) return;
    await checkpoint.save(captureRun(options, position), position.step);
    saved = position.step;
  };
  const pause = async (): Promise<void> => {
    const turn = turnOfOthers();
    if (turn) await turn;
    if (!signal?.aborted) return;
    await save();
    throw signal.reason;
  };

  /** Trains on a batch; false where no more steps are to be done. */
  const train = async (batch: Batch): Promise<boolean> => {
    await pause();
    if (position.step === steps) return false;
    const stepped = stepOf(batch, position);
    const { loss, gradNorm } = stepped instanceof Promise ? await stepped : stepped;
    position.step++;
    position.batch++;
    position.lossSum += loss;
    const { step, epoch } = position;
    const meanLoss = position.lossSum / position.batch;
    const reported = onStep?.({ step, epoch, loss, meanLoss, gradNorm });
    // What is at hand is not awaited: that would cost each step half a microsecond.
    const verdict: unknown = reported instanceof Promise ? await reported : reported;
    if (checkpoint?.every && step % checkpoint.every === 0) await save();
    return verdict !== "stop";
  };

  while (position.epoch < epochs && position.step < steps) {
    model.train();
    const whole = await eachRemaining(batches, position, train);
    if (!whole) return { steps: position.step, epochs: position.epoch };
    if (position.batch === 0) throw noBatches(position.epoch);
    const { step, epoch } = position;
    const meanLoss = position.lossSum / position.batch;
    const verdict = await onEpoch?.({ epoch, step, meanLoss });
    nextEpoch(position);
    if (verdict === "stop") break;
    if (scheduleEvery === "epoch") schedule?.step(verdict ?? meanLoss);
    if (!checkpoint?.every) await save();
  }
  return { steps: position.step, epochs: position.epoch };
}

interface Stepped {
  readonly loss: number;
  readonly gradNorm: number | undefined;
}

/** A step of the optimizer on a batch, at once or on other threads. */
function stepperOf<Batch, Options extends OptimizerOptions>(
  options: FitOptions<Batch, Options>,
): (batch: Batch, position: Position) => Stepped | Promise<Stepped> {
  const { model, step, parallel } = options;
  if ((step === undefined) === (parallel === undefined))
    throw new OptionError({
      op: "fit",
      expected: "step or parallel",
      got: step ? "both" : "neither",
    });
  const named = (cause: unknown, position: Position): unknown =>
    cause instanceof NumericError ? atStep(cause, position, model) : cause;
  if (!step) {
    checkLike("fit", "a DataParallel as parallel", "gradients", parallel);
    return async (batch, position) => {
      try {
        const loss = await parallel!.gradients(batch);
        const { optimizer, maxNorm } = options;
        const stepped = parallel!.step_?.(optimizer, model, maxNorm);
        const gradNorm = await (stepped ?? scope(() => clipAndStep(optimizer, model, maxNorm)));
        stepSchedule(options, loss);
        return { loss, gradNorm };
      } catch (cause) {
        throw named(cause, position);
      }
    };
  }
  return (batch, position) => {
    try {
      return scope(() => {
        const loss = step(batch);
        options.optimizer.zeroGrad();
        backward(loss);
        const gradNorm = clipAndStep(options.optimizer, model, options.maxNorm);
        const found = loss.item();
        stepSchedule(options, found);
        return { loss: found, gradNorm };
      });
    } catch (cause) {
      throw named(cause, position);
    }
  };
}

function stepSchedule<Batch, Options extends OptimizerOptions>(
  { schedule, scheduleEvery }: FitOptions<Batch, Options>,
  loss: number,
): void {
  if (scheduleEvery !== "epoch") schedule?.step(loss);
}

function start(): Position {
  return { epoch: 0, batch: 0, step: 0, lossSum: 0, epochRng: getRngState() };
}

function nextEpoch(position: Position): void {
  position.epoch++;
  position.batch = 0;
  position.lossSum = 0;
  position.epochRng = getRngState();
}

/** Runs over the batches of an epoch from the position on, until one is refused; says whether it came to their end. */
async function eachRemaining<Batch>(
  batches: FitOptions<Batch>["batches"],
  { epoch, batch: skipped, epochRng }: Position,
  run: (batch: Batch) => Promise<boolean>,
): Promise<boolean> {
  const now = getRngState();
  // A source that shuffles when its iteration begins must draw what it drew the first time.
  setRngState(epochRng);
  const source = typeof batches === "function" ? batches(epoch) : batches;
  if (!isSource(source))
    throw new OptionError({
      op: "fit",
      expected: "batches to go through, or a function that gives them",
      got: described(source),
    });
  let index = 0;
  const isNew = (): boolean => {
    if (index === skipped && skipped > 0) setRngState(now);
    return index++ >= skipped;
  };
  // Not awaited either.
  if (Symbol.asyncIterator in source) {
    for await (const batch of source) if (isNew() && !(await run(batch))) return false;
  } else for (const batch of source) if (isNew() && !(await run(batch))) return false;
  if (index <= skipped) setRngState(now);
  return true;
}

function checkOptions<Batch, Options extends OptimizerOptions>({
  epochs,
  steps,
  schedule,
  scheduleEvery = "step",
  checkpoint,
}: FitOptions<Batch, Options>): { epochs: number; steps: number } {
  if (epochs === undefined && steps === undefined)
    throw new OptionError({ op: "fit", expected: "epochs or steps", got: "neither" });
  if (epochs !== undefined) checkCount("fit", "epochs", epochs);
  if (steps !== undefined) checkCount("fit", "steps", steps);
  if (
    (scheduleEvery !== "step" && scheduleEvery !== "epoch") ||
    (scheduleEvery === "epoch" && !schedule)
  )
    throw new OptionError({
      op: "fit",
      expected: 'scheduleEvery "step", or "epoch" beside a schedule',
      got: schedule ? String(scheduleEvery) : "no schedule",
    });
  if (checkpoint?.every !== undefined) checkCount("fit", "checkpoint.every", checkpoint.every);
  return { epochs: epochs ?? Infinity, steps: steps ?? Infinity };
}

function noBatches(epoch: number): OptionError {
  return new OptionError({
    op: "fit",
    expected: "at least one batch in an epoch",
    got: `none in epoch ${epoch}`,
    cure: "An iterator can be gone through only once: pass an array, or a function that makes the batches.",
  });
}

function atStep(
  cause: NumericError,
  { step, epoch, batch }: Position,
  model: Module,
): NumericError {
  const found = [...model.namedParameters()].find(
    ([, { grad }]) => grad && trainingKernels().firstNonFinite(grad.address("fit"), grad.size) >= 0,
  );
  const where = found ? `, gradient of ${found[0]}` : "";
  return new NumericError(
    {
      op: "fit",
      expected: "a finite loss and finite gradients",
      got: `step ${step + 1} (epoch ${epoch}, batch ${batch}${where}): ${cause.got}`,
      cure: `${cause.cure ? `${cause.cure} ` : ""}No checkpoint was written after it.`,
    },
    { cause },
  );
}

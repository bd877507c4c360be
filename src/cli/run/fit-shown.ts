// The training of a run, with its progress, its checkpoints, and how it can end.
import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { NumericError } from "../../core/errors.js";
import { pickOptions, type OptionTable } from "../../core/options.js";
import { scoresText } from "../../metrics/metric.js";
import type { FitOptions, FitPlan, FitResult } from "../../models/kit/fit-options.js";
import { writeBytes } from "../../platform/node/files.js";
import { formatDuration, Pace } from "../../platform/node/progress.js";
import { inFile } from "../data/example-files.js";
import type { Given, Parts, Task } from "../task.js";
import { announcePlan } from "./announce.js";
import { howToGoOn, Interrupted, pausedAfter, withInterrupt } from "./interrupt.js";
import { RunDisplay } from "./run-display.js";
import { keptBeside } from "./run-files.js";
import { runLog } from "./run-log.js";
import { notesOf } from "./run-notes.js";
import type { Cost } from "./run-report.js";
import type { Run } from "./train-run.js";

export function fitOptions(task: Task, { train }: Parts<unknown>, given: Given): FitOptions {
  const { bufferSize, ...options } = pickOptions(task.training as OptionTable<FitOptions>, given);
  const streams = typeof train.source === "function" && bufferSize !== undefined;
  return { ...options, ...(streams && { bufferSize }) };
}

/** Trains to the end; on Ctrl-C, and after the step of `--pause-at`, saves a checkpoint and throws how to resume. */
export async function fitShown(run: Run): Promise<{ result: FitResult; cost: Cost }> {
  const { task, given, parts, model, files, base, every, workers, pauseAt, resume } = run;
  let display: RunDisplay | undefined;
  let plan: FitPlan | undefined;
  let pace = new Pace(1);
  const metric = given.metric as string | undefined;
  const metrics = model.metricsFor(metric);
  const log = runLog(run.logFile, { metrics, metric, resumed: resume !== undefined });
  let pause = (_step: number): void => {};
  const read = () => task.progress(plan!, { ...base?.reading, ...given });
  const options: FitOptions = {
    ...fitOptions(task, parts, given),
    workers,
    onBegin(begun) {
      plan = begun;
      pace = new Pace(begun.steps, begun.done);
      announcePlan(begun, read());
      // A checkpoint may stand there already.
      pause(begun.done);
    },
    onStep({ step, loss }) {
      const { items, unit } = read();
      display ??= new RunDisplay(plan!.steps, step, {
        itemsAStep: items,
        item: unit,
        figures: task.figures?.bind(task),
      });
      display.step(step, loss);
      pause(step);
    },
    onEvaluation(report) {
      const { epoch, step, trainLoss, validation, improved } = report;
      log(report);
      const whole = plan!.evaluateEvery === plan!.stepsPerEpoch;
      const when = whole ? `Epoch ${epoch + 1}` : `Step ${step}`;
      const scores = validation
        ? `; ${scoresText(metrics, validation)}${improved ? ", the best so far" : ""}`
        : "";
      display?.progress.log(`${when}: loss ${trainLoss.toFixed(4)}${scores}.`);
      const sample = task.sample?.(model, parts);
      if (sample !== undefined) display?.progress.log(sample);
    },
    checkpoint: {
      save: saver(run),
      resume,
      every,
      metadata: notesOf(run),
    },
  };
  try {
    const result = await withInterrupt((signal, end) => {
      pause = (step) => {
        if (pauseAt === undefined || step < pauseAt || step >= plan!.steps) return;
        end(pausedAfter(step, files));
      };
      const validation = parts.valid?.source;
      return model.fit(parts.train.source, { ...options, signal, validation });
    });
    if (result.steps < plan!.steps) display?.progress.log(endedEarly(result, given));
    const { length, stepsPerEpoch, done } = plan!;
    const perSecond = ((result.steps - done) / stepsPerEpoch) * (length / pace.elapsed());
    const cost = {
      seconds: formatDuration(pace.elapsed()),
      perSecond: Math.round(perSecond),
      unit: task.lengthUnit?.(model) ?? "word",
      // Node counts in kilobytes.
      peakMemory: 1024 * process.resourceUsage().maxRSS,
    };
    return { result, cost };
  } catch (error) {
    if (error instanceof Interrupted) throw howToGoOn(files);
    if (error instanceof NumericError) throw withCheckpoint(error, files.checkpoint);
    throw await inFile(error, parts.train);
  } finally {
    display?.progress.stop();
  }
}

/** Keeps checkpoints; the first one does not replace that of another run, which is somebody's work. */
function saver({ files, resume }: Run): (bytes: Uint8Array) => Promise<void> {
  let first = resume === undefined || files.resumed !== files.checkpoint;
  return async (bytes) => {
    if (first && existsSync(files.checkpoint))
      await rename(files.checkpoint, keptBeside(files.checkpoint));
    first = false;
    await writeBytes(files.checkpoint, bytes);
  };
}

/** Of equal scores the later weights are kept, but they are none the better. */
function endedEarly({ steps, best, evaluations }: FitResult, { metric }: Given): string {
  const decides = (metric as string | undefined) ?? Object.keys(best.validation ?? {})[0]!;
  const since = evaluations.find(
    ({ validation }) => validation?.[decides] === best.validation?.[decides],
  );
  return `Ended at step ${steps}: nothing better since step ${since!.step}. --epochs or --patience lets it go on.`;
}

/** A run that diverged keeps the checkpoint from before. */
function withCheckpoint(error: NumericError, checkpoint: string): NumericError {
  if (!existsSync(checkpoint)) return error;
  const cure = `${error.cure ?? ""} ${checkpoint} has the run as it was before.`.trim();
  return new NumericError({ ...error, cure }, { cause: error });
}

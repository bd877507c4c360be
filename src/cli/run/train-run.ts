// A training run of a task, from the files to the model and its scores.
import { rm } from "node:fs/promises";
import type { Command } from "commander";
import { manualSeed } from "../../core/random.js";
import { pickOptions } from "../../core/options.js";
import type { FitOptions } from "../../models/kit/fit-options.js";
import type { ReadyModel } from "../../models/kit/ready-model.js";
import { checkWritable, readBytes, writeBytes } from "../../platform/node/files.js";
import { initSync } from "../../wasm/backend.js";
import { givenFlags } from "../flags.js";
import type { Given, Parts, Task } from "../task.js";
import { UsageError } from "../usage.js";
import { announce } from "./announce.js";
import { checkGiven, checkMetric, withoutFree } from "./check-given.js";
import { readBase, type BaseModel } from "./base-model.js";
import { fitOptions, fitShown } from "./fit-shown.js";
import { checkApart, runFiles, type RunFiles } from "./run-files.js";
import { checkSameData, chosenIn, readCheckpoint, resumedSettings } from "./run-notes.js";
import { RunReport, type Cost } from "./run-report.js";
import { stepsWithin } from "./time-limit.js";

export interface Run {
  readonly task: Task;
  readonly given: Given;
  readonly parts: Parts<unknown>;
  readonly model: ReadyModel<unknown>;
  readonly files: RunFiles;
  /** The model that it begins with. */
  readonly base: BaseModel | undefined;
  /** The checkpoint that it goes on from. */
  readonly resume: Uint8Array | undefined;
  /** Steps between checkpoints. */
  readonly every: number | undefined;
  /** Threads that compute gradients. */
  readonly workers: FitOptions["workers"];
  /** The step after which it pauses. */
  readonly pauseAt: number | undefined;
  /** Where its evaluations are told to programs. */
  readonly logFile: string | undefined;
}

export async function trainRun(task: Task, command: Command): Promise<void> {
  const flags = givenFlags(command);
  const run = await prepared(task, flags);
  for await (const note of notesOn(run)) console.error(`Note: ${note}`);
  announce(run);
  const { files, parts, model, given } = run;
  const { result, cost } = await fitShown(run);
  const reading = pickOptions(task.reading, run.base ? { ...run.base.reading, ...given } : given);
  model.notes = { ...model.notes, data: { ...reading, ...task.readAs?.(given) } };
  await writeBytes(files.model, model.save());
  await rm(files.checkpoint, { force: true });
  const kept = parts.valid ? `; the weights are those of step ${result.best.step}` : "";
  console.error(`Trained ${costText(cost)}${kept}. The model is in ${files.model}.`);

  // What is scored is the model in the file.
  const loaded = task.load(await readBytes(files.model));
  const report = new RunReport({ ...run, given: { ...flags, ...given } }, loaded);
  await report.print({ ...result, cost });
}

function costText({ seconds, perSecond, unit, peakMemory }: Cost): string {
  const memory = `${Math.round(peakMemory / 1e6)} MB of memory at most`;
  return `in ${seconds}, ${perSecond} ${unit}s a second, ${memory}`;
}

/** Everything up to the first step: what cannot be run, or not be scored at the end, is refused here. */
async function prepared(task: Task, flags: Given): Promise<Run> {
  const { out, resume, minutes, workers, pauseAt, logFile } = flags as {
    out?: string;
    resume?: string | true;
    minutes?: number;
    workers?: FitOptions["workers"];
    pauseAt?: number;
    logFile?: string;
  };
  if (minutes !== undefined && resume !== undefined)
    throw new UsageError({
      op: "train",
      expected: "--resume or --minutes",
      got: "both",
      cure: "A resumed run keeps its steps.",
    });
  const asked = withoutFree(task, flags);
  const files = runFiles({ out, resume }, task.title?.(asked) ?? task.name);
  const checkpoint = resume === undefined ? undefined : await readCheckpoint(files.resumed);
  let given: Given = checkpoint ? resumedSettings(task.name, checkpoint, asked) : asked;
  checkGiven(task, given);
  const inputs = [given.train, given.valid, given.test, given.from]
    .flat()
    .filter((one) => typeof one === "string");
  checkApart(files, [...inputs, ...inputs.flatMap((one) => one.split(","))]);
  await checkWritable(files.model);
  if (logFile !== undefined) await checkWritable(logFile);
  initSync({ build: (given.build as "plain" | "auto" | undefined) ?? "plain" });
  const base = given.from === undefined ? undefined : await readBase(task, given);
  let parts = await task.parts({ ...base?.reading, ...given });
  if (checkpoint) checkSameData(checkpoint, parts, base);

  if (base) parts = base.learnable(parts);
  const build = () => begin(task, parts, given, base);
  if (minutes !== undefined) {
    const steps = await stepsWithin(minutes, build, {
      train: parts.train.source,
      valid: parts.valid?.source,
      fit: { ...fitOptions(task, parts, given), workers },
    });
    console.error(`In ${minutes} min: --steps ${steps}, which repeats this run bit for bit.`);
    given = { ...given, epochs: undefined, steps };
  }
  const decided = checkpoint ? chosenIn(checkpoint) : {};
  const model = await begin(task, parts, { ...decided, ...given }, base);
  if (Object.keys(decided).length > 0) model.notes = { ...model.notes, chosen: decided };
  checkMetric(model, given);
  await task.checkRun?.(model, flags, parts);
  const every = (flags.checkpointEvery as number | undefined) ?? task.checkpointEvery;
  const how = { every, workers, pauseAt, logFile, resume: checkpoint };
  return { task, given, parts, model, files, base, ...how };
}

/** The model as it is before the first step. */
async function begin(
  task: Task,
  parts: Parts<unknown>,
  given: Given,
  base: BaseModel | undefined,
): Promise<ReadyModel<unknown>> {
  manualSeed((given.seed as number | undefined) ?? 1);
  return base ? base.load() : task.build(parts, pickOptions(task.model, given));
}

/**
 * What a user should know of the data before the training.
 *
 * @throws FormatError for data that cannot be learnt or scored, with file and place
 */
async function* notesOn({ task, parts, model, base }: Run): AsyncGenerator<string, void> {
  const { train, valid, test } = parts;
  for (const part of [train, valid, test])
    if (part) yield* await task.examine(model, part, part === train);
  if (base) yield* await base.notesOn(model, parts);
  yield* (await task.advise?.(parts)) ?? [];
}

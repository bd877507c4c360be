// A training run of a task, from the files to the model and its scores.
import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { Command } from "commander";
import { checkChoice } from "../../core/check.js";
import { manualSeed } from "../../core/random.js";
import { fitSettings, type FitOptions, type FitPlan } from "../../models/kit/fit-options.js";
import { falling, scoresText, type Metric } from "../../metrics/metric.js";
import { checkOptions, pickOptions, type OptionTable } from "../../core/options.js";
import type { ReadyModel } from "../../models/kit/ready-model.js";
import { checkWritable, readBytes, writeBytes } from "../../platform/node/files.js";
import { formatDuration, Pace } from "../../platform/node/progress.js";
import { backend, initSync } from "../../wasm/backend.js";
import { counted } from "../counted.js";
import { inFile } from "../data/example-files.js";
import { flagOf, givenFlags } from "../flags.js";
import type { Given, Part, Parts, Scored, Task } from "../task.js";
import { checkUsage, UsageError } from "../usage.js";
import { howToGoOn, Interrupted, withInterrupt } from "./interrupt.js";
import { RunDisplay } from "./run-display.js";
import { checkApart, keptBeside, runFiles, type RunFiles } from "./run-files.js";
import { checkSameData, chosenIn, notesOf, readCheckpoint, resumedSettings } from "./run-notes.js";
import { stepsWithin } from "./time-limit.js";

/** The flags that do not decide the model's bits. */
const FREE = ["task", "out", "resume", "checkpointEvery", "minutes"];

interface Run {
  readonly task: Task;
  readonly given: Given;
  readonly parts: Parts<unknown>;
  readonly model: ReadyModel<unknown>;
  readonly files: RunFiles;
  /** The checkpoint that it goes on from. */
  readonly resume: Uint8Array | undefined;
  /** Steps between checkpoints. */
  readonly every: number | undefined;
}

export async function trainRun(task: Task, command: Command): Promise<void> {
  const flags = givenFlags(command);
  const { out, resume, minutes } = flags as {
    out?: string;
    resume?: string | true;
    minutes?: number;
  };
  if (minutes !== undefined && resume !== undefined)
    throw new UsageError({
      op: "train",
      expected: "--resume or --minutes",
      got: "both",
      cure: "A resumed run keeps its steps.",
    });
  const free = [...FREE, ...Object.keys(task.other ?? {})];
  const asked = Object.fromEntries(Object.entries(flags).filter(([name]) => !free.includes(name)));
  const title = task.title?.(asked) ?? task.name;
  const files = runFiles({ out, resume }, title);
  const checkpoint = resume === undefined ? undefined : await readCheckpoint(files.checkpoint);
  let given: Given = checkpoint ? resumedSettings(task.name, checkpoint, asked) : asked;
  checkGiven(task, given);
  const inputs = [given.train, given.valid, given.test].filter((one) => typeof one === "string");
  checkApart(files, [...inputs, ...inputs.flatMap((one) => one.split(","))]);
  await checkWritable(files.model);
  initSync({ build: (given.build as "plain" | "auto" | undefined) ?? "plain" });
  const parts = await task.parts(given);
  if (checkpoint) checkSameData(checkpoint, parts);

  if (minutes !== undefined) {
    const steps = await stepsWithin(minutes, () => build(task, parts, given), {
      train: parts.train.source,
      valid: parts.valid?.source,
      fit: fitOptions(task, parts, given),
    });
    console.log(`In ${minutes} min: --steps ${steps}, which repeats this run bit for bit.`);
    given = { ...given, epochs: undefined, steps };
  }
  const decided = checkpoint ? chosenIn(checkpoint) : {};
  const model = await build(task, parts, { ...decided, ...given });
  if (Object.keys(decided).length > 0) model.notes = { ...model.notes, chosen: decided };
  for (const part of [parts.train, parts.valid, parts.test])
    if (part) for (const note of await task.examine(model, part)) console.error(`Note: ${note}`);
  if (given.metric !== undefined)
    checkUsage(() =>
      checkChoice("train", flagOf("metric"), String(given.metric), Object.keys(model.metrics)),
    );
  task.checkFinish?.(model, flags);
  const every = (flags.checkpointEvery as number | undefined) ?? task.checkpointEvery;
  const run = { task, given, parts, model, files, every, resume: checkpoint };
  announce(run);
  const pace = new Pace(1);
  const result = await fitShown(run);
  const reading = pickOptions(task.reading, given);
  model.notes = { ...model.notes, data: { ...reading, ...task.readAs?.(given) } };
  await writeBytes(files.model, model.save());
  await rm(files.checkpoint, { force: true });
  const kept = parts.valid ? `; the weights are those of step ${result.best.step}` : "";
  console.log(
    `Trained in ${formatDuration(pace.elapsed())}${kept}. The model is in ${files.model}.`,
  );

  // What is scored is the model in the file.
  const loaded = task.load(await readBytes(files.model));
  const scoresValid = task.scoresValidation === true || !parts.test;
  const valid = scoresValid && parts.valid ? await scored(run, loaded, parts.valid) : undefined;
  const test = parts.test && (await scored(run, loaded, parts.test));
  const all = { ...flags, ...given };
  const modelFile = files.model;
  const report = task.finish?.({ parts, model: loaded, modelFile, valid, test, given: all }) ?? {
    modelFile,
    steps: result.steps,
    validation: result.best.validation,
    ...(test && { test: test.evaluation.scores }),
  };
  console.log(`\n${JSON.stringify(report)}`);
}

/** Refuses settings that contradict each other before any data are read. */
function checkGiven(task: Task, given: Given): void {
  checkUsage(() => {
    checkOptions("train", task.model, pickOptions(task.model, given), flagOf);
    const table = task.training as OptionTable<FitOptions>;
    fitSettings("train", pickOptions(table, given), {
      table,
      validated:
        given.valid !== undefined || (task.data?.heldOut !== undefined && given.heldOut !== 0),
      named: flagOf,
    });
    if (given.valid !== undefined && given.heldOut !== undefined)
      throw new UsageError({ op: "train", expected: "--valid FILE or --held-out", got: "both" });
    task.check?.(given);
  });
}

async function build(task: Task, parts: Parts<unknown>, given: Given) {
  manualSeed((given.seed as number | undefined) ?? 1);
  return task.build(parts, pickOptions(task.model, given));
}

function fitOptions(task: Task, { train }: Parts<unknown>, given: Given): FitOptions {
  const { bufferSize, ...options } = pickOptions(task.training as OptionTable<FitOptions>, given);
  const streams = typeof train.source === "function" && bufferSize !== undefined;
  return { ...options, ...(streams && { bufferSize }) };
}

function announce({ task, parts, model, files, resume }: Run): void {
  const { train, summary } = parts;
  if (summary !== "") console.log(`${summary}.`);
  if (typeof train.source === "function")
    console.log("They are read from the file as they are needed, --buffer-size at a time.");
  const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);
  console.log(`A ${task.name} of ${parameters} parameters; ${backend().build} kernels.`);
  printChosen(model.notes.chosen ?? {});
  const { checkpoint } = files;
  if (!resume && existsSync(checkpoint))
    console.log(
      `${checkpoint} is from a run that did not end: it is kept as ${keptBeside(checkpoint)}.`,
    );
}

function printChosen(chosen: FitPlan["chosen"]): void {
  const options = Object.entries(chosen).map(([name, value]) => `${flagOf(name)} ${String(value)}`);
  if (options.length > 0) console.log(`Chosen for these data: ${options.join(", ")}.`);
}

/** Trains to the end; on Ctrl-C saves a checkpoint and throws how to resume. */
async function fitShown({ task, given, parts, model, files, every, resume }: Run) {
  let display: RunDisplay | undefined;
  let plan: FitPlan | undefined;
  let first = resume === undefined;
  const options: FitOptions = {
    ...fitOptions(task, parts, given),
    onBegin(begun) {
      plan = begun;
      const { items, unit } = task.progress(begun, given);
      console.log(`At most ${counted(begun.steps, "step")} of ${counted(items, unit)}.`);
      printChosen(begun.chosen);
    },
    onStep({ step, loss }) {
      const { items, unit } = task.progress(plan!, given);
      display ??= new RunDisplay(plan!.steps, step, {
        itemsAStep: items,
        item: unit,
        figures: task.figures?.bind(task),
      });
      display.step(step, loss);
    },
    onEvaluation({ epoch, step, trainLoss, validation, improved }) {
      const whole = plan!.evaluateEvery === plan!.stepsPerEpoch;
      const when = whole ? `Epoch ${epoch + 1}` : `Step ${step}`;
      const scores = validation
        ? `; ${scoresText(model.metrics, validation)}${improved ? ", the best so far" : ""}`
        : "";
      display?.progress.log(`${when}: loss ${trainLoss.toFixed(4)}${scores}.`);
    },
    checkpoint: {
      async save(bytes) {
        // Another run's checkpoint is somebody's work.
        if (first && existsSync(files.checkpoint))
          await rename(files.checkpoint, keptBeside(files.checkpoint));
        first = false;
        await writeBytes(files.checkpoint, bytes);
      },
      resume,
      every,
      metadata: notesOf(task.name, given, parts, model.notes.chosen ?? {}),
    },
  };
  try {
    const result = await withInterrupt((signal) =>
      model.fit(parts.train.source, { ...options, signal, validation: parts.valid?.source }),
    );
    const { steps, best } = result;
    if (steps < plan!.steps)
      display?.progress.log(
        `Ended at step ${steps}: nothing better since step ${best.step}. --epochs or --patience lets it go on.`,
      );
    return result;
  } catch (error) {
    throw error instanceof Interrupted ? howToGoOn(files) : await inFile(error, parts.train);
  } finally {
    display?.progress.stop();
  }
}

/** Scores the model on a part, beside what counting alone reaches, and prints both. */
async function scored(
  { task, given, parts }: Run,
  model: ReadyModel<unknown>,
  part: Part<unknown>,
): Promise<Scored> {
  const evaluation = await model.evaluate(part.source);
  console.log(`\nOn ${part.name}:\n${task.report(evaluation, model)}`);
  const baseline = await task.baseline(parts, part, model);
  if (baseline) {
    const { metrics } = model;
    const metric = (given.metric as string | undefined) ?? Object.keys(metrics)[0]!;
    console.log(`${baseline.name}: ${scoresText(metrics, baseline.scores)}.`);
    if (isNoBetter(metrics[metric], evaluation.scores[metric], baseline.scores[metric]))
      console.log("The model is no better than this baseline: give it more examples or epochs.");
  }
  return { part, evaluation, baseline };
}

/** Whether a score does not beat another; nothing beats all that is right. */
function isNoBetter(
  metric: Metric | undefined,
  own: number | undefined,
  counted: number | undefined,
): boolean {
  if (!metric || own === undefined || counted === undefined) return false;
  const perfect = metric.as === "share" && own === 1;
  return !perfect && falling(metric, own) >= falling(metric, counted);
}

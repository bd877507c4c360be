// A training run of a task, from the files to the model and its scores.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { Command } from "commander";
import { OptionError } from "../../core/errors.js";
import { manualSeed } from "../../core/random.js";
import { BUFFER_SIZE, type OpenStream } from "../../data/stream-batches.js";
import { checkWritable, readBytes, writeBytes } from "../../platform/node/files.js";
import { formatDuration, Pace } from "../../platform/node/progress.js";
import { backend, initSync } from "../../wasm/backend.js";
import { howToGoOn, Interrupted, withInterrupt } from "../interrupt.js";
import { RunDisplay } from "../run-display.js";
import { checkApart, runFiles, type RunFiles } from "../run-files.js";
import {
  checkSameData,
  Fingerprint,
  notesOf,
  readCheckpoint,
  resumedSettings,
} from "../run-notes.js";
import type { DataOptions } from "./dataset.js";
import { checkOptions, inputsOf, warn } from "./checks.js";
import { eachExample, heldIfFew, openExamples } from "./open-examples.js";
import {
  given,
  scoresText,
  type FitFlags,
  type Survey,
  type Task,
  type TaskModel,
  type TaskSettings,
} from "./task.js";

/** The options that do not decide the model's bits. */
export interface TaskRunFlags {
  out?: string;
  resume?: string | true;
  checkpointEvery?: number;
}

/** What training is told, by the names of the command line. */
const FIT_NAMES = {
  epochs: "epochs",
  batch: "batchSize",
  learningRate: "learningRate",
  weightDecay: "weightDecay",
  schedule: "schedule",
  warmup: "warmup",
  clip: "maxNorm",
  metric: "metric",
  patience: "patience",
  averageEpochs: "averageEpochs",
};

/** What `fitModel` has where the command line says nothing: for the progress, which needs the number of steps. */
const EPOCHS = 10;
const BATCH = 32;

export async function trainTask<Example, Model extends TaskModel>(
  task: Task<Example, Model>,
  flags: TaskRunFlags,
  command: Command,
): Promise<void> {
  const files = runFiles(flags, task.name);
  const resume = flags.resume === undefined ? undefined : await readCheckpoint(files.checkpoint);
  const asked = settingsOf(command);
  const settings = resume ? resumedSettings(task.name, command, resume, asked) : asked;
  checkOptions(settings);
  const data = await readData(task, settings);
  const { survey, count, print } = await lookAt(task, data);
  if (resume) checkSameData(resume, print, { what: "data", name: String(settings.train) });
  checkApart(files, inputsOf(settings));
  await checkWritable(files.model);
  if (!resume && existsSync(files.checkpoint))
    console.log(
      `${files.checkpoint} is from a run that did not end: --resume goes on with it, this run replaces it.`,
    );
  initSync({ build: settings.build as "plain" | "auto" });
  manualSeed(settings.seed as number);
  const model = await task.build(data.train, survey.decide(settings));
  for (const name of ["train", "valid", "test"] as const)
    if (data[name]) warn(await task.check(model, data[name], settings[name] as string));
  announce(task.name, survey, model);
  if (isStream(data.train))
    console.log(`They are read as they are needed, ${bufferOf(settings)} at a time (--buffer).`);

  const pace = new Pace(1);
  const result = await fitShown(task, model, data, count, settings, {
    files,
    resume,
    every: flags.checkpointEvery,
    metadata: notesOf(task.name, settings, print),
  });
  await writeBytes(files.model, model.save());
  await rm(files.checkpoint, { force: true });
  const kept = data.valid ? `; the weights are those of epoch ${result.best.epoch + 1}` : "";
  console.log(
    `Trained in ${formatDuration(pace.elapsed())}${kept}. The model is in ${files.model}.`,
  );

  // What is scored is the model in the file.
  const loaded = task.load(await readBytes(files.model));
  const heldOut = data.test ?? data.valid;
  const evaluation = heldOut && (await task.evaluate(loaded, heldOut));
  if (evaluation) {
    console.log(`\nOn ${String(settings.test ?? settings.valid)}:\n${evaluation.report}`);
    // What it counts would grow with a stream.
    if (!isStream(data.train) && !isStream(heldOut))
      console.log(task.baseline(data.train, heldOut));
  }
  const report = {
    modelFile: files.model,
    steps: result.steps,
    validation: result.best.validation,
    ...(data.test && { test: evaluation?.scores }),
  };
  console.log(`\n${JSON.stringify(report)}`);
}

type Source<Example> = readonly Example[] | OpenStream<Example>;

interface Data<Example> {
  readonly train: Source<Example>;
  readonly valid: Source<Example> | undefined;
  readonly test: Source<Example> | undefined;
}

function isStream<Example>(source: Source<Example>): source is OpenStream<Example> {
  return typeof source === "function";
}

function bufferOf(settings: TaskSettings): number {
  return (settings.buffer as number | null) ?? BUFFER_SIZE;
}

function settingsOf(command: Command): TaskSettings {
  const options = command.opts<Record<string, unknown>>();
  const free = ["task", "out", "resume", "checkpointEvery"];
  const keys = command.options.map((option) => option.attributeName());
  return Object.fromEntries(
    keys.filter((key) => !free.includes(key)).map((key) => [key, options[key] ?? null]),
  );
}

async function readData<Example, Model extends TaskModel>(
  task: Task<Example, Model>,
  settings: TaskSettings,
): Promise<Data<Example>> {
  const read = async (name: "train" | "valid" | "test"): Promise<Source<Example> | undefined> => {
    const files = settings[name] as string | null;
    if (files === null) return undefined;
    const open = openExamples(task, files, settings as unknown as DataOptions);
    return heldIfFew(open, bufferOf(settings), { op: "train", flag: `--${name}`, files });
  };
  const train = await read("train");
  if (!train) throw new OptionError({ op: "train", expected: "--train FILE", got: "none" });
  return { train, valid: await read("valid"), test: await read("test") };
}

/** One look at what decides the model. Test data decide nothing. */
async function lookAt<Example, Model extends TaskModel>(
  task: Task<Example, Model>,
  { train, valid }: Data<Example>,
) {
  const survey = task.survey();
  const print = new Fingerprint();
  let count = 0;
  await eachExample(train, (example) => {
    count++;
    survey.see(example);
    print.add(JSON.stringify(example));
  });
  if (valid) await eachExample(valid, (example) => print.add(JSON.stringify(example)));
  return { survey, count, print: String(print) };
}

function announce(task: string, survey: Survey<never>, model: TaskModel): void {
  const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);
  console.log(`${survey.describe()}.`);
  console.log(`A ${task} of ${parameters} parameters; ${backend().build} kernels.`);
}

interface Checkpoint {
  readonly files: RunFiles;
  readonly resume: Uint8Array | undefined;
  readonly every: number | undefined;
  readonly metadata: Record<string, string>;
}

/** Trains to the end; on Ctrl-C saves a checkpoint and throws how to go on. */
async function fitShown<Example, Model extends TaskModel>(
  task: Task<Example, Model>,
  model: Model,
  { train, valid }: Data<Example>,
  count: number,
  settings: TaskSettings,
  { files, resume, every, metadata }: Checkpoint,
) {
  const batch = (settings.batch as number | null) ?? BATCH;
  const epochs = (settings.epochs as number | null) ?? EPOCHS;
  const steps = epochs * Math.ceil(count / batch);
  let display: RunDisplay | undefined;
  const options: Omit<FitFlags, "signal"> = {
    ...given(settings, FIT_NAMES),
    ...(isStream(train) && { bufferSize: bufferOf(settings) }),
    onStep({ step, loss }) {
      display ??= new RunDisplay(steps, step, { itemsAStep: batch, item: "example" });
      display.step(step, loss);
    },
    onEpoch({ epoch, trainLoss, validation, improved }) {
      const scores = validation
        ? `; ${scoresText(validation)}${improved ? ", the best so far" : ""}`
        : "";
      display?.log(`Epoch ${epoch + 1}: loss ${trainLoss.toFixed(4)}${scores}.`);
    },
    checkpoint: {
      save: (bytes) => writeBytes(files.checkpoint, bytes),
      resume,
      every,
      metadata,
    },
  };
  try {
    return await withInterrupt((signal) =>
      task.fit(model, train, valid, { ...options, signal }, settings),
    );
  } catch (error) {
    throw error instanceof Interrupted ? howToGoOn(task.name, files) : error;
  } finally {
    display?.stop();
  }
}

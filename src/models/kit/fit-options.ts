// The options of a training that every ready model has, and what a training reports.
import { OptionError } from "../../core/errors.js";
import type { AbortSignalLike } from "../../core/platform.js";
import type { OptimizerOptions, Optimizer } from "../../optim/optimizer.js";
import type { ParallelInfo } from "../../parallel/data-parallel.js";
import type { WorkerLike } from "../../parallel/threads.js";
import type { Parameter } from "../../tensor/parameter.js";
import type { StepReport } from "../../train/fit.js";
import type { CheckpointOptions } from "../../train/run-state.js";
import type { Scores } from "../../metrics/metric.js";
import {
  api,
  choice,
  number,
  probability,
  readOptions,
  text,
  whole,
  type OptionNaming,
  type OptionTable,
  type Settings,
} from "../../core/options.js";

/**
 * Where taggers and classifiers are given nothing, their data choose what stands as "by the data": how long, how often
 * scored, when it ends. The `chosen` of `onBegin` says what; without validation data nothing ends a run early.
 */
export interface FitOptions<S extends Scores = Scores> {
  /** Passes over the training data, at most. Default 10; or by the data. */
  epochs?: number | undefined;
  /** Steps in all, instead of epochs; the schedule ends with them. Default: what the epochs have. */
  steps?: number | undefined;
  /** Examples in a batch. Default 32; or by the data. */
  batchSize?: number | undefined;
  /**
   * Examples of a stream that are held and shuffled together; only for streams. Default: 100,000.
   */
  bufferSize?: number | undefined;
  /** AdamW's learning rate. Default 0.001; or by the data. */
  learningRate?: number | undefined;
  /** AdamW's weight decay. Default 0. */
  weightDecay?: number | undefined;
  /** AdamW's decay rate of the mean squared gradient. Default 0.999. */
  beta2?: number | undefined;
  /** Makes the optimizer, instead of AdamW. Default: AdamW. */
  optimizer?: ((parameters: Parameter[]) => Optimizer<OptimizerOptions>) | undefined;
  /** The learning rate from the first step to the last; `"linear"` and `"cosine"` fall to 0. Default `"linear"`; or by the data. */
  schedule?: "constant" | "linear" | "cosine" | undefined;
  /** Share of all steps in which the learning rate rises first. Default 0. */
  warmup?: number | undefined;
  /** Maximum gradient norm: longer gradients are scaled down to it. Default 5. */
  maxNorm?: number | undefined;
  /**
   * The score on the validation data that decides which weights are kept; `"f1:positive"` is the F1 of one label, or
   * of one type of spans. Default: the model's first.
   */
  metric?: (keyof S & string) | `f1:${string}` | undefined;
  /**
   * Evaluations in a row without a better score after which the run ends. Default: none, it never does; or by the data.
   * With `patienceShare` it ends where both say so.
   */
  patience?: number | undefined;
  /**
   * Share of the steps so far without a better score after which the run ends; never in the first 30 % of the steps
   * that it may have, nor while a score that should rise is 0. Default: none; or by the data.
   */
  patienceShare?: number | undefined;
  /** Steps between two evaluations. Default: one epoch; or by the data. */
  evaluateEvery?: number | undefined;
  /**
   * Epochs over which weights are averaged (`AveragedWeights`); the average is what is evaluated and kept. Default 0:
   * no averaging.
   */
  averageEpochs?: number | undefined;
  /**
   * The same over a share of the steps so far, such as 0.1: a window that grows with the run, for one whose end is not
   * known. Default 0; or by the data.
   */
  averageShare?: number | undefined;
  /**
   * Threads that compute gradients; 1 is the program's own, `"auto"` as many as run at once here, up to `shards`. It decides nothing
   * about the numbers: `shards` does. Default: 1.
   */
  workers?: number | "auto" | undefined;
  /**
   * Parts that a batch is cut into, for workers to compute; with the seed it decides the numbers. Default: as many as workers; with
   * one worker a batch is not cut.
   */
  shards?: number | undefined;
  /**
   * Makes a worker whose program imports `hiddenstate/parallel/worker`: on pages, and where a bundler moved the package's own file.
   * Default: the package's own.
   */
  createWorker?: (() => WorkerLike) | undefined;
  /** Called once, before the first step. Default: none. */
  onBegin?: ((plan: FitPlan) => void) | undefined;
  /** Called after each step. Default: none. */
  onStep?: ((report: StepReport) => void) | undefined;
  /** Called after each evaluation; without validation data after each epoch. Default: none. */
  onEvaluation?: ((report: EvaluationReport<S>) => void) | undefined;
  /** Ends the run: a checkpoint is saved where `checkpoint` is given, then `signal.reason` is thrown. Default: none. */
  signal?: AbortSignalLike | undefined;
  /** Saves what a run needs to resume after a crash, to the same bits, and resumes from it. Default: none. */
  checkpoint?: Pick<CheckpointOptions, "every" | "save" | "resume" | "metadata"> | undefined;
}

/** What a training is going to do. */
export interface FitPlan {
  /** Steps in all, at most. */
  readonly steps: number;
  /** Steps that are done already: those of the checkpoint that the run goes on from. */
  readonly done: number;
  /** Words, tokens or steps of a sequence in all the examples of an epoch. */
  readonly length: number;
  readonly stepsPerEpoch: number;
  /** Examples in a batch; on average where batches go by something else. */
  readonly batchSize: number;
  /** Steps between two evaluations. */
  readonly evaluateEvery: number;
  /** The threads that compute gradients, and why so; undefined where the training is this thread's alone. */
  readonly parallel: ParallelInfo | undefined;
  /** Options that the data decided, since none were given. */
  readonly chosen: Readonly<Record<string, unknown>>;
}

/** An evaluation during a training, as plain data. */
export interface EvaluationReport<S extends Scores = Scores> {
  /** From 0. */
  readonly epoch: number;
  /** Steps done in all. */
  readonly step: number;
  /** Mean loss of the steps since the evaluation before. */
  readonly trainLoss: number;
  /** Scores on the validation data; null without. */
  readonly validation: S | null;
  /** Whether these weights are kept as the best so far: equal scores keep the later ones. */
  readonly improved: boolean;
}

export interface FitResult<S extends Scores = Scores> {
  /** Steps done in all, those before a resumed checkpoint included. */
  readonly steps: number;
  /** Every evaluation. */
  readonly evaluations: readonly EvaluationReport<S>[];
  /** The evaluation that the model's weights are from; without validation data the last. */
  readonly best: EvaluationReport<S>;
}

const nonNegative = { least: 0, below: Infinity };

export const FIT_OPTIONS: OptionTable<FitOptions<never>> = {
  epochs: whole(1, 10, "passes over the training data, at most"),
  steps: whole(1, undefined, "steps in all, instead of epochs"),
  batchSize: whole(1, 32, "examples in a batch"),
  bufferSize: whole(1, undefined, "examples of a stream shuffled together (default: 100000)"),
  learningRate: number({ above: 0, below: Infinity }, 1e-3, "AdamW's learning rate"),
  weightDecay: number(nonNegative, 0, "AdamW's weight decay"),
  beta2: number({ least: 0, below: 1 }, 0.999, "AdamW's decay rate of the mean squared gradient"),
  schedule: choice(["constant", "linear", "cosine"], "linear", "the learning rate over the run"),
  warmup: probability(0, "share of the steps in which the learning rate rises"),
  maxNorm: number({ above: 0 }, 5, "maximum gradient norm"),
  metric: text(
    undefined,
    "validation score that decides which weights are kept; f1:LABEL for one label",
  ),
  patience: whole(1, undefined, "evaluations without a better score before the run ends early"),
  patienceShare: number(
    { above: 0, below: 1 },
    undefined,
    "share of the steps so far without a better score before the run ends early",
  ),
  evaluateEvery: whole(1, undefined, "steps between evaluations (default: one epoch)"),
  averageEpochs: number(nonNegative, 0, "epochs over which weights are averaged"),
  averageShare: probability(0, "share of the steps so far over which weights are averaged"),
  workers: {
    kind: "value",
    default: undefined,
    help: "threads that compute gradients, or auto; --shards decides the numbers (default: 1)",
    form: 'a whole number of at least 1, or "auto"',
    fits: (value) => value === "auto" || whole(1, undefined, "").fits(value),
    parse: (given) => whole(1, undefined, "").parse(given),
  },
  shards: whole(1, undefined, "parts of a batch, computed apart (default: as many as workers)"),
  createWorker: api("function", "makes a worker"),
  optimizer: api("function", "makes another optimizer"),
  onBegin: api("function", "called before the first step"),
  onStep: api("function", "called after each step"),
  onEvaluation: api("function", "called after each evaluation"),
  signal: api("object", "ends the run"),
  checkpoint: api("object", "saves and resumes"),
};

/** Every option of a training with its value. */
export type FitSettings<S extends Scores = Scores> = Settings<FitOptions<S>, Unset>;

/** Options that have no default. */
type Unset =
  | ("steps" | "bufferSize" | "metric" | "patience" | "patienceShare" | "evaluateEvery")
  | ("workers" | "shards" | "createWorker")
  | ("optimizer" | "onBegin" | "onStep" | "onEvaluation" | "signal" | "checkpoint");

/** Those, and what a model adds. */
type UnsetIn<F> = Extract<keyof F, Unset> | Exclude<keyof F, keyof FitOptions>;

/** Options that have nothing to look at without validation data. */
const OF_VALIDATION = ["metric", "patience", "patienceShare", "evaluateEvery"] as const;

/** Ways to say the same: where one is given, the data choose none of them. */
const ALTERNATIVES = [
  ["epochs", "steps"],
  ["averageEpochs", "averageShare"],
  ["patience", "patienceShare"],
] as const;

/**
 * The settings of a training: as given, else as chosen by the data, else the defaults.
 *
 * @throws OptionError for an option that is unknown, of another form, or without what it needs
 */
export function fitSettings<F extends FitOptions<never>>(
  op: string,
  given: F,
  {
    table,
    validated,
    chosen = {},
    named = (name) => name,
  }: {
    /** The options that the model has. */
    table: OptionTable<F>;
    /** Whether there are validation data. */
    validated: boolean;
    /** What the data decide. */
    chosen?: Partial<F> | undefined;
    /** How options are written where they are given. */
    named?: OptionNaming | undefined;
  },
): Settings<F, UnsetIn<F>> {
  const refuse = (expected: string, got: string): never => {
    throw new OptionError({ op, expected, got });
  };
  const has = (name: keyof FitOptions): boolean => given[name] !== undefined;
  // Zeros mean none, which both may say.
  const wants = (name: keyof FitOptions): boolean => has(name) && given[name] !== 0;
  for (const [one, other] of [ALTERNATIVES[0], ALTERNATIVES[1]])
    if (wants(one) && wants(other)) refuse(`${named(one)} or ${named(other)}`, "both");
  if (has("optimizer"))
    for (const name of ["learningRate", "weightDecay", "beta2"] as const)
      if (has(name)) refuse(`${named(name)}, or an optimizer that has its own`, "both");
  if (!validated)
    for (const name of OF_VALIDATION)
      if (has(name)) refuse(`validation data for ${named(name)} to look at`, "none");
  const said = ALTERNATIVES.filter((names) => names.some(has));
  const unread: readonly string[] = [...said.flat(), ...(validated ? [] : OF_VALIDATION)];
  const decided = Object.entries(chosen).filter(([name]) => !unread.includes(name));
  return readOptions<F, UnsetIn<F>>(
    op,
    table,
    given,
    Object.fromEntries(decided) as Partial<F>,
    named,
  );
}

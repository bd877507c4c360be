// What every ready model is: a module that is trained, scored, and kept in one file.
import { checkChoice } from "../../core/check.js";
import { internal, OptionError } from "../../core/errors.js";
import { cannotTrain } from "../../core/inference.js";
import { Module } from "../../nn/module.js";
import { fitModel, type Sharded, type TrainingTask } from "./fit-model.js";
import { fitSettings, type FitOptions, type FitResult, type FitSettings } from "./fit-options.js";
import { F1_OF, SHARE, withLabelScore, type Metrics, type Scores } from "../../metrics/metric.js";
import { saveModel, type Description, type ModelKind, type ModelNotes } from "./model-file.js";
import { checkSameRun, runIn, runNote, type RunDescription } from "./same-run.js";
import type { Replica } from "../../parallel/shard-runner.js";
import { askedThreads, settledThreads, startThreads } from "./threads.js";
import { checkOptions, type OptionTable, type Settings } from "../../core/options.js";

/** How good a model is on data. */
export interface Evaluation<S extends Scores = Scores, Details = unknown> {
  readonly scores: S;
  /** More than numbers: scores by type, a confusion matrix. */
  readonly details: Details;
}

/** Workers that have copies of a model. */
export interface Finders {
  /** Asks one of them: `"evaluate"`, or `"find"`. */
  find<T>(kind: "evaluate" | "find", value: unknown): Promise<T>;
  /** So many questions may wait for answers. */
  readonly width: number;
}

/** What a training's data are like, for defaults that depend on them. */
export interface TrainingStatistics {
  /** Sentences, texts, series; tokens for a language model. */
  readonly examples: number;
  /** Words, tokens or steps of all examples. */
  readonly length: number;
  /** Tokens that it tells apart, of a language model. */
  readonly vocabularySize?: number | undefined;
  /** Whether there are validation data. */
  readonly validated: boolean;
  /** Words, tokens or steps of the validation examples. Default: not known. */
  readonly validationLength?: number | undefined;
}

/** The data of a training: what they are like, and what tells them from others. */
export type TrainingData = TrainingStatistics & Pick<RunDescription, "data">;

/** What all models of a kind have: a constant of its class. */
export interface ReadyKind<S extends Scores, Extra extends object> extends ModelKind {
  /** The options of its training. */
  readonly fitOptions: OptionTable<FitOptions<S> & Extra>;
  /** Those that the data decide, beside those given; what is not named keeps its default. */
  chooseFit(data: TrainingStatistics, given: FitOptions<S> & Extra): Partial<FitOptions<S> & Extra>;
}

/**
 * @typeParam Source what it learns from and is scored on
 * @typeParam Extra options of its training beyond those that every model has
 */
export abstract class ReadyModel<
  Source,
  S extends Scores = Scores,
  Details = unknown,
  Extra extends object = object,
> extends Module {
  /** What its file says beside weights and description: how its data are read, how it was trained. Plain data. */
  notes: ModelNotes = {};
  #training = false;

  protected abstract readonly kind: ReadyKind<S, Extra>;
  /** What each score means; the first decides which weights are the best. */
  abstract readonly metrics: Metrics<S>;
  /** What has an F1 of its own, by which a training can choose: labels, types. Default: nothing. */
  protected get singled(): readonly string[] {
    return [];
  }
  /** The F1 of one of these. */
  protected f1Of(_name: string, _details: Details): number {
    return 0;
  }
  /** What of it is no tensor, as plain data: its file holds it. */
  protected abstract describe(): Description;

  /**
   * @internal What computes the losses of shards, of a copy in a worker.
   *
   * @param begin what the training knows beside the model's file
   */
  abstract replica_(begin: unknown): Replica;

  /**
   * @internal `evaluate` where workers with copies do the work: here all of it by one.
   */
  evaluateBy_(source: Source, { find }: Finders): Promise<Evaluation<S, Details>> {
    return find("evaluate", source);
  }

  /** @internal In such a worker: what `evaluateBy_` asks it to find. */
  find_(_asked: unknown): unknown {
    throw internal(`${this.kind.name} finds nothing for others`);
  }

  /** Trains. Throws a BackendError in `hiddenstate/infer`. */
  abstract fit(
    source: Source,
    options?: FitOptions<S> & Extra & { validation?: Source | undefined },
  ): Promise<FitResult<S>>;
  abstract evaluate(source: Source): Promise<Evaluation<S, Details>>;

  /** `metrics`, and the one that an option names beyond them: `"f1:positive"`. */
  metricsFor(metric: string | undefined): Metrics<S> {
    if (metric === undefined) return this.metrics;
    const own = metric.startsWith(F1_OF) && this.singled.includes(metric.slice(F1_OF.length));
    return own ? { ...this.metrics, [metric]: SHARE } : this.metrics;
  }

  /** The scores of an evaluation, and the one that an option names beyond them. */
  scoresFor({ scores, details }: Evaluation<S, Details>, metric: string | undefined): S {
    if (this.metricsFor(metric) === this.metrics) return scores;
    return withLabelScore(scores, metric, (label) => this.f1Of(label, details));
  }

  /** The names of all scores that a training can choose by. */
  get metricNames(): readonly string[] {
    return [...Object.keys(this.metrics), ...this.singled.map((name) => F1_OF + name)];
  }

  /** Share of the words or other tokens of a source that the model has not learnt; undefined where nothing is unknown. */
  unknownShare(_source: Source): Promise<number | undefined> {
    return Promise.resolve(undefined);
  }

  /** The model in one safetensors file: weights under PyTorch's names, everything else as metadata. */
  save(): Uint8Array<ArrayBuffer> {
    return saveModel(this, this.kind, this.describe(), this.notes);
  }

  /**
   * The training itself: settles the options, trains, and notes how.
   *
   * @param data decides, beside the options that are given, those that are not; a resumed run keeps what was decided
   */
  protected async train_<Batch>(
    op: string,
    given: FitOptions<S> & Extra,
    data: TrainingData,
    task: (settings: FitSettings<S> & Settings<Extra, keyof Extra>) => Omit<
      TrainingTask<Batch, S>,
      "op" | "model" | "metrics" | "length" | "examples"
    > & {
      readonly sharded: Sharded<Batch>;
    },
  ): Promise<FitResult<S>> {
    if (!TRAINING) throw cannotTrain(op);
    const { checkpoint } = given;
    const { fitOptions: table } = this.kind;
    checkOptions(op, table, given);
    const before = checkpoint?.resume && runIn(op, checkpoint.resume);
    const asked = askedThreads(given, before);
    const settled = asked && (await settledThreads(op, asked));
    const chosen = {
      ...(before
        ? (before.chosen as Partial<FitOptions<S> & Extra>)
        : this.kind.chooseFit(data, given)),
      ...(settled && { shards: settled.shards }),
    } as Partial<FitOptions<S> & Extra>;
    const { validated } = data;
    const settings = fitSettings(op, given, { table, validated, chosen }) as FitSettings<S> &
      Settings<Extra, keyof Extra>;
    if (settings.metric !== undefined) checkChoice(op, "metric", settings.metric, this.metricNames);
    const plain = Object.entries<unknown>(settings).filter(
      ([name]) => (table as OptionTable)[name]!.kind !== "api" && name !== "workers",
    );
    const run = { chosen, settings: Object.fromEntries(plain), data: data.data };
    if (before) checkSameRun(op, before, run);
    const metadata = { ...checkpoint?.metadata, ...runNote(run) };
    const noted = { ...settings, checkpoint: checkpoint && { ...checkpoint, metadata } };
    const decided = (name: string, value: unknown) =>
      given[name as keyof typeof given] === undefined &&
      (chosen as Record<string, unknown>)[name] === value &&
      value !== undefined;
    const shown = Object.fromEntries(plain.filter(([name, value]) => decided(name, value)));
    const metrics = this.metricsFor(settings.metric);
    const { length, examples } = data;
    const { sharded, ...own } = task(settings);
    const parts = { op, model: this, metrics, length, examples, ...own };
    const threads =
      settled &&
      (await startThreads<Batch>(this, {
        ...{ op, ...settled, createWorker: settings.createWorker, sharded },
        functions: Object.keys(given).filter((name) => typeof given[name as never] === "function"),
      }));
    const result = await fitModel<Batch, S>(parts, noted, shown, threads);
    const { steps, best } = result;
    // What was settled by the number of workers is no choice by the data.
    const { shards: _, ...byData } = shown;
    const training = { steps, best, options: Object.fromEntries(plain), chosen: byData };
    this.notes = { ...this.notes, training };
    return result;
  }

  /**
   * One training at a time: two would undo each other's steps.
   *
   * @throws OptionError while another training of the model goes on
   */
  protected async alone_<T>(op: string, train: () => Promise<T>): Promise<T> {
    if (this.#training)
      throw new OptionError({
        op,
        expected: "one training of a model at a time",
        got: "a second one while the first goes on",
        cure: "Await the first fit, or train another model.",
      });
    this.#training = true;
    try {
      return await train();
    } finally {
      this.#training = false;
    }
  }
}

// What every ready model is: a module that is trained, scored, and kept in one file.
import { cannotTrain } from "../../core/inference.js";
import { parseSafetensors } from "../../io/safetensors-header.js";
import { Module } from "../../nn/module.js";
import { fitModel, type TrainingTask } from "./fit-model.js";
import { fitSettings, type FitOptions, type FitResult, type FitSettings } from "./fit-options.js";
import type { Metrics, Scores } from "../../metrics/metric.js";
import { saveModel, type Description, type ModelKind, type ModelNotes } from "./model-file.js";
import type { OptionTable, Settings } from "../../core/options.js";

/** How good a model is on data. */
export interface Evaluation<S extends Scores = Scores, Details = unknown> {
  readonly scores: S;
  /** More than numbers: scores by type, a confusion matrix. */
  readonly details: Details;
}

/** What a training's data are like, for defaults that depend on them. */
export interface TrainingStatistics {
  /** Sentences, texts, series; tokens for a language model. */
  readonly examples: number;
  /** Words, tokens or steps of all examples. */
  readonly length: number;
  /** Tokens that it tells apart, of a language model. */
  readonly vocabularySize?: number;
  /** Whether there are validation data. */
  readonly validated: boolean;
  /** Words, tokens or steps of the validation examples. Default: not known. */
  readonly validationLength?: number;
}

/** What all models of a kind have: a constant of its class. */
export interface ReadyKind<S extends Scores, Extra extends object> extends ModelKind {
  /** The options of its training. */
  readonly fitOptions: OptionTable<FitOptions<S> & Extra>;
  /** Those that the data decide, beside those given; what is not named keeps its default. */
  chooseFit(data: TrainingStatistics, given: FitOptions<S> & Extra): Partial<FitOptions<S> & Extra>;
}

/** The note of a checkpoint with what the data decided: a resumed run decides the same. */
const CHOSEN_NOTE = "hiddenstate.chosen";

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

  protected abstract readonly kind: ReadyKind<S, Extra>;
  /** What each score means; the first decides which weights are the best. */
  abstract readonly metrics: Metrics<S>;
  /** What of it is no tensor, as plain data: its file holds it. */
  protected abstract describe(): Description;

  /** Trains. Throws a BackendError in `hiddenstate/infer`. */
  abstract fit(
    source: Source,
    options?: FitOptions<S> & Extra & { validation?: Source | undefined },
  ): Promise<FitResult<S>>;
  abstract evaluate(source: Source): Promise<Evaluation<S, Details>>;

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
    data: TrainingStatistics,
    task: (
      settings: FitSettings<S> & Settings<Extra>,
    ) => Omit<TrainingTask<Batch, S>, "op" | "model" | "metrics">,
  ): Promise<FitResult<S>> {
    if (!TRAINING) throw cannotTrain(op);
    const { checkpoint } = given;
    const { fitOptions: table } = this.kind;
    const chosen = checkpoint?.resume
      ? chosenIn(checkpoint.resume)
      : this.kind.chooseFit(data, given);
    const { validated } = data;
    const settings = fitSettings(op, given, { table, validated, chosen }) as FitSettings<S> &
      Settings<Extra>;
    const note = { [CHOSEN_NOTE]: JSON.stringify(chosen) };
    const noted = {
      ...settings,
      checkpoint: checkpoint && { ...checkpoint, metadata: { ...checkpoint.metadata, ...note } },
    };
    const plain = Object.entries<unknown>(settings).filter(
      ([name]) => (table as OptionTable)[name]!.kind !== "api",
    );
    const decided = (name: string, value: unknown) =>
      given[name as keyof typeof given] === undefined &&
      (chosen as Record<string, unknown>)[name] === value &&
      value !== undefined;
    const shown = Object.fromEntries(plain.filter(([name, value]) => decided(name, value)));
    const parts = { op, model: this, metrics: this.metrics, ...task(settings) };
    const result = await fitModel<Batch, S>(parts, noted, shown);
    const { steps, best } = result;
    const training = { steps, best, options: Object.fromEntries(plain), chosen: shown };
    this.notes = { ...this.notes, training };
    return result;
  }
}

function chosenIn(resume: Uint8Array): object {
  const note = parseSafetensors(resume).metadata.get(CHOSEN_NOTE);
  return note === undefined ? {} : (JSON.parse(note) as object);
}

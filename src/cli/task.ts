// What a task of the command is: everything that a command needs to know of it stands in its file.
import type { Module } from "../nn/module.js";
import type { Evaluation, ReadyModel } from "../models/kit/ready-model.js";
import type { Scores } from "../metrics/metric.js";
import type { OptionTable } from "../core/options.js";
import type { TextSource } from "../data/source.js";

/** Values of options by their names; those that are not given are missing. */
export type Given = Readonly<Record<string, unknown>>;

/** Some data of a run. */
export interface Part<Source> {
  readonly source: Source;
  /** What it is called: a file. */
  readonly name: string;
  /** Tells data apart: a run is resumed with the data it began with. */
  readonly fingerprint: string;
  /** What a user should know of them. Default: nothing. */
  readonly notes?: readonly string[] | undefined;
  /** Where an example stands, by its number from 0: `"train.tsv, line 3"`. Default: nobody knows. */
  readonly where?: ((example: number) => Promise<string>) | undefined;
}

export interface Parts<Source> {
  readonly train: Part<Source>;
  readonly valid: Part<Source> | undefined;
  readonly test: Part<Source> | undefined;
  /** What there is to learn from, in a sentence. */
  readonly summary: string;
}

/** What counting alone reaches: a model should be better. */
export interface Baseline {
  /** `"Each word's most frequent tag"` */
  readonly name: string;
  readonly scores: Scores;
}

/** A part of the data as the trained model is scored on it. */
export interface Scored {
  readonly part: Part<unknown>;
  readonly evaluation: Evaluation;
  readonly baseline: Baseline | undefined;
}

export interface Finished<Model> {
  readonly parts: Parts<unknown>;
  /** As it was saved and loaded again. */
  readonly model: Model;
  readonly modelFile: string;
  readonly valid: Scored | undefined;
  readonly test: Scored | undefined;
  readonly given: Given;
}

/** @typeParam Source what the model learns from and is scored on */
export interface TaskDefinition<Source, Model extends Module> {
  /** As `--task` calls it. */
  readonly name: string;
  /** What its model is called in a sentence. Default: as the task. */
  readonly noun?: string | undefined;
  /** As the model's file calls it. */
  readonly kind: string;
  /** What models of this kind read where there are several tasks of it, as the file calls it: `"sound"`. Default: anything. */
  readonly input?: string | undefined;
  /** For the list of tasks: `"labels for words: named entities, slots"`. */
  readonly summary: string;
  readonly description: string;
  /** Examples and notes behind the options. */
  readonly help: string;
  /** How data are read: the model's file remembers it. */
  readonly reading: OptionTable;
  /** What else decides which data a run has. Default: none. */
  readonly data?: OptionTable | undefined;
  /** Of the model. */
  readonly model: OptionTable;
  /** Of its training. */
  readonly training: OptionTable;
  /** Options that decide nothing about the model. Default: none. */
  readonly other?: OptionTable | undefined;

  /** How the data of `--train` were read where their names told: the model's file remembers that too. */
  readAs?(given: Given): Given;
  /** Steps between checkpoints, where epochs are long. Default: an epoch. */
  readonly checkpointEvery?: number | undefined;
  /** Refuses options that contradict each other. */
  check?(given: Given): void;
  /** The title of a model file that is not named. Default: the task's name. */
  title?(given: Given): string;
  /** The data of a run. */
  parts(given: Given): Promise<Parts<Source>>;
  /** Whether `--train`, `--valid` and `--test` are lists of files each. Default false. */
  readonly severalFiles?: boolean | undefined;
  /**
   * Data to be scored by a model, read as `given` says.
   *
   * @param others further files, of a task that takes several
   */
  read(file: string, given: Given, model: Model, others?: readonly string[]): Promise<Part<Source>>;
  /**
   * Refuses data that the model cannot be scored on, or learn, with file and place.
   *
   * @param training whether it is to learn them
   * @returns what else a user should know of them
   */
  examine(model: Model, part: Part<Source>, training: boolean): Promise<readonly string[]>;
  /** What a user should know before a model learns from data: few examples, labels that are rare. */
  advise?(parts: Parts<Source>): Promise<readonly string[]>;
  /** Refuses before a training what would be refused in it or after it. */
  checkRun?(model: Model, flags: Given, parts: Parts<Source>): void | Promise<void>;
  /** Data without what a finished model cannot learn, with notes on that; undefined: it can learn all of them. */
  learnable?(
    model: Model,
    part: Part<Source>,
  ): { readonly part: Part<Source>; readonly notes: readonly string[] } | undefined;
  /** The options that say what a finished model's tokens are. Default: none. */
  tokensOf?(model: Model): Given;
  /** What the length of data is counted in. Default: `"word"`. */
  lengthUnit?(model: Model): string;
  build(parts: Parts<Source>, given: Given): Model | Promise<Model>;
  load(bytes: Uint8Array): Model;
  /** After an evaluation of a training: how the model does on an example. Default: nothing. */
  sample?(model: Model, parts: Parts<Source>): string | undefined;
  /** What a step reads, and figures that follow from the loss, for the progress. */
  progress(fit: { batchSize: number }, given: Given): { items: number; unit: string };
  figures?(loss: number): string[];
  /** An evaluation for people. */
  report(evaluation: Evaluation, model: Model): string;
  /** How a finished model is scored, where options say. Default: `model.evaluate`. */
  readonly evaluation?: {
    readonly options: OptionTable;
    run(model: Model, source: Source, given: Given): Promise<Evaluation>;
    /** Whether `evaluate` ends with the scores in a line of JSON, also where it was not asked for. */
    readonly endsWithJson: boolean;
  };
  /** For JSON, beside the scores. */
  details(evaluation: Evaluation): object;
  baseline(
    parts: Parts<Source>,
    heldOut: Part<Source>,
    model: Model,
    metric: string | undefined,
  ): Promise<Baseline | undefined> | Baseline | undefined;
  /** Whether the validation part is scored at the end even where there is a test part. Default false. */
  readonly scoresValidation?: boolean | undefined;
  /** The last line of a training, in JSON. Default: modelFile, steps, validation, test. */
  finish?(run: Finished<Model>): object | Promise<object>;

  readonly predict?: Prediction<Model> | undefined;
  readonly match?: Matching<Model> | undefined;
  readonly generate?: {
    readonly options: OptionTable;
    /** Writes, and gives what it wrote. */
    run(model: Model, given: Given): string | Promise<string>;
  };
  readonly chat?: {
    readonly options: OptionTable;
    begin(model: Model, given: Given): Conversation;
  };
}

export interface Conversation {
  /** What of what was said the model reads, for people. */
  readonly reads: string;
  answer(said: string): string;
  /** Forgets what was said. */
  reset(): void;
}

export interface Prediction<Model> {
  readonly options: OptionTable;
  /** For the help: what comes out. */
  readonly help: string;
  /** Whether `lines` asks for answers in a way that workers can give them (`answersOf`). Default: it does not. */
  readonly byWorkers?: true | undefined;
  check?(given: Given): void;
  /** Lines for standard output, as soon as they are known. */
  lines(model: Model, source: TextSource, given: Given): AsyncIterable<string>;
  /** What lines are that may stand behind the flags instead: `"WAV files"`. Default: they may not. */
  readonly operands?: string | undefined;
  /** How what comes in as bytes is answered, where an option says so. Default: it is text. */
  readonly raw?:
    | {
        /** The option's name: a flag. */
        readonly option: string;
        lines(model: Model, source: AsyncIterable<Uint8Array>, given: Given): AsyncIterable<string>;
      }
    | undefined;
}

/** What `match` compares lines with. */
export interface Matching<Model> {
  readonly options: OptionTable;
  /**
   * Lines for standard output, as soon as they are known.
   *
   * @param references the file of what has labels
   */
  lines(model: Model, references: string, source: TextSource, given: Given): AsyncIterable<string>;
}

/** A task whose types nobody knows: what commands work with. */
export type Task = TaskDefinition<unknown, ReadyModel<unknown>>;

export function defineTask<Source, Model extends Module>(
  task: TaskDefinition<Source, Model>,
): Task {
  return task as unknown as Task;
}

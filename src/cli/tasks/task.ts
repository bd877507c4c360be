// What a kind of task brings to the commands that train, evaluate and use its models.
import type { Command } from "commander";
import type { Examples } from "../../models/examples.js";
import type {
  EpochScores,
  FitModelOptions,
  FitModelResult,
  Scores,
} from "../../models/fit-model.js";
import type { Module } from "../../nn/module.js";
import type { DataShape, Values } from "./dataset.js";

/** How good a model is: numbers by name, more of them by type or label, and all that as a text. */
export interface Evaluation {
  readonly scores: Scores;
  /** For JSON, beside the scores. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly report: string;
}

/** The options that decide the bits of the model, by the names of the command line; null: the model's default. */
export type TaskSettings = Readonly<Record<string, unknown>>;

/** A model that can be trained and kept. */
export interface TaskModel extends Module {
  save(): Uint8Array;
}

export type FitFlags = Pick<
  FitModelOptions,
  | "epochs"
  | "batchSize"
  | "bufferSize"
  | "learningRate"
  | "weightDecay"
  | "schedule"
  | "warmup"
  | "maxNorm"
  | "metric"
  | "patience"
  | "averageEpochs"
  | "onStep"
  | "signal"
  | "checkpoint"
> & { onEpoch?: (report: EpochScores) => void };

/** What is found out about the examples that a run learns from, as they pass. */
export interface Survey<Example> {
  see(example: Example): void;
  /** What there is to learn from, in a line. */
  describe(): string;
  /** Settings that were left for the data to decide. */
  decide(settings: TaskSettings): TaskSettings;
}

export interface Task<Example, Model extends TaskModel> {
  /** As `--task` calls it. */
  readonly name: string;
  /** As the model's file calls it. */
  readonly kind: string;
  readonly data: DataShape;
  /** Adds the options of the model. */
  options(command: Command): Command;
  example(values: Values): Example;
  survey(): Survey<Example>;
  /** @param settings those that the survey decided */
  build(examples: Examples<Example>, settings: TaskSettings): Model | Promise<Model>;
  fit(
    model: Model,
    examples: Examples<Example>,
    validation: Examples<Example> | undefined,
    options: FitFlags,
    settings: TaskSettings,
  ): Promise<FitModelResult>;
  load(bytes: Uint8Array): Model;
  /**
   * Refuses examples that the model cannot be measured by.
   *
   * @param file for errors
   * @returns what else a user should know of them
   */
  check(model: Model, examples: Examples<Example>, file: string): Promise<string | undefined>;
  evaluate(model: Model, examples: Examples<Example>): Evaluation | Promise<Evaluation>;
  /** What counting alone reaches, in a line. */
  baseline(train: readonly Example[], heldOut: readonly Example[]): string;
}

/** Of the settings, those that are given, under the names that a model calls them by. */
export function given(
  settings: TaskSettings,
  names: Readonly<Record<string, string>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([flag, name]) => {
      const value = settings[flag];
      return value === null || value === undefined ? [] : [[name, value]];
    }),
  );
}

/** `91.23 %` */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** `f1 91.23 %, loss 0.123` */
export function scoresText(scores: Scores): string {
  return Object.entries(scores)
    .map(([name, value]) => `${name} ${name === "loss" ? value.toFixed(4) : percent(value)}`)
    .join(", ");
}

// The types that a model over examples is made of.
import type { Scores } from "../../metrics/metric.js";
import type { Settings } from "../../core/options.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { FitSettings } from "./fit-options.js";
import type { Evaluation, ReadyKind } from "./ready-model.js";

/** The types of a kind of model. */
export interface TaskTypes {
  /** What `predict` takes: a text, a sentence. */
  Input: unknown;
  /** What `fit` and `evaluate` take: an input with the right answer. */
  Example: unknown;
  /** An input as the model works with it: token ids, words. */
  Encoded: unknown;
  /** The right answer as the model works with it. */
  Target: unknown;
  /** What the model finds, as its scorer reads it. */
  Finding: unknown;
  /** What `predict` gives. */
  Answer: unknown;
  Scores: Scores;
  Details: unknown;
  /** Options of its training beyond those that every model has. */
  Extra: object;
}

/** The settings of its training. */
export type FitSettingsOf<T extends TaskTypes> = FitSettings<T["Scores"]> &
  Settings<T["Extra"], keyof T["Extra"]>;

/** An example as the model works with it. */
export interface EncodedExample<T extends TaskTypes> {
  readonly example: T["Example"];
  readonly encoded: T["Encoded"];
  readonly target: T["Target"];
}

/** The loss of examples that are learnt together. */
export interface MeanLoss {
  /** Mean loss, a scalar. */
  readonly loss: Tensor;
  /** What it is the mean over: examples, tokens. */
  readonly count: number;
}

/** How much a batch has, of which a loss may see a part. */
export interface BatchSize {
  readonly examples: number;
  /** Steps of all inputs. */
  readonly length: number;
}

/** Counts how good findings are, one after another. */
export interface Scorer<T extends TaskTypes> {
  add(finding: T["Finding"], target: T["Target"], encoded: T["Encoded"]): void;
  readonly evaluation: Evaluation<T["Scores"], T["Details"]>;
}

/** How examples are scored: what is found in them, and who counts. */
export interface Scoring<T extends TaskTypes> {
  readonly scorer: Scorer<T>;
  /**
   * What the model finds in each example of a batch.
   *
   * @param places their numbers, from 0
   */
  find(batch: readonly EncodedExample<T>[], places: readonly number[]): readonly T["Finding"][];
}

/** Named logits of a batch, which must be finite. */
export type Logits = Readonly<Record<string, Tensor | undefined>>;

/** What all models of a kind have. */
export interface TaskKind<T extends TaskTypes> extends ReadyKind<T["Scores"], T["Extra"]> {
  /** What an example is called in errors: `"sentence"`. */
  readonly item: string;
}

// What a classifier is made of, and how it is trained.
import { FIT_OPTIONS, type FitOptions } from "../kit/fit-options.js";
import { api, byTheData, probability, type OptionTable } from "../../core/options.js";
import type { Examples } from "../../data/examples.js";
import { OF_A_RUN } from "../kit/run-length.js";
import type { EncoderOptions } from "../parts/encoder-options.js";
import type { InputKind } from "../parts/input.js";
import type { ClassifierScores, Example } from "./example.js";

/** Options of `SequenceClassifier.build`: what is read, and those of the encoder. */
export type BuildClassifierOptions<Input> = EncoderOptions & {
  /** What examples are: `text()` or `series()`, with their options. Default: `text()`. */
  input?: InputKind<Input> | undefined;
};

/** What a classifier's training has beyond what every training has. */
export interface ClassifierFitExtra<Input = string> {
  /** Share of the target that is spread over all labels (Szegedy et al. 2016). Default 0. */
  labelSmoothing?: number;
  /**
   * Another form of an input each time it is read in training, its label the same: a shifted image, a series with
   * noise. It takes its chances from the library's generator (`rand`), so that runs can be repeated and resumed.
   * Default: none.
   */
  augment?: ((input: Input) => Input) | undefined;
}

export interface ClassifierFitOptions<Input = string, Label extends string = string>
  extends FitOptions<ClassifierScores>, ClassifierFitExtra<Input> {
  /** Examples that decide which weights are kept. Default: none, the last are. */
  validation?: Examples<Example<Input, Label>> | undefined;
}

export const CLASSIFIER_FIT_OPTIONS = {
  ...byTheData(FIT_OPTIONS as OptionTable<FitOptions<ClassifierScores>>, OF_A_RUN),
  labelSmoothing: probability(0, "share of the target spread over all labels"),
  augment: api<(input: unknown) => unknown>("function", "changes inputs in training"),
};

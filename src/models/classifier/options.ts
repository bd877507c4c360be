// What a classifier is made of, and how it is trained.
import { FIT_OPTIONS, type FitOptions } from "../kit/fit-options.js";
import { api, byTheData, choice, probability, type OptionTable } from "../../core/options.js";
import type { Examples } from "../../data/examples.js";
import { OF_A_RUN } from "../kit/run-length.js";
import type { EncoderOptions } from "../parts/encoder-options.js";
import type { InputKind } from "../parts/input.js";
import { CLASS_WEIGHTS, type ClassWeights } from "./class-weights.js";
import type { ClassifierScores, Example, MultiLabelExample, MultiLabelScores } from "./example.js";

/** Options of `SequenceClassifier.build`: what is read, and those of the encoder. */
export type BuildClassifierOptions<Input> = EncoderOptions & {
  /** What examples are: `text()` or `series()`, with their options. Default: `text()`. */
  input?: InputKind<Input> | undefined;
};

/** What every classifier's training has beyond what every training has. */
export interface ClassifierFitExtra<Input = string, Label extends string = string> {
  /**
   * How much labels count in the loss: `"balanced"` as if there were as many examples of each, or a weight for each label
   * by name, 1 for those not named. Where several labels may hold, it is their presence that counts so much. Default:
   * all alike.
   */
  classWeights?: ClassWeights<Label> | undefined;
  /**
   * How an epoch takes its examples: each once, or as many drawn with replacement so that each label comes as often as any
   * other: rare ones are learnt, and repeated. Not for streams. Default `"each"`.
   */
  sampling?: "each" | "balanced" | undefined;
  /**
   * Another form of an input each time it is read in training, its label the same: a shifted image, a series with
   * noise. It takes its chances from the library's generator (`rand`), so that runs can be repeated and resumed.
   * Default: none.
   */
  augment?: ((input: Input) => Input) | undefined;
}

/** What else the training of a classifier of one label has. */
export interface SequenceClassifierFitExtra<
  Input = string,
  Label extends string = string,
> extends ClassifierFitExtra<Input, Label> {
  /** Share of the target that is spread over all labels (Szegedy et al. 2016). Default 0. */
  labelSmoothing?: number | undefined;
}

export interface ClassifierFitOptions<Input = string, Label extends string = string>
  extends FitOptions<ClassifierScores>, SequenceClassifierFitExtra<Input, Label> {
  /** Examples that decide which weights are kept. Default: none, the last are. */
  validation?: Examples<Example<Input, Label>> | undefined;
}

/** Options of `MultiLabelClassifier.fit`. With validation data they choose the model's threshold too, by `microF1`. */
export interface MultiLabelFitOptions<Input = string, Label extends string = string>
  extends FitOptions<MultiLabelScores>, ClassifierFitExtra<Input, Label> {
  /** Examples that decide which weights are kept, and the threshold. Default: none, the last are, and 0.5. */
  validation?: Examples<MultiLabelExample<Input, Label>> | undefined;
}

const EXTRA = {
  classWeights: CLASS_WEIGHTS,
  sampling: choice(
    ["each", "balanced"],
    "each",
    "how an epoch takes its examples: each once, or such that labels come alike",
  ),
  augment: api<(input: unknown) => unknown>("function", "changes inputs in training"),
};

export const CLASSIFIER_FIT_OPTIONS = {
  ...byTheData(FIT_OPTIONS as OptionTable<FitOptions<ClassifierScores>>, OF_A_RUN),
  labelSmoothing: probability(0, "share of the target spread over all labels"),
  ...EXTRA,
};

export const MULTI_LABEL_FIT_OPTIONS = {
  ...byTheData(FIT_OPTIONS as OptionTable<FitOptions<MultiLabelScores>>, OF_A_RUN),
  ...EXTRA,
};

// What a Siamese network is made of, and how it is trained.
import {
  api,
  byTheData,
  choice,
  flag,
  number,
  whole,
  type OptionTable,
} from "../../core/options.js";
import type { Examples } from "../../data/examples.js";
import { FIT_OPTIONS, type FitOptions } from "../kit/fit-options.js";
import { OF_A_RUN } from "../kit/run-length.js";
import type { EncoderOptions } from "../parts/encoder-options.js";
import type { InputKind } from "../parts/input.js";
import type { SiameseExample } from "./example.js";
import type { SiameseScores } from "./pair-scores.js";

/** Beside those of the encoder. */
export interface SiameseOwnOptions {
  /** Numbers of a vector, from a linear layer behind the encoder; 0: none, the encoder's own size. Default 128; of a
   * mean of words that is built 0. */
  outputSize?: number | undefined;
}

export type SiameseOptions = EncoderOptions & SiameseOwnOptions;

export const SIAMESE_OPTIONS: OptionTable<SiameseOwnOptions> = {
  outputSize: whole(0, 128, "numbers of a vector; 0: as the encoder has"),
};

/** Options of `SiameseNetwork.build`: what is read, and those of the network. */
export type BuildSiameseOptions<Input> = SiameseOptions & {
  /** What inputs are: `text()` or `series()`, with their options. Default: `text()`. */
  input?: InputKind<Input> | undefined;
};

export type SiameseLoss = "ranking" | "hardTriplet" | "batchHard" | "contrastive" | "cosine";

/** What the training of a Siamese network has beyond what every training has. */
export interface SiameseFitExtra<Input = string> {
  /**
   * What it learns by: `"ranking"` (`multipleNegativesRankingLoss`, both directions), `"hardTriplet"` (`hardTripletLoss`),
   * `"batchHard"` (`batchHardTripletLoss`, of labelled inputs), `"contrastive"` (`contrastiveLoss`, of pairs) or
   * `"cosine"` (`cosineSimilarityLoss`). Default: by the examples; graded pairs cosine, others ranking.
   */
  loss?: SiameseLoss | undefined;
  /** The margin of a loss that has one. Default: hardTriplet 0.25, batchHard 0.3, contrastive 0.5. */
  margin?: number | undefined;
  /** Ranking: what cosines are multiplied by, 1 / temperature. Default 20. */
  scale?: number | undefined;
  /** HardTriplet: the closest negative of all, or of those no closer than the positive. Default `"any"`. */
  closest?: "any" | "semiHard" | undefined;
  /** BatchHard: log(1 + e^x) instead of a margin. Default false. */
  soft?: boolean | undefined;
  /** BatchHard: examples of a label in a batch. Default 4. */
  perLabel?: number | undefined;
  /** What the threshold is to be best for on the validation data. Default `"accuracy"`. */
  thresholdFor?: "accuracy" | "f1" | undefined;
  /**
   * Another form of an input each time it is read in training: a shifted image, a series with noise. It takes its chances
   * from the library's generator (`rand`), so that runs can be repeated and resumed. Default: none.
   */
  augment?: ((input: Input) => Input) | undefined;
}

export interface SiameseFitOptions<Input = string>
  extends FitOptions<SiameseScores>, SiameseFitExtra<Input> {
  /** Examples that decide which weights are kept, and the threshold. Default: none, the last are, and 0.5. */
  validation?: Examples<SiameseExample<Input>> | undefined;
}

const LOSSES = ["ranking", "hardTriplet", "batchHard", "contrastive", "cosine"] as const;

export const SIAMESE_FIT_OPTIONS = {
  ...byTheData(FIT_OPTIONS as OptionTable<FitOptions<SiameseScores>>, OF_A_RUN),
  loss: choice(LOSSES, undefined, "what it learns by (default: by the examples)"),
  margin: number(
    { above: 0, below: Infinity },
    undefined,
    "the loss's margin (default: hardTriplet 0.25, batchHard 0.3, contrastive 0.5)",
  ),
  scale: number({ above: 0, below: Infinity }, 20, "ranking: what cosines are multiplied by"),
  closest: choice(
    ["any", "semiHard"],
    "any",
    "hardTriplet: the closest negative of all, or of those no closer than the positive",
  ),
  soft: flag(false, "batchHard: log(1 + e^x) instead of a margin"),
  perLabel: whole(2, 4, "batchHard: examples of a label in a batch"),
  thresholdFor: choice(
    ["accuracy", "f1"],
    "accuracy",
    "what the threshold is to be best for on the validation data",
  ),
  augment: api<(input: unknown) => unknown>("function", "changes inputs in training"),
};

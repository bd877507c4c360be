// What an autoencoder of sequences is made of, and how it is trained.
import {
  byTheData,
  choice,
  flag,
  number,
  probability,
  whole,
  type OptionTable,
  type Settings,
} from "../../core/options.js";
import type { Examples } from "../../data/examples.js";
import { LOSS, SHARE, type Metrics, type Scores } from "../../metrics/metric.js";
import { FIT_OPTIONS, type FitOptions } from "../kit/fit-options.js";
import { OF_A_RUN } from "../kit/run-length.js";
import type { InputKind } from "../parts/input.js";
import type { Series } from "../parts/series-input.js";
import type { AutoencoderExample } from "./example.js";

export interface AutoencoderOptions {
  /** The cell of encoder and decoder. Default `"lstm"`. */
  cell?: "lstm" | "gru" | undefined;
  /** Size of the state: of the encoder in each direction, and of the decoder. Default 64. */
  hiddenSize?: number | undefined;
  /** Layers of the encoder, and of the decoder. Default 1. */
  numLayers?: number | undefined;
  /** Whether the encoder reads backwards too. Default true. */
  bidirectional?: boolean | undefined;
  /** Numbers of the vector that a series becomes: all that the decoder knows of it. Default 16. */
  outputSize?: number | undefined;
}

export type AutoencoderSettings = Settings<AutoencoderOptions>;

export const AUTOENCODER_OPTIONS: OptionTable<AutoencoderOptions> = {
  cell: choice(["lstm", "gru"], "lstm", "the cell of encoder and decoder"),
  hiddenSize: whole(1, 64, "size of the state: of the encoder in each direction, of the decoder"),
  numLayers: whole(1, 1, "layers of the encoder, and of the decoder"),
  bidirectional: flag(true, "the encoder reads forwards only"),
  outputSize: whole(1, 16, "numbers of the vector that a series becomes"),
};

/** Options of `SequenceAutoencoder.build`: how series are read, and those of the network. */
export type BuildAutoencoderOptions = AutoencoderOptions & {
  /** `series()` with its options. Default: `series()`. */
  input?: InputKind<Series> | undefined;
};

/** What the training of an autoencoder has beyond what every training has. */
export interface AutoencoderFitExtra {
  /**
   * Denoising: standard deviation of the normal noise that is added to what the encoder reads, while the series without it is to
   * come out (Vincent et al. 2008); 1 is as wide as the data. Default 0.
   */
  noise?: number | undefined;
  /** Denoising: share of the numbers that the encoder reads as 0, the mean. Default 0. */
  masking?: number | undefined;
  /**
   * The threshold of anomalies is this quantile of the errors of normal series: of the validation data, or where there are none,
   * of those that were learnt. 0.99 takes one normal series of a hundred for an anomaly. Default 0.99.
   */
  quantile?: number | undefined;
}

/** Scores of an autoencoder. */
export type AutoencoderScores = Scores & {
  /**
   * Mean squared error of the steps of normal series, in units of the variance of what the model was built from: 1 is what the mean
   * reaches.
   */
  readonly error: number;
  /** Where there are anomalies too: the chance that one has a larger error than a normal series (`rocAuc`). */
  readonly auc?: number | undefined;
};

export const AUTOENCODER_METRICS: Metrics<AutoencoderScores> = { error: LOSS, auc: SHARE };

export interface AutoencoderFitOptions extends FitOptions<AutoencoderScores>, AutoencoderFitExtra {
  /** Series that decide which weights are kept, and the threshold. Default: none, the last are, and what is learnt decides. */
  validation?: Examples<AutoencoderExample> | undefined;
}

export const AUTOENCODER_FIT_OPTIONS = {
  ...byTheData(FIT_OPTIONS as OptionTable<FitOptions<AutoencoderScores>>, OF_A_RUN),
  noise: number({ least: 0 }, 0, "denoising: deviation of the noise added to what is read"),
  masking: probability(0, "denoising: share of the numbers read as 0"),
  quantile: number(
    { above: 0, most: 1 },
    0.99,
    "quantile of the errors of normal series that is the threshold of anomalies",
  ),
};

// What a language model is made of, and how it is trained.
import { FIT_OPTIONS, type FitOptions } from "../kit/fit-options.js";
import type { Metrics } from "../../metrics/metric.js";
import { LOSS } from "../../metrics/metric.js";
import {
  byTheData,
  flag,
  probability,
  whole,
  withDefaults,
  type OptionTable,
  type Settings,
} from "../../core/options.js";
import { TOKEN_OPTIONS, type TokenOptions } from "../../text/tokens.js";

export interface LanguageModelOptions {
  /** Size of a token's vector. Default 128. */
  embeddingSize?: number | undefined;
  /** Size of the LSTM's state. Default 256. */
  hiddenSize?: number | undefined;
  /** LSTM layers. Default 1. */
  numLayers?: number | undefined;
  /** Probability of dropping, in training: of embeddings, between layers, and before the output. Default 0. */
  dropout?: number | undefined;
  /**
   * Whether the output layer shares the embedding's weight (Press & Wolf 2017): fewer parameters, better
   * with large vocabularies. Needs embeddingSize = hiddenSize. Default false.
   */
  tieWeights?: boolean | undefined;
}

export type LanguageModelSettings = Settings<LanguageModelOptions>;

export const LANGUAGE_MODEL_OPTIONS: OptionTable<LanguageModelOptions> = {
  embeddingSize: whole(1, 128, "size of a token's vector"),
  hiddenSize: whole(1, 256, "size of the LSTM's state"),
  numLayers: whole(1, 1, "LSTM layers"),
  dropout: probability(0, "share of values dropped in training"),
  tieWeights: flag(false, "one matrix for reading and writing; embedding size = hidden size"),
};

/**
 * Options of `LanguageModel.build`: those of the model, and what a token is: by default a character. Words that are seen
 * once are unknown by default (`minCount` 2), and the text chooses the size of vectors and the dropout.
 */
export interface BuildLanguageModelOptions extends LanguageModelOptions, TokenOptions {}

export const BUILD_OPTIONS: OptionTable<BuildLanguageModelOptions> = {
  ...withDefaults(TOKEN_OPTIONS, { tokens: "characters", minCount: 2 }),
  ...byTheData(withDefaults(LANGUAGE_MODEL_OPTIONS, { hiddenSize: 128 }), [
    "embeddingSize",
    "dropout",
  ]),
};

/** Mean negative log-likelihood per token, in nats, and its exponential. */
export type LanguageModelScores = {
  readonly perplexity: number;
  readonly loss: number;
};

export const LANGUAGE_MODEL_METRICS: Metrics<LanguageModelScores> = {
  perplexity: LOSS,
  loss: LOSS,
};

/**
 * Options of `LanguageModel.fit`. The learning rate rises in 2 % of the steps to 0.01 (0.005 from 1,000 different tokens
 * on) and falls to 0, gradients have a norm of 1 at most, and second moments do not remember the beginning of a short run
 * for long (beta2 0.99). The length of the text chooses the epochs, 3 to 40 for some 4,000 steps at least, and the rows: 8
 * below 100,000 tokens, else 16.
 */
export interface LanguageModelFitOptions extends FitOptions<LanguageModelScores> {
  /** Tokens from one step to the next, in each row: the reach of truncated backpropagation. Default 25. */
  sequenceLength?: number | undefined;
  /** A text, or its ids, that decides which weights are kept. Default: none, the last are. */
  validation?: string | Int32Array | undefined;
}

const { bufferSize: _, ...OF_TEXT } = FIT_OPTIONS;

/** Tokens from one step to the next. */
export const SEQUENCE_LENGTH = 25;

export const LANGUAGE_MODEL_FIT_OPTIONS = {
  ...byTheData(
    withDefaults(OF_TEXT as typeof FIT_OPTIONS, {
      warmup: 0.02,
      beta2: 0.99,
      maxNorm: 1,
    }),
    ["epochs", "learningRate"],
  ),
  batchSize: whole(
    1,
    undefined,
    "places in the text that are read side by side (default: by the data)",
  ),
  sequenceLength: whole(1, SEQUENCE_LENGTH, "tokens from one step to the next"),
} as unknown as OptionTable<FitOptions<LanguageModelScores>> &
  OptionTable<Pick<LanguageModelFitOptions, "sequenceLength">>;

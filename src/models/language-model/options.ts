// What a language model is made of, and how it is trained.
import { FIT_OPTIONS, type FitOptions } from "../kit/fit-options.js";
import type { Metrics } from "../kit/metric.js";
import { LOSS } from "../kit/metric.js";
import {
  flag,
  probability,
  whole,
  withDefaults,
  type OptionTable,
  type Settings,
} from "../kit/options.js";
import { TOKEN_OPTIONS, type TokenOptions } from "../parts/tokens.js";

export interface LanguageModelOptions {
  /** Size of a token's vector. Default 128. */
  embeddingSize?: number;
  /** Size of the LSTM's state. Default 256. */
  hiddenSize?: number;
  /** LSTM layers. Default 1. */
  numLayers?: number;
  /** Probability of dropping, in training: of embeddings, between layers, and before the output. Default 0. */
  dropout?: number;
  /**
   * Whether the output layer shares the embedding's weight (Press & Wolf 2017): fewer parameters, better
   * with large vocabularies. Needs embeddingSize = hiddenSize. Default false.
   */
  tieWeights?: boolean;
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
 * once are unknown by default (`minCount` 2), and a size that is not given is chosen by the tokens.
 */
export interface BuildLanguageModelOptions extends LanguageModelOptions, TokenOptions {}

export const BUILD_OPTIONS: OptionTable<BuildLanguageModelOptions> = {
  ...withDefaults(TOKEN_OPTIONS, { tokens: "characters", minCount: 2 }),
  ...withDefaults(LANGUAGE_MODEL_OPTIONS, { hiddenSize: 128 }),
  embeddingSize: { ...LANGUAGE_MODEL_OPTIONS.embeddingSize, default: undefined },
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
 * Options of `LanguageModel.fit`. The defaults suit a text of a million characters: 3 epochs, 16 rows, a learning rate
 * that rises to 0.006 in 2 % of the steps and falls to 0, gradients of norm 1 at most, and second moments that do not
 * remember the beginning of a short run for long (beta2 0.99).
 */
export interface LanguageModelFitOptions extends FitOptions<LanguageModelScores> {
  /** Tokens from one step to the next, in each row: the reach of truncated backpropagation. Default 64. */
  sequenceLength?: number;
  /** A text, or its ids, that decides which weights are kept. Default: none, the last are. */
  validation?: string | Int32Array | undefined;
}

const { bufferSize: _, ...OF_TEXT } = FIT_OPTIONS;

export const LANGUAGE_MODEL_FIT_OPTIONS = {
  ...withDefaults(OF_TEXT as typeof FIT_OPTIONS, {
    epochs: 3,
    batchSize: 16,
    learningRate: 0.006,
    warmup: 0.02,
    beta2: 0.99,
    maxNorm: 1,
  }),
  batchSize: whole(1, 16, "places in the text that are read side by side"),
  sequenceLength: whole(1, 64, "tokens from one step to the next"),
} as unknown as OptionTable<FitOptions<LanguageModelScores>> &
  OptionTable<Pick<LanguageModelFitOptions, "sequenceLength">>;

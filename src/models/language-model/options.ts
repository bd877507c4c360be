// What a language model is made of, and how it is trained.
import { tableOf, type ArchitectureOptions } from "../kit/architecture.js";
import { FIT_OPTIONS, type FitOptions } from "../kit/fit-options.js";
import type { Metrics } from "../../metrics/metric.js";
import { LOSS } from "../../metrics/metric.js";
import { definedOnly } from "../../core/check.js";
import {
  api,
  byTheData,
  checkOptions,
  choice,
  flag,
  probability,
  readOptions,
  whole,
  withDefaults,
  type OptionTable,
  type Settings,
} from "../../core/options.js";
import { TOKEN_OPTIONS, type TokenOptions } from "../../text/tokens.js";
import type { WordVectors } from "../../vectors/word-vectors.js";
import { checkHeads } from "../parts/check-heads.js";

export interface LanguageModelOptions {
  /**
   * What reads the text: `"lstm"`, which carries a state along it, or `"transformer"`, whose causal layers look back over
   * `contextLength` tokens. Default `"lstm"`.
   */
  architecture?: "lstm" | "transformer" | undefined;
  /** LSTM: size of a token's vector. Default 128. */
  embeddingSize?: number | undefined;
  /** Size of the LSTM's state; of a Transformer, features of a token everywhere. Default 256. */
  hiddenSize?: number | undefined;
  /** Layers. Default: 1 of an LSTM, 4 of a Transformer. */
  numLayers?: number | undefined;
  /** Probability of dropping, in training: of embeddings, in and between layers, and before an LSTM's output. Default 0. */
  dropout?: number | undefined;
  /**
   * LSTM: whether the output layer shares the embedding's weight (Press & Wolf 2017): fewer parameters, better
   * with large vocabularies. Needs embeddingSize = hiddenSize. A Transformer always does. Default false.
   */
  tieWeights?: boolean | undefined;
  /** Transformer: heads of attention, a divisor of hiddenSize. Default 4. */
  numHeads?: number | undefined;
  /** Transformer: tokens that it is trained on together, and looks back over. Default 128. */
  contextLength?: number | undefined;
  /**
   * Transformer: `"rotary"`, queries and keys turned by their positions (Su et al. 2021), after which a text has no end: the
   * last contextLength tokens are looked at; or `"learned"`, GPT-2's vectors, which end at contextLength. Default `"rotary"`.
   */
  positions?: "rotary" | "learned" | undefined;
  /**
   * LSTM: whether the tokens' vectors stay as they are in training, such as those of `vectors`. Not with tieWeights. Default
   * false.
   */
  freezeVectors?: boolean | undefined;
}

type OfLSTM =
  | "architecture"
  | "embeddingSize"
  | "hiddenSize"
  | "numLayers"
  | "dropout"
  | "tieWeights"
  | "freezeVectors";
type OfTransformer = Exclude<
  keyof LanguageModelOptions,
  "embeddingSize" | "tieWeights" | "freezeVectors"
>;

/** The options of an LSTM, and of a Transformer. */
export type LSTMSettings = Settings<Pick<LanguageModelOptions, OfLSTM>> & {
  readonly architecture: "lstm";
};
export type TransformerSettings = Settings<Pick<LanguageModelOptions, OfTransformer>> & {
  readonly architecture: "transformer";
};
/** Undefined is what the architecture does not have. */
export type LanguageModelSettings = Settings<LanguageModelOptions, OfOneOnly>;

type OfOneOnly = Exclude<keyof LanguageModelOptions, OfLSTM & OfTransformer>;

/** The options of either. */
export const LANGUAGE_MODEL_OPTIONS: OptionTable<LanguageModelOptions> = {
  architecture: choice(["lstm", "transformer"], "lstm", "what reads the text"),
  embeddingSize: whole(1, 128, "LSTM: size of a token's vector"),
  hiddenSize: whole(1, 256, "size of the LSTM's state, or of a Transformer's vectors"),
  numLayers: whole(1, undefined, "layers (default: 1 of an LSTM, 4 of a Transformer)"),
  dropout: probability(0, "share of values dropped in training"),
  tieWeights: flag(false, "LSTM: one matrix for reading and writing; embedding size = hidden size"),
  numHeads: whole(1, 4, "Transformer: heads of attention"),
  contextLength: whole(1, 128, "Transformer: tokens that it looks back over"),
  positions: choice(["rotary", "learned"], "rotary", "Transformer: how it knows positions"),
  freezeVectors: flag(false, "LSTM: keep the tokens' vectors as they are in training"),
};

/** Defaults of the layers, and what each architecture does not read. */
const ARCHITECTURES: Readonly<
  Record<"lstm" | "transformer", ArchitectureOptions<LanguageModelOptions>>
> = {
  lstm: { without: ["numHeads", "contextLength", "positions"], defaults: { numLayers: 1 } },
  transformer: {
    without: ["embeddingSize", "tieWeights", "freezeVectors"],
    defaults: { numLayers: 4 },
  },
};

/** A table with the options of one architecture alone. */
export function optionsFor<O extends LanguageModelOptions>(
  table: OptionTable<O>,
  architecture: "lstm" | "transformer" = "lstm",
): OptionTable<O> {
  return tableOf(table, ARCHITECTURES[architecture]);
}

/**
 * Every option of a language model with its value.
 *
 * @throws OptionError for a value that cannot be, or an option that the architecture does not have
 */
export function languageModelSettings(
  op: string,
  options: LanguageModelOptions,
): LanguageModelSettings {
  const { architecture } = options;
  checkOptions(op, LANGUAGE_MODEL_OPTIONS, definedOnly({ architecture }));
  const table = optionsFor(LANGUAGE_MODEL_OPTIONS, architecture);
  const where = architecture === undefined ? op : `${op} with architecture "${architecture}"`;
  const settings = readOptions<LanguageModelOptions, OfOneOnly>(where, table, options);
  if (settings.architecture === "transformer") {
    const { hiddenSize, numHeads, positions } = settings as TransformerSettings;
    const features = { name: "hiddenSize", size: hiddenSize };
    checkHeads(op, features, { numHeads, rotary: positions === "rotary" });
  }
  return settings;
}

/**
 * Options of `LanguageModel.build`: those of the model, and what a token is: by default a character. Words that are seen
 * once are unknown by default (`minCount` 2), hiddenSize is 128, and the text chooses the size of vectors and the dropout.
 */
export interface BuildLanguageModelOptions extends LanguageModelOptions, TokenOptions {
  /**
   * Words: vectors to begin with, of each word as it is written, else in lower case; words without one begin at random. Their
   * size is that of the model's vectors. Default: none.
   */
  vectors?: WordVectors | undefined;
}

export const BUILD_OPTIONS: OptionTable<BuildLanguageModelOptions> = {
  ...withDefaults(TOKEN_OPTIONS, { tokens: "characters", minCount: 2 }),
  vectors: api("object", "word vectors to begin with"),
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
 * on; 0.003 for a Transformer, with weight decay 0.1) and falls to 0, gradients have a norm of 1 at most, and second moments do not remember the beginning of a short run
 * for long (beta2 0.99). The length of the text chooses the epochs, 3 to 40 for some 4,000 steps at least, and the rows: 8
 * below 100,000 tokens, else 16.
 */
export interface LanguageModelFitOptions extends FitOptions<LanguageModelScores> {
  /**
   * Tokens of each row in a step: of an LSTM, the reach of truncated backpropagation; of a Transformer, whose default is its
   * contextLength, the windows it is trained on, at random places of the text. Default 25.
   */
  sequenceLength?: number | undefined;
  /**
   * Different tokens, drawn by their frequency for each step, beside which the right ones are made probable instead of beside
   * all (sampled softmax, Jean et al. 2015): for vocabularies of ten thousands of words, where the output layer is most of the
   * work. Scores are of the full softmax. Default: none, all tokens are compared.
   */
  sampledTokens?: number | undefined;
  /** A text, or its ids, that decides which weights are kept. Default: none, the last are. */
  validation?: string | Int32Array | undefined;
}

/** What else the training of a language model has. */
export type LanguageModelFitExtra = Pick<
  LanguageModelFitOptions,
  "sequenceLength" | "sampledTokens"
>;

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
  sampledTokens: whole(
    1,
    undefined,
    "tokens drawn for a step that are compared, of a large vocabulary (default: all are)",
  ),
} as unknown as OptionTable<FitOptions<LanguageModelScores>> & OptionTable<LanguageModelFitExtra>;

// How a language model is sized and trained where the options say nothing: by what its text is like.
import type { TrainingStatistics } from "../kit/ready-model.js";
import {
  SEQUENCE_LENGTH,
  type LanguageModelFitOptions,
  type LanguageModelOptions,
} from "./options.js";

/** What is known of a text before the model is made. */
export interface TextStatistics {
  readonly tokens: "characters" | "words" | "subwords";
  /** Tokens of the text. */
  readonly length: number;
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly tieWeights: boolean;
}

/** Sizes; and dropout where a text is small beside the model that is to learn it. */
export function chooseModel(text: TextStatistics): Partial<LanguageModelOptions> {
  const { tokens, length, vocabularySize, hiddenSize, numLayers, tieWeights } = text;
  // There are few characters to tell apart; a weight that reads and writes has one size.
  const embeddingSize = tokens === "characters" && !tieWeights ? 32 : hiddenSize;
  const recurrent = 4 * hiddenSize * (embeddingSize + hiddenSize * (2 * numLayers - 1));
  const parametersPerToken = (recurrent + vocabularySize * (embeddingSize + hiddenSize)) / length;
  return {
    embeddingSize,
    dropout: parametersPerToken > 2 ? 0.3 : parametersPerToken > 0.5 ? 0.2 : 0,
  };
}

/** Steps that a model needs to learn even from a small text. */
const STEPS = 4000;

/** Of a vocabulary that has characters, not words. */
const FEW_TOKENS = 1000;

/** Training options. */
export function chooseFit(
  { length, vocabularySize = 0 }: TrainingStatistics,
  given: LanguageModelFitOptions = {},
): Partial<LanguageModelFitOptions> {
  const batchSize = length < 100_000 ? 8 : 16;
  const tokensAStep = (given.batchSize ?? batchSize) * (given.sequenceLength ?? SEQUENCE_LENGTH);
  const epochs = Math.ceil((STEPS * tokensAStep) / length);
  return {
    batchSize,
    epochs: Math.max(3, Math.min(40, epochs)),
    ...(!given.optimizer && { learningRate: vocabularySize < FEW_TOKENS ? 0.01 : 0.005 }),
  };
}

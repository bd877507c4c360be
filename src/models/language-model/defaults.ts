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
  /** Default `"lstm"`. */
  readonly architecture?: "lstm" | "transformer" | undefined;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly tieWeights: boolean;
}

/** Sizes; and dropout where a text is small beside the model that is to learn it. */
export function chooseModel(text: TextStatistics): Partial<LanguageModelOptions> {
  const { tokens, length, vocabularySize, hiddenSize, numLayers, tieWeights } = text;
  if (text.architecture === "transformer") {
    const weights = 12 * numLayers * hiddenSize * hiddenSize + vocabularySize * hiddenSize;
    return { dropout: weights / length > 2 ? 0.2 : weights / length > 1 ? 0.1 : 0 };
  }
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

/** Batches and epochs, for so many tokens of a row in a step. */
function chooseEpochs(
  length: number,
  given: LanguageModelFitOptions,
  sequenceLength: number,
): { batchSize: number; epochs: number } {
  const batchSize = length < 100_000 ? 8 : 16;
  const tokensAStep = (given.batchSize ?? batchSize) * (given.sequenceLength ?? sequenceLength);
  const epochs = Math.ceil((STEPS * tokensAStep) / length);
  return { batchSize, epochs: Math.max(3, Math.min(40, epochs)) };
}

/** Training options. */
export function chooseFit(
  { length, vocabularySize = 0 }: TrainingStatistics,
  given: LanguageModelFitOptions = {},
): Partial<LanguageModelFitOptions> {
  return {
    ...chooseEpochs(length, given, SEQUENCE_LENGTH),
    ...(!given.optimizer && { learningRate: vocabularySize < FEW_TOKENS ? 0.01 : 0.005 }),
  };
}

/** Of a Transformer that is trained on windows of its context. */
export function chooseTransformerFit(
  { length }: TrainingStatistics,
  given: LanguageModelFitOptions,
  contextLength: number,
): Partial<LanguageModelFitOptions> {
  return {
    ...chooseEpochs(length, given, contextLength),
    ...(!given.optimizer && { learningRate: 0.003, weightDecay: 0.1 }),
  };
}

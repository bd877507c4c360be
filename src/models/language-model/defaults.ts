// How a language model is sized and trained where the options say nothing: by what its text is like.
import type { TrainingStatistics } from "../kit/ready-model.js";
import type { LanguageModelFitOptions, LanguageModelOptions } from "./options.js";

/** Sizes for tokens of a kind; `hiddenSize` is settled before. */
export function chooseModel(text: {
  tokens: "characters" | "words";
  hiddenSize: number;
}): Partial<LanguageModelOptions> {
  // There are few characters to tell apart.
  return { embeddingSize: text.tokens === "characters" ? 32 : text.hiddenSize };
}

/** Training options by what the text is like. */
export function chooseFit(_text: TrainingStatistics): Partial<LanguageModelFitOptions> {
  return {};
}

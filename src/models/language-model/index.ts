export {
  LanguageModel,
  type GenerateOptions,
  type LanguageModelDetails,
  type LanguageModelText,
} from "./language-model.js";
export type {
  BuildLanguageModelOptions,
  LanguageModelFitOptions,
  LanguageModelOptions,
  LanguageModelScores,
} from "./options.js";

export {
  LanguageModel,
  type LanguageModelDetails,
  type LanguageModelText,
} from "./language-model.js";
export type { GenerateOptions } from "./generate.js";
export type {
  BuildLanguageModelOptions,
  LanguageModelFitOptions,
  LanguageModelOptions,
  LanguageModelScores,
} from "./options.js";

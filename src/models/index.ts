// What `hiddenstate/models` exports.
export {
  LanguageModel,
  type GenerateOptions,
  type LanguageModelOptions,
  type LanguageModelScore,
} from "./language-model.js";

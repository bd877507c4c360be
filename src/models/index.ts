// What `hiddenstate/models` exports.
import "../ops/methods.js";

export {
  LanguageModel,
  type GenerateOptions,
  type LanguageModelOptions,
  type LanguageModelScore,
} from "./language-model.js";

// What `hiddenstate/models` exports.
import "../ops/methods.js";

export type { EpochScores, FitModelOptions, FitModelResult, Scores } from "./fit-model.js";
export {
  LanguageModel,
  type GenerateOptions,
  type LanguageModelOptions,
  type LanguageModelScore,
} from "./language-model.js";
export { readModelInfo, type ModelFileInfo } from "./model-file.js";

export type { GradedPair, InputPair, PairPrediction, SiameseExample } from "./example.js";
export type { OneShotOptions, OneShotScores } from "./one-shot.js";
export type {
  BuildSiameseOptions,
  SiameseFitExtra,
  SiameseFitOptions,
  SiameseLoss,
  SiameseOptions,
} from "./options.js";
export type { SiameseDetails, SiameseScores } from "./pair-scores.js";
export { References, type Match, type ReferencesOptions } from "./references.js";
export { SiameseNetwork } from "./siamese-network.js";

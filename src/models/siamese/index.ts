export type { GradedPair, InputPair, PairPrediction, SiameseExample } from "./example.js";
export type { OneShotOptions, OneShotScores } from "./one-shot.js";
export type {
  BuildSiameseOptions,
  SiameseFitExtra,
  SiameseFitOptions,
  SiameseLoss,
  SiameseOptions,
} from "./options.js";
export { References, type Match, type ReferencesOptions } from "./references.js";
export type { SiameseDetails, SiameseScores } from "./scorer.js";
export { SiameseNetwork } from "./siamese-network.js";

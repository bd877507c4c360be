export type { ClassWeights } from "./class-weights.js";
export type {
  ClassifierScores,
  Example,
  MultiLabelExample,
  MultiLabelPrediction,
  MultiLabelScores,
  Prediction,
} from "./example.js";
export { MultiLabelClassifier } from "./multi-label-classifier.js";
export type { MultiLabelDetails } from "./multi-label-scorer.js";
export type {
  BuildClassifierOptions,
  ClassifierFitOptions,
  MultiLabelFitOptions,
} from "./options.js";
export type { ClassifierDetails } from "./scorer.js";
export { SequenceClassifier } from "./sequence-classifier.js";
export type { ClassifierStream } from "./stream.js";

export type { ClassifierScores, Example, Prediction } from "./example.js";
export type { BuildClassifierOptions, ClassifierFitOptions } from "./options.js";
export type { ClassifierDetails } from "./scorer.js";
export { SequenceClassifier } from "./sequence-classifier.js";
export type { ClassifierStream } from "./stream.js";

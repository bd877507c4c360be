export { Captioner } from "./captioner.js";
export type {
  AttendedCaption,
  AttendedCaptionPrediction,
  Caption,
  CaptionAttention,
  CaptionExample,
  CaptionPrediction,
} from "./example.js";
export type {
  BuildCaptionerOptions,
  CaptionerFitOptions,
  CaptionerImageOptions,
  CaptionerOptions,
  CaptionerTokenOptions,
  CaptionPredictOptions,
  CaptionSearchOptions,
} from "./options.js";
export type { CaptionDetails, CaptionScores } from "./scorer.js";

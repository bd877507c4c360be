export type {
  PartialTranscript,
  SpeechAlternative,
  SpeechExample,
  TimedWord,
  Transcript,
} from "./example.js";
export type {
  BuildSpeechOptions,
  SpeechOptions,
  SpeechScores,
  SpeechSearchOptions,
  SpeechUnits,
} from "./options.js";
export type { SpeechDetails } from "./scorer.js";
export type { SpeechPredictOptions } from "./search.js";
export { SpeechRecognizer } from "./speech-recognizer.js";
export type { SpeechStream } from "./speech-stream.js";

export type {
  AttendedPrediction,
  AttendedText,
  Seq2SeqPrediction,
  SequenceAttention,
  SequencePair,
  SequenceScore,
  SequenceText,
  Written,
} from "./example.js";
export type { Seq2SeqFitOptions } from "./fit-options.js";
export type { BuildSeq2SeqOptions, Seq2SeqOptions } from "./options.js";
export type { Seq2SeqDetails, Seq2SeqScores } from "./scorer.js";
export type { SearchOptions, Seq2SeqPredictOptions } from "./search-options.js";
export { Seq2Seq } from "./seq2seq.js";
export type { Side } from "./side.js";
export type { PairTokenOptions, TokenKind } from "./token-options.js";

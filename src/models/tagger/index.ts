export type { BuildTaggerOptions, SequenceTaggerOptions, TaggerFitOptions } from "./options.js";
export type { TaggerDetails, TaggerScores } from "./scorer.js";
export type { TaggedSentence, Tagging } from "./sentence.js";
export { SequenceTagger } from "./sequence-tagger.js";
export type { TaggerVocabularies } from "./vocabularies.js";

/**
 * Vectors of words: files of word2vec and GloVe, neighbours, analogies; and Word2Vec, which learns them.
 *
 * @packageDocumentation
 */
import "../ops/methods.js";

export type { ByteSource, OpenBytes } from "./byte-source.js";
export type { AnalogyScores, EvaluateVectorsOptions, PairScores } from "./evaluate.js";
export type { Corpus } from "./corpus.js";
export type { VectorFormat } from "./format.js";
export type {
  Word2VecCheckpoint,
  Word2VecFitOptions,
  Word2VecOptions,
  Word2VecProgress,
} from "./options.js";
export type { ReadVectorsOptions } from "./read.js";
export {
  WordVectors,
  type Neighbour,
  type NeighbourOptions,
  type VectorQuery,
} from "./word-vectors.js";
export { Word2Vec } from "./word2vec.js";

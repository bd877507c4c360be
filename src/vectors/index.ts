/**
 * Vectors of words: files of word2vec and GloVe, neighbours, analogies; Word2Vec, which learns them; and maps of vectors of any
 * kind: t-SNE, principal components.
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
export { pca, type Pca, type PcaOptions } from "./pca/pca.js";
export type { ReadVectorsOptions } from "./read.js";
export type { VectorRows } from "./rows.js";
export type { TSNEOptions, TSNEProgress, TSNERunOptions } from "./tsne/options.js";
export { TSNE, tsne } from "./tsne/tsne.js";
export {
  WordVectors,
  type Neighbour,
  type NeighbourOptions,
  type VectorQuery,
} from "./word-vectors.js";
export { Word2Vec } from "./word2vec.js";

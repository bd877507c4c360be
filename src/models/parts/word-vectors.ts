import { Embedding } from "../../nn/embedding.js";
import { normal } from "../../nn/initializers.js";

/** Standard deviation of the first vectors: with PyTorch's 1, short trainings hardly move them. */
const INITIAL_STD = 0.1;

/** Vectors of words or other tokens, many of which are rare. */
export function wordVectors(count: number, size: number): Embedding {
  const embedding = new Embedding(count, size);
  if (TRAINING) normal(embedding.weight, 0, INITIAL_STD);
  return embedding;
}

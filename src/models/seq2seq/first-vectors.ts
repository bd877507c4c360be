// The vectors that a side's tokens begin with.
import { Embedding } from "../../nn/embedding.js";
import { wordVectors } from "../parts/word-vectors.js";
import type { RecurrentSettings } from "./options.js";
import type { Side } from "./side.js";

/** Kinds of tokens, characters or brackets say, of which each comes often. */
const FEW = 256;

/**
 * Few kinds of tokens that share no matrix with the output begin with N(0, 1), as in PyTorch: adding numbers was learnt by
 * every seed so, by smaller ones not. All else is as for words.
 */
export function firstVectors(
  { size }: Side,
  { embeddingSize, tieEmbeddings }: Pick<RecurrentSettings, "embeddingSize" | "tieEmbeddings">,
): Embedding {
  return tieEmbeddings === "none" && size <= FEW
    ? new Embedding(size, embeddingSize)
    : wordVectors(size, embeddingSize);
}

// The vectors that a side's tokens begin with.
import { Embedding } from "../../nn/embedding.js";
import { CharTokenizer } from "../../text/char-tokenizer.js";
import { wordVectors } from "../parts/word-vectors.js";
import type { RecurrentSettings } from "./options.js";
import type { Side } from "./side.js";

/**
 * Characters that share no matrix with the output begin with N(0, 1), as in PyTorch: they are few, each comes often, and
 * adding numbers was learnt by every seed so, by smaller ones not. All else is as for words.
 */
export function firstVectors(
  { tokenizer, size }: Side,
  { embeddingSize, tieEmbeddings }: RecurrentSettings,
): Embedding {
  return tieEmbeddings === "none" && tokenizer instanceof CharTokenizer
    ? new Embedding(size, embeddingSize)
    : wordVectors(size, embeddingSize);
}

// Vectors that were learnt elsewhere, as the first of a language model's words.
import { OptionError } from "../../core/errors.js";
import type { WordVectors } from "../../vectors/word-vectors.js";
import { vectorSize } from "../parts/pretrained.js";
import type { BuildLanguageModelOptions } from "./options.js";

/**
 * The sizes that vectors decide: of a token's vector, and where that has another role too, of what shares it.
 *
 * @throws OptionError for tokens that are no words, or another size beside them
 */
export function sizedBy(
  op: string,
  vectors: WordVectors,
  {
    architecture,
    tokens,
    tokenizer,
    embeddingSize,
    hiddenSize,
    tieWeights,
  }: BuildLanguageModelOptions,
): { embeddingSize?: number; hiddenSize?: number } {
  if (tokens !== "words" && !tokenizer)
    throw new OptionError({
      op,
      expected: 'tokens "words" for vectors',
      got: `"${tokens ?? "characters"}"`,
    });
  if (architecture === "transformer")
    return { hiddenSize: vectorSize(op, vectors, hiddenSize, "hiddenSize") };
  const size = vectorSize(op, vectors, embeddingSize);
  return {
    embeddingSize: size,
    ...(tieWeights && { hiddenSize: vectorSize(op, vectors, hiddenSize, "hiddenSize") }),
  };
}

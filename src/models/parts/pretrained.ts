// Word vectors that were learnt elsewhere, as the first vectors of a model.
import { OptionError } from "../../core/errors.js";
import { checkLike } from "../../core/check-like.js";
import type { Embedding } from "../../nn/embedding.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { Vocabulary } from "../../text/vocabulary.js";
import { WordTokenizer } from "../../text/word-tokenizer.js";
import type { WordVectors } from "../../vectors/word-vectors.js";
import { f32 } from "../../wasm/memory.js";

/** Of models that are built. */
export interface PretrainedOptions {
  /**
   * Vectors to begin with: of each word as it is written, else in lower case; words without one begin at random. The words
   * of the vectors join the vocabulary, so that those that no training text has are known too. Default: none.
   */
  vectors?: WordVectors | undefined;
}

/**
 * The size of an embedding that begins with vectors.
 *
 * @throws OptionError for another size beside them
 */
export function vectorSize(
  op: string,
  vectors: WordVectors,
  given: number | undefined,
  name = "embeddingSize",
): number {
  checkLike(op, "WordVectors as vectors", "mostSimilar", vectors);
  const { dimension } = vectors;
  if (given !== undefined && given !== dimension)
    throw new OptionError({
      op,
      expected: `${name} ${dimension}, the size of the vectors`,
      got: String(given),
      cure: "Leave it out.",
    });
  return dimension;
}

/** Puts the vectors of tokens into the rows of their ids. */
export function fillVectors(
  { weight }: Embedding,
  tokens: readonly string[],
  vectors: WordVectors,
): void {
  const [rows, size] = weight.shape as [number, number];
  const table = f32(weight.address("vectors"), rows * size);
  tokens.forEach((token, id) => {
    const index = placeOf(vectors, token);
    if (index >= 0) table.set(vectors.values.subarray(index * size, (index + 1) * size), id * size);
  });
  weight.storage.version++;
}

/** How many of some tokens have a vector. */
export function vectorsFound(vectors: WordVectors, tokens: readonly string[]): number {
  return tokens.filter((token) => placeOf(vectors, token) >= 0).length;
}

function placeOf(vectors: WordVectors, token: string): number {
  const index = vectors.indexOf(token);
  return index >= 0 ? index : vectors.indexOf(token.toLowerCase());
}

/** Words of vectors join those of the texts, as the tokenizer spells them. */
export function withWords(tokenizer: Tokenizer, vectors: WordVectors | undefined): Tokenizer {
  if (!vectors || !(tokenizer instanceof WordTokenizer)) return tokenizer;
  const { vocabulary, split, lowercase, rules } = tokenizer;
  const words = new Set<string>(vocabulary.tokens);
  for (const word of vectors.words()) words.add(lowercase ? word.toLowerCase() : word);
  const { unknown, padding } = vocabulary;
  return new WordTokenizer(new Vocabulary([...words], { unknown, padding }), {
    ...{ split, lowercase, rules },
  });
}

// Tokens as vectors over a vocabulary.
import { checkLike } from "../core/check-like.js";
import { checkCall } from "../core/check.js";
import type { Vocabulary } from "./vocabulary.js";

/**
 * A row for each token with a 1 at its id: `[tokens, vocabulary.size]`, flat. Tokens that the vocabulary lacks
 * share the place of its unknown token, the "other" bucket.
 *
 * @throws IndexError for such a token where there is no unknown token
 */
export function oneHotTokens(tokens: readonly string[], vocabulary: Vocabulary): Float32Array {
  checkCall("oneHotTokens", arguments, "tokens:list vocabulary:object");
  checkLike("oneHotTokens", "a Vocabulary", "encode", vocabulary);
  const rows = new Float32Array(tokens.length * vocabulary.size);
  vocabulary.encode(tokens).forEach((id, i) => (rows[i * vocabulary.size + id] = 1));
  return rows;
}

/**
 * How often each token of the vocabulary comes: a bag of words, `[vocabulary.size]`. Others are counted at the
 * unknown token.
 *
 * @throws IndexError for another token where there is no unknown token
 */
export function tokenCounts(tokens: readonly string[], vocabulary: Vocabulary): Float32Array {
  checkCall("tokenCounts", arguments, "tokens:list vocabulary:object");
  checkLike("tokenCounts", "a Vocabulary", "encode", vocabulary);
  const counts = new Float32Array(vocabulary.size);
  for (const id of vocabulary.encode(tokens)) counts[id]!++;
  return counts;
}

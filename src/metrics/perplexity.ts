// How well a language model predicts: the number of tokens that it hesitates between, on average.
import { checkCall, checkCount } from "../core/check.js";
import { described } from "../core/described.js";
import { IndexError, OptionError } from "../core/errors.js";
import { exp, log } from "../core/exp-log.js";

/**
 * e to the mean negative log-likelihood per token (in nats: what cross-entropy gives).
 *
 * @param negativeLogLikelihood mean over tokens, or their sum where `tokens` is given
 * @example
 * ```ts
 * perplexity(Math.log(8)).toFixed(1); // "8.0"
 * ```
 */
export function perplexity(negativeLogLikelihood: number, tokens = 1): number {
  checkCall("perplexity", arguments, "negativeLogLikelihood:number tokens?:number");
  if (!(tokens > 0)) {
    throw new OptionError({
      op: "perplexity",
      expected: "at least one token",
      got: described(tokens),
    });
  }
  return exp(negativeLogLikelihood / tokens);
}

/**
 * The perplexity on held-out ids of a model that only counts how often each id comes in the training ids,
 * with one added to each count (Laplace), so that an id it never saw is possible too. What any model that
 * looks at context must beat.
 *
 * @param size number of ids: the size of the vocabulary
 */
export function unigramPerplexity(train: Int32Array, heldOut: Int32Array, size: number): number {
  checkCall("unigramPerplexity", arguments, "train:Int32Array heldOut:Int32Array size:number");
  checkCount("unigramPerplexity", "size", size);
  const seen = countIds(train, size);
  const total = log(train.length + size);
  let sum = 0;
  countIds(heldOut, size).forEach((times, id) => {
    if (times > 0) sum += times * (total - log(seen[id]! + 1));
  });
  return perplexity(sum, heldOut.length);
}

function countIds(ids: Int32Array, size: number): Float64Array {
  const counts = new Float64Array(size);
  ids.forEach((id, i) => {
    if (id < 0 || id >= size) {
      throw new IndexError({
        op: "unigramPerplexity",
        expected: `ids from 0 to ${size - 1}`,
        got: `${id} at position ${i}`,
      });
    }
    counts[id]!++;
  });
  return counts;
}

// How alike texts are by the words that they share: what a network that compares texts must beat.
import { checkIterable } from "../core/check-like.js";
import { checkCall } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { log } from "../core/exp-log.js";

/**
 * Texts as counts of their features, each by its rarity: tf · (log((1 + texts) / (1 + texts with it)) + 1), as
 * scikit-learn has it (Manning et al. 2008, "Introduction to information retrieval", 6.2). Features are words, or
 * `wordNgrams(words)`.
 *
 * @example
 * ```ts
 * const weights = new TfIdf([["a", "film"], ["a", "play"]]);
 * weights.similarity(["a", "film"], ["film"]) > weights.similarity(["a", "film"], ["a"]); // true
 * ```
 */
export class TfIdf {
  readonly #texts: number;
  readonly #counts = new Map<string, number>();

  /** @throws OptionError where there is no text */
  constructor(texts: Iterable<readonly string[]>) {
    checkCall("TfIdf", arguments, "texts");
    checkIterable("TfIdf", "texts in an array, a list of features each", texts);
    let count = 0;
    for (const features of texts) {
      checkCall("TfIdf", [features], "features:list");
      count++;
      for (const feature of new Set(features))
        this.#counts.set(feature, (this.#counts.get(feature) ?? 0) + 1);
    }
    if (count === 0)
      throw new OptionError({ op: "TfIdf", expected: "at least one text", got: "none" });
    this.#texts = count;
  }

  /** The weight of a feature: of one that no text had, the largest. */
  idf(feature: string): number {
    checkCall("TfIdf.idf", arguments, "feature:string");
    return log((1 + this.#texts) / (1 + (this.#counts.get(feature) ?? 0))) + 1;
  }

  /** The cosine of two texts' vectors, 0 to 1; 0 where one of them has no feature. */
  similarity(a: readonly string[], b: readonly string[]): number {
    checkCall("TfIdf.similarity", arguments, "a:list b:list");
    const [left, right] = [this.#vector(a), this.#vector(b)];
    let product = 0;
    for (const [feature, value] of left) product += value * (right.get(feature) ?? 0);
    return product === 0 ? 0 : product / Math.sqrt(square(left) * square(right));
  }

  #vector(features: readonly string[]): Map<string, number> {
    const vector = new Map<string, number>();
    for (const feature of features)
      vector.set(feature, (vector.get(feature) ?? 0) + this.idf(feature));
    return vector;
  }
}

function square(vector: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const value of vector.values()) sum += value * value;
  return sum;
}

// Of what a model writes: how much is exactly right, and how much it says anew.
import { checkCall, checkCount } from "../core/check.js";
import { NgramIds } from "./ngram-ids.js";
import { requirePairs, tokensOf, type Segment } from "./segments.js";

/**
 * The share of outputs that are their targets, to the last token or character; NaN where there is none.
 *
 * @throws ShapeError when there are not as many predictions as targets
 * @example
 * ```ts
 * exactMatch(["12", "30"], ["12", "31"]); // 0.5
 * ```
 */
export function exactMatch(predicted: readonly Segment[], target: readonly Segment[]): number {
  checkCall("exactMatch", arguments, "predicted:list target:list");
  requirePairs("exactMatch", predicted.length, target.length);
  const right = Array.from(target).filter((segment, i) => isSame(predicted[i]!, segment));
  return right.length / target.length;
}

function isSame(a: Segment, b: Segment): boolean {
  for (const segment of [a, b]) checkCall("exactMatch", [segment], "segment:string|list");
  // A text is never a list of its characters.
  if (typeof a === "string" || typeof b === "string") return a === b;
  return a.length === b.length && Array.from(a).every((token, i) => token === b[i]);
}

/**
 * Distinct-n: how many different n-grams all outputs together have, as a share of all their n-grams; NaN where there is none.
 * A model that always answers alike is near 0. After Li et al. 2016 ("A diversity-promoting objective function"), who divide
 * by the number of tokens; most that report it since divide by that of n-grams, as here. Outputs that are texts are cut at
 * white space. The share falls as there are more outputs: compare equally many.
 *
 * @param n length of the n-grams
 * @example
 * ```ts
 * distinctN(["i do not know", "i do not care"], 2).toFixed(2); // "0.67"
 * ```
 */
export function distinctN(outputs: readonly Segment[], n: number): number {
  checkCall("distinctN", arguments, "outputs:list n:number");
  checkCount("distinctN", "n", n);
  const ids = new NgramIds<string | number>();
  const seen = new Set<number>();
  let total = 0;
  for (const output of Array.from(outputs)) {
    const ngrams = ids.of(tokensOf("distinctN", output), n)[n - 1]!;
    for (const id of ngrams) seen.add(id);
    total += ngrams.length;
  }
  return seen.size / total;
}

// How far two lists of numbers rise together.
import { checkCall } from "../core/check.js";
import { requireAsMany } from "./as-many.js";

/**
 * Pearson's correlation of two lists, -1 to 1: NaN where one of them is constant.
 *
 * @throws ShapeError when the lists differ in length
 * @example
 * ```ts
 * pearson([1, 2, 3], [2, 4, 6]); // 1
 * ```
 */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checkCall("pearson", arguments, "a:list b:list");
  requireAsMany("pearson", a, b);
  const n = a.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const x = a[i]! - meanA;
    const y = b[i]! - meanB;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}

/**
 * Spearman's rank correlation of two lists, -1 to 1: Pearson's of their ranks, equal values with the mean of theirs. NaN
 * where one of the lists is constant.
 *
 * @throws ShapeError when the lists differ in length
 * @example
 * ```ts
 * spearman([1, 2, 3], [10, 100, 1000]); // 1
 * ```
 */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checkCall("spearman", arguments, "a:list b:list");
  requireAsMany("spearman", a, b);
  return pearson(ranks(a), ranks(b));
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort(
    (i, j) => values[i]! - values[j]!,
  );
  const ranked = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let end = from + 1;
    while (end < order.length && values[order[end]!] === values[order[from]!]) end++;
    for (let i = from; i < end; i++) ranked[order[i]!] = (from + end + 1) / 2;
    from = end;
  }
  return ranked;
}

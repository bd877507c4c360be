/** Where too few n-grams come once, twice … for an estimate: the discounts that KenLM falls back to. */
const FALLBACK = [0, 0.5, 1, 1.5];

/**
 * What modified Kneser-Ney takes off a count of 1, of 2, and of 3 or more (Chen & Goodman 1998, equation 26):
 *
 *     Y = n1 / (n1 + 2 n2)    D1 = 1 - 2Y n2/n1    D2 = 2 - 3Y n3/n2    D3+ = 3 - 4Y n4/n3
 *
 * @param n by c from 1 to 4: how many n-grams of this order have a count of c
 * @returns by count, 0 to 3: 0, D1, D2, D3+. Without n-grams of each count from 1 to 3, or where a discount is not
 *   above 0: 0.5, 1 and 1.5
 */
export function discounts(n: ArrayLike<number>): Float64Array {
  const [n1, n2, n3, n4] = [n[1]!, n[2]!, n[3]!, n[4]!];
  const y = n1 / (n1 + 2 * n2);
  const estimates = [0, 1 - (2 * y * n2) / n1, 2 - (3 * y * n3) / n2, 3 - (4 * y * n4) / n3];
  // NaN, of a count that none has, is not above 0 either.
  const sound = n1 > 0 && n2 > 0 && n3 > 0 && estimates.every((d, c) => c === 0 || d > 0);
  return Float64Array.from(sound ? estimates : FALLBACK);
}

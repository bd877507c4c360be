import { testRandom } from "./random.js";

/** Words of a few letters and the same letters from the last to the first: an order that must be looked up. */
export function reversedWords(
  count: number,
  { seed = 1, letters = "abcd", most = 5 } = {},
): { source: string; target: string }[] {
  const random = testRandom(seed);
  const upTo = (n: number) => Math.floor(random.uniform(0, n));
  return Array.from({ length: count }, () => {
    const word = Array.from({ length: 1 + upTo(most) }, () => letters[upTo(letters.length)]!);
    return { source: word.join(""), target: word.reverse().join("") };
  });
}

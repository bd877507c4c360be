// How often words are left out and drawn as noise: tables for the kernel, by + - * / and square roots alone, so that they have
// the same bits everywhere.

const WORD = 2 ** 32;

/**
 * The random words up to which each word is kept: (√(c / (t·n)) + 1) · t·n / c of all, c its count among n words, as in
 * word2vec.c.
 */
export function keepBounds(counts: readonly number[], sample: number): Uint32Array {
  const threshold = sample * sum(counts);
  return Uint32Array.from(counts, (count) => {
    const keep = (Math.sqrt(count / threshold) + 1) * (threshold / count);
    return Math.min(Math.floor(keep * WORD), WORD - 1);
  });
}

/**
 * The alias table (Walker 1977) of the noise: words by the power 3/4 of their counts. Of each word a bound of the random
 * fraction, and the word beyond it.
 */
export function noiseTable(counts: readonly number[]): Uint32Array {
  const n = counts.length;
  const powers = counts.map((count) => Math.sqrt(count) * Math.sqrt(Math.sqrt(count)));
  const mean = sum(powers) / n;
  const shares = Float64Array.from(powers, (power) => power / mean);
  const table = new Uint32Array(2 * n);
  const [small, large]: [number[], number[]] = [[], []];
  shares.forEach((share, word) => (share < 1 ? small : large).push(word));
  while (small.length > 0 && large.length > 0) {
    const [word, alias] = [small.pop()!, large.at(-1)!];
    table[2 * word] = Math.min(Math.floor(shares[word]! * WORD), WORD - 1);
    table[2 * word + 1] = alias;
    shares[alias]! -= 1 - shares[word]!;
    if (shares[alias]! < 1) small.push(large.pop()!);
  }
  // What is left is 1 but for rounding.
  for (const word of [...small, ...large]) table.set([WORD - 1, word], 2 * word);
  return table;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

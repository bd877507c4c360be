// Draws by weights with one random word each: Walker's alias method (1977, "An efficient method for generating discrete random
// variables with general distributions"). By + - * / alone, so that a table has the same bits everywhere.

const WORD = 0x100000000;

/** Of each position a bound of the random fraction, and the position that is taken from it on. */
export function aliasTable(weights: ArrayLike<number>): Uint32Array {
  const n = weights.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += weights[i]!;
  const shares = Float64Array.from(weights, (weight) => (weight / sum) * n);
  const table = new Uint32Array(2 * n);
  const [small, large]: [number[], number[]] = [[], []];
  shares.forEach((share, i) => (share < 1 ? small : large).push(i));
  while (small.length > 0 && large.length > 0) {
    const [own, alias] = [small.pop()!, large.at(-1)!];
    table[2 * own] = Math.min(Math.floor(shares[own]! * WORD), WORD - 1);
    table[2 * own + 1] = alias;
    shares[alias]! -= 1 - shares[own]!;
    if (shares[alias]! < 1) small.push(large.pop()!);
  }
  // What is left is 1 but for rounding.
  for (const own of [...small, ...large]) table.set([WORD - 1, own], 2 * own);
  return table;
}

/** The position that a random word of 32 bits draws, as the kernels do: the product's upper half, its lower half the fraction. */
export function aliasDraw(table: Uint32Array, word: number): number {
  const n = table.length / 2;
  // In double precision the product of a word and a count below 2^21 is exact; beyond, the fraction loses its last bits.
  const product = word * n;
  const own = Math.floor(product / WORD);
  return product - own * WORD < table[2 * own]! ? own : table[2 * own + 1]!;
}

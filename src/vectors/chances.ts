// How often words are left out and drawn as noise: tables for the kernel, by + - * / and square roots alone, so that they have
// the same bits everywhere.

import { aliasTable } from "../core/alias-table.js";

const WORD = 0x100000000;

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

/** The alias table of the noise: words by the power 3/4 of their counts. */
export function noiseTable(counts: readonly number[]): Uint32Array {
  return aliasTable(counts.map((count) => Math.sqrt(count) * Math.sqrt(Math.sqrt(count))));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

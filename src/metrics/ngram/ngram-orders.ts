// The models of each order that a text gives, and which of them to take.
import { ContextTable } from "./context-table.js";
import type { NgramCounter, NgramCounts, Pause } from "./ngram-counter.js";
import { NgramReader } from "./ngram-reader.js";

/** What a model of one order is made of. */
interface Candidate {
  /** The tables of all lower orders. */
  readonly lower: readonly ContextTable[];
  readonly counts: NgramCounts;
}

export interface Limits {
  readonly maxOrder: number;
  /** Of the orders above 1 together. */
  readonly maxNgrams: number;
}

export interface Validation {
  readonly ids: Int32Array;
  readonly vocabularySize: number;
  readonly pause: Pause;
}

/** Ids read between two pauses. */
const PORTION = 1 << 16;

/** The tables of the highest order. */
export async function highestOrder(counter: NgramCounter, limits: Limits): Promise<ContextTable[]> {
  let highest: Candidate | undefined;
  for await (const candidate of candidates(counter, limits)) highest = candidate;
  return tablesOf(highest!);
}

/** The tables of the order under which the ids after the first are likeliest; of equal ones, the lowest. */
export async function likeliestOrder(
  counter: NgramCounter,
  limits: Limits,
  { ids, vocabularySize, pause }: Validation,
): Promise<ContextTable[]> {
  let likeliest: ContextTable[] = [];
  let least = Infinity;
  for await (const candidate of candidates(counter, limits)) {
    const tables = tablesOf(candidate);
    const reader = new NgramReader(tables, vocabularySize);
    reader.read(ids[0]!);
    let loss = 0;
    for (let i = 1; i < ids.length; i += PORTION) {
      loss += reader.loss(ids, i, Math.min(i + PORTION, ids.length));
      await pause();
    }
    if (loss < least) [likeliest, least] = [tables, loss];
  }
  return likeliest;
}

/** By order from 1, as far as the limits and the text let it. */
async function* candidates(
  counter: NgramCounter,
  { maxOrder, maxNgrams }: Limits,
): AsyncGenerator<Candidate> {
  const lower: ContextTable[] = [];
  let left = maxNgrams;
  // Every id of the text has a place in order 1.
  let counts = await counter.next(Infinity, 0);
  for (let order = 1; counts; order++) {
    yield { lower, counts };
    if (order === maxOrder) return;
    const longer: NgramCounts | undefined = await counter.next(left, maxOrder - order - 1);
    if (!longer) return;
    left -= longer.counts.length;
    lower.push(new ContextTable(counts, longer.before));
    counts = longer;
  }
}

/** Occurrences count in the highest order, continuations in the lower ones. */
function tablesOf({ lower, counts }: Candidate): ContextTable[] {
  return [...lower, new ContextTable(counts, counts.counts)];
}

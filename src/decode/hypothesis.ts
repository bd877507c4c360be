/** One text that a search has written. */
export interface Hypothesis {
  /** What was written: the prefix and the end token are part of it, the prompt is not. */
  readonly ids: Int32Array;
  /** What it is ranked by: `logProbability` over the length penalty; without one, `logProbability`. */
  readonly score: number;
  /**
   * The natural logarithm of the probability that the model gives to `ids` after the prompt: the sum of log-softmax over
   * all classes, whatever temperature or constraint stood in the way of others.
   */
  readonly logProbability: number;
  /** Whether it ends with an end token; if not, `maxLength` cut it. */
  readonly finished: boolean;
}

/** Ids from the last one back: texts with the same beginning share it. */
export interface Written {
  readonly id: number;
  /** What came before; undefined in {@link NOTHING} alone. */
  readonly before: Written | undefined;
  readonly length: number;
}

export const NOTHING: Written = { id: -1, before: undefined, length: 0 };

/** These ids and one more. */
export function append(before: Written, id: number): Written {
  return { id, before, length: before.length + 1 };
}

export function idsOf(written: Written): Int32Array {
  const ids = new Int32Array(written.length);
  for (let at = written; at.before; at = at.before) ids[at.length - 1] = at.id;
  return ids;
}

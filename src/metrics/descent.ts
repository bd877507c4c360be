// Decisions by a score, from the strictest threshold to the mildest: what the scores of pairs are counted on.
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { requireAsMany } from "./as-many.js";

/** What reaches a threshold. */
export interface Reaching {
  /** The least score that does. */
  readonly score: number;
  /** How many do, and how many of these are right. */
  readonly all: number;
  readonly right: number;
}

export interface Descent {
  /** One for each distinct score, the largest first. */
  readonly steps: readonly Reaching[];
  readonly all: number;
  readonly right: number;
}

/**
 * @param same whether each of what is scored is right to choose
 * @throws ShapeError when the lists differ in length; OptionError for a score that is no number, or what is neither true nor false
 */
export function descent(op: string, scores: ArrayLike<number>, same: ArrayLike<boolean>): Descent {
  requireAsMany(op, scores, same);
  for (let i = 0; i < scores.length; i++) {
    const [score, is]: [unknown, unknown] = [scores[i], same[i]];
    if (typeof score !== "number" || Number.isNaN(score))
      throw new OptionError({
        op,
        expected: "scores that are numbers",
        got: `${described(score)} at ${i}`,
      });
    // What a Uint8Array can hold too.
    if (![true, false, 1, 0].includes(is as boolean))
      throw new OptionError({
        op,
        expected: "true or false for each score",
        got: `${described(is)} at ${i}`,
      });
  }
  const order = Array.from({ length: scores.length }, (_, i) => i).sort(
    (i, j) => scores[j]! - scores[i]!,
  );
  const steps: Reaching[] = [];
  let right = 0;
  order.forEach((at, i) => {
    if (same[at]) right++;
    // Equal scores reach a threshold together.
    if (scores[order[i + 1] ?? -1] === scores[at]) return;
    steps.push({ score: scores[at]!, all: i + 1, right });
  });
  return { steps, all: order.length, right };
}

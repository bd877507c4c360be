import { checkCall, checkChoice } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { descent } from "./descent.js";

/** Decisions at a threshold, and how good they are. */
export interface ThresholdScores {
  /** From this score on, the decision is yes. */
  readonly threshold: number;
  readonly accuracy: number;
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
}

/**
 * The threshold by which scores decide best: all are tried, each in the middle between two neighbouring scores. It says
 * yes to one at the least; of equally good ones the strictest.
 *
 * @param same what is right for each score
 * @param options.by `"accuracy"` (default) or `"f1"`
 * @throws OptionError where there is no score; ShapeError when the lists differ in length
 * @example
 * ```ts
 * bestThreshold([0.9, 0.7, 0.2], [true, true, false]).accuracy; // 1
 * ```
 */
export function bestThreshold(
  scores: ArrayLike<number>,
  same: ArrayLike<boolean>,
  options: { by?: "accuracy" | "f1" | undefined } = {},
): ThresholdScores {
  checkCall("bestThreshold", arguments, "scores:list same:list {by:string}");
  const { by = "accuracy" } = options;
  checkChoice("bestThreshold", "by", by, ["accuracy", "f1"]);
  const { steps, all, right } = descent("bestThreshold", scores, same);
  if (all === 0)
    throw new OptionError({ op: "bestThreshold", expected: "at least one score", got: "none" });
  let best: ThresholdScores | undefined;
  steps.forEach((step, i) => {
    const next = steps[i + 1];
    const threshold = next ? (step.score + next.score) / 2 : step.score;
    const one = scoresOf({ threshold, chosen: step.all, found: step.right }, all, right);
    if (!best || one[by] > best[by]) best = one;
  });
  return best!;
}

/**
 * How good the decisions of a threshold are: yes from it on.
 *
 * @param same what is right for each score
 * @throws ShapeError when the lists differ in length
 * @example
 * ```ts
 * thresholdScores([0.9, 0.7, 0.2], [true, true, false], 0.8).recall; // 0.5
 * ```
 */
export function thresholdScores(
  scores: ArrayLike<number>,
  same: ArrayLike<boolean>,
  threshold: number,
): ThresholdScores {
  checkCall("thresholdScores", arguments, "scores:list same:list threshold:number");
  const { steps, all, right } = descent("thresholdScores", scores, same);
  const last = steps.findLast(({ score }) => score >= threshold);
  return scoresOf({ threshold, chosen: last?.all ?? 0, found: last?.right ?? 0 }, all, right);
}

function scoresOf(
  { threshold, chosen, found }: { threshold: number; chosen: number; found: number },
  all: number,
  right: number,
): ThresholdScores {
  const wrong = chosen - found + (right - found);
  return {
    threshold,
    accuracy: (all - wrong) / all,
    f1: chosen + right === 0 ? 0 : (2 * found) / (chosen + right),
    precision: chosen === 0 ? 0 : found / chosen,
    recall: right === 0 ? 0 : found / right,
  };
}

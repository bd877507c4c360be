import { checkCall } from "../core/check.js";
import { descent } from "./descent.js";

/**
 * Equal error rate: the share of what is wrong and accepted, at the threshold where it is the share of what is right and
 * rejected; between two thresholds on the line between them. 0 where one threshold tells all apart; NaN where nothing is
 * right, or nothing wrong.
 *
 * @param same what is right to accept
 * @throws ShapeError when the lists differ in length
 * @example
 * ```ts
 * equalErrorRate([0.9, 0.6, 0.7, 0.1], [true, true, false, false]); // 0.5
 * ```
 */
export function equalErrorRate(scores: ArrayLike<number>, same: ArrayLike<boolean>): number {
  checkCall("equalErrorRate", arguments, "scores:list same:list");
  const { steps, all, right } = descent("equalErrorRate", scores, same);
  const wrong = all - right;
  if (right === 0 || wrong === 0) return NaN;
  // The strictest threshold accepts nothing.
  let [accepted, rejected] = [0, 1];
  for (const step of steps) {
    const more = (step.all - step.right) / wrong;
    const fewer = 1 - step.right / right;
    if (more >= fewer) {
      const lead = rejected - accepted;
      const share = lead / (lead + more - fewer);
      return accepted + share * (more - accepted);
    }
    [accepted, rejected] = [more, fewer];
  }
  return accepted;
}

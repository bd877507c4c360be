import { checkCall } from "../core/check.js";
import { descent } from "./descent.js";

/**
 * Area under the ROC curve: the chance that what is right to choose scores above what is wrong, half of it where they are
 * equal (Mann & Whitney 1947). 0.5 by chance; NaN where nothing is right, or nothing wrong.
 *
 * @param same what is right to choose
 * @throws ShapeError when the lists differ in length
 * @example
 * ```ts
 * rocAuc([0.9, 0.6, 0.7, 0.1], [true, true, false, false]); // 0.75
 * ```
 */
export function rocAuc(scores: ArrayLike<number>, same: ArrayLike<boolean>): number {
  checkCall("rocAuc", arguments, "scores:list same:list");
  const { steps, all, right } = descent("rocAuc", scores, same);
  let [area, rightBefore, wrongBefore] = [0, 0, 0];
  for (const step of steps) {
    const wrong = step.all - step.right;
    area += (wrong - wrongBefore) * (rightBefore + step.right);
    [rightBefore, wrongBefore] = [step.right, wrong];
  }
  return area / (2 * right * (all - right));
}

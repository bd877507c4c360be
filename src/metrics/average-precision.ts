import { checkCall } from "../core/check.js";
import { descent } from "./descent.js";

/**
 * Average precision: Σ (recallᵢ - recallᵢ₋₁) · precisionᵢ over all thresholds, from the strictest on, without
 * interpolation, as scikit-learn has it. 1 where everything right scores above everything wrong; NaN where nothing is
 * right.
 *
 * @param same what is right to choose
 * @throws ShapeError when the lists differ in length
 * @example
 * ```ts
 * averagePrecision([0.9, 0.8, 0.1], [true, false, true]).toFixed(3); // "0.833"
 * ```
 */
export function averagePrecision(scores: ArrayLike<number>, same: ArrayLike<boolean>): number {
  checkCall("averagePrecision", arguments, "scores:list same:list");
  const { steps, right } = descent("averagePrecision", scores, same);
  let [sum, before] = [0, 0];
  for (const step of steps) {
    sum += (step.right - before) * (step.right / step.all);
    before = step.right;
  }
  return sum / right;
}

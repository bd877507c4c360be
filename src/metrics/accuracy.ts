import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { ShapeError } from "../core/errors.js";

export interface Accuracy {
  readonly correct: number;
  /** Tokens that count. */
  readonly total: number;
  /** correct / total; NaN where no token counts. */
  readonly accuracy: number;
}

/**
 * The share of tokens predicted right, leaving out those whose target is `ignoreIndex` (padding).
 *
 * @throws ShapeError when there are not as many predictions as targets
 */
export function tokenAccuracy(
  predicted: ArrayLike<number>,
  target: ArrayLike<number>,
  options: { ignoreIndex?: number | undefined } = {},
): Accuracy {
  checkCall("tokenAccuracy", arguments, "predicted:list target:list {ignoreIndex:number}");
  const { ignoreIndex = -100 } = options;
  return countRight("tokenAccuracy", predicted, target, ignoreIndex);
}

/**
 * The share of examples whose class is right; NaN where there are none.
 *
 * @throws ShapeError when there are not as many predictions as targets
 * @example
 * ```ts
 * accuracy([1, 2, 2], [1, 2, 3]).toFixed(2); // "0.67"
 * ```
 */
export function accuracy<Label extends string | number>(
  predicted: ArrayLike<Label>,
  target: ArrayLike<Label>,
): number {
  checkCall("accuracy", arguments, "predicted:list target:list");
  return countRight("accuracy", predicted, target, undefined).accuracy;
}

function countRight<Label>(
  op: string,
  predicted: ArrayLike<Label>,
  target: ArrayLike<Label>,
  ignored: Label | undefined,
): Accuracy {
  if (predicted.length !== target.length) {
    throw new ShapeError({
      op,
      expected: `${target.length} predictions, one for each target`,
      got: described(predicted.length),
    });
  }
  let correct = 0;
  let total = 0;
  for (let i = 0; i < target.length; i++) {
    if (target[i] === ignored) continue;
    total++;
    if (predicted[i] === target[i]) correct++;
  }
  return { correct, total, accuracy: correct / total };
}

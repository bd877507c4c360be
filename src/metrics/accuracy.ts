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
  { ignoreIndex = -100 }: { ignoreIndex?: number } = {},
): Accuracy {
  if (predicted.length !== target.length) {
    throw new ShapeError({
      op: "tokenAccuracy",
      expected: `${target.length} predictions, one for each target`,
      got: String(predicted.length),
    });
  }
  let correct = 0;
  let total = 0;
  for (let i = 0; i < target.length; i++) {
    if (target[i] === ignoreIndex) continue;
    total++;
    if (predicted[i] === target[i]) correct++;
  }
  return { correct, total, accuracy: correct / total };
}

// A training whose numbers are not finite any more: where that was, and what helps.
import { NumericError } from "../../core/errors.js";
import type { Scores } from "../../metrics/metric.js";

/** Refuses scores that cannot be compared. */
export function refuseNonFiniteScores(op: string, scores: Scores): void {
  for (const [name, score] of Object.entries(scores))
    if (!Number.isFinite(score))
      throw new NumericError({ op, expected: "finite scores", got: `${name} ${score}` });
}

/**
 * What a training that diverged ends with.
 *
 * @param cause what the loop, or an evaluation, found first
 * @param step the last that was done
 * @param rate the learning rate, where the optimizer has one for all
 */
export function diverged(
  op: string,
  cause: NumericError,
  { step, rate }: { step: number; rate: number | undefined },
): NumericError {
  // What the loop found names its step already.
  const inStep = cause.cause instanceof NumericError;
  const by = rate === undefined ? "" : `${inStep ? ";" : ","} learning rate ${rate}`;
  return new NumericError(
    {
      op,
      expected: cause.expected,
      got: `${cause.got}${inStep ? "" : ` after step ${step}`}${by}`,
      cure: "The training diverged: a smaller learningRate, a tenth say, or a smaller maxNorm helps.",
    },
    { cause },
  );
}

import { checkCall } from "../core/check.js";
import { div, mul, sub } from "../ops/arithmetic.js";
import { exp, log } from "../ops/unary.js";
import { greater } from "../ops/compare.js";
import { sum } from "../ops/reduce.js";
import { where } from "../ops/where.js";
import type { Tensor } from "../tensor/tensor.js";
import { OptionError } from "../core/errors.js";
import { requireSameShape } from "./elementwise.js";
import { checkReduction, reduced, type Reduction } from "./reduction.js";

export interface KlDivLossOptions {
  /**
   * `"batchmean"`: the sum divided by the size of the first axis, the divergence of distributions as it is
   * defined. Default `"mean"`, as in PyTorch: divided by the number of elements.
   */
  reduction?: Reduction | "batchmean" | undefined;
  /** Whether the target is log-probabilities too. Default false: probabilities. */
  logTarget?: boolean | undefined;
}

/**
 * The Kullback-Leibler divergence of an input from a target, target · (log target - input) for each element.
 * Where the target is 0 the loss is 0, also for an input of -Infinity (a masked class).
 *
 * @param input log-probabilities, as logSoftmax gives them
 * @param target probabilities of the input's shape; with `logTarget` their logarithms
 * @returns a scalar, or for reduction "none" the input's shape
 * @throws ShapeError for different shapes; DTypeError for int32; OptionError for an unknown reduction
 */
export function klDivLoss(input: Tensor, target: Tensor, options: KlDivLossOptions = {}): Tensor {
  checkCall(
    "klDivLoss",
    arguments,
    "input:tensor target:tensor {reduction:string logTarget:boolean}",
  );
  const { reduction = "mean", logTarget = false } = options;
  const isBatchMean = reduction === "batchmean";
  requireSameShape("klDivLoss", input, target);
  if (!isBatchMean) checkReduction("klDivLoss", reduction);
  else if (input.shape.length === 0)
    throw new OptionError({
      op: "klDivLoss",
      expected: 'an input with a batch axis for reduction "batchmean"',
      got: "a scalar",
    });
  const probabilities = logTarget ? exp(target) : target;
  // Elements that count for nothing get harmless values, so that no gradient becomes 0 · Infinity.
  const counts = greater(probabilities, 0);
  const logarithm = log(where(counts, probabilities, 1));
  const losses = mul(probabilities, sub(logarithm, where(counts, input, 0)));
  return isBatchMean ? div(sum(losses), input.shape[0]!) : reduced(losses, reduction);
}

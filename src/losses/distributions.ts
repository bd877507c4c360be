// Losses of outputs that say how sure they are: the parameters of a distribution, or some of its quantiles.
import { checkCall, checkKeys } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape, sameShape } from "../core/shape.js";
import { requireFloat } from "../ops/check.js";
import { add, div, mul, sub } from "../ops/arithmetic.js";
import { maximum } from "../ops/extremes.js";
import { reshape } from "../ops/reshape.js";
import { log } from "../ops/unary.js";
import { tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { requireSameShape, type LossOptions } from "./elementwise.js";
import { logGammaStep } from "./log-gamma-step.js";
import { checkReduction, reduced } from "./reduction.js";

const HALF_LOG_2_PI = 0.9189385332046727;
const LOG_PI = 1.1447298858494002;

export interface GaussianNLLLossOptions extends LossOptions {
  /** Whether the constant ln(2π) / 2 is added: then it is a negative log density. Default false, as in PyTorch. */
  full?: boolean | undefined;
  /** Variances below it count as it; their gradient passes. Default 1e-6. */
  eps?: number | undefined;
}

/**
 * Negative log-likelihood of a normal distribution: (ln σ² + (input - target)² / σ²) / 2, without its constant. PyTorch's
 * `gaussian_nll_loss`.
 *
 * @param input means
 * @param target of the same shape
 * @param variance σ², of the same shape
 * @throws ShapeError for different shapes; DTypeError for int32; OptionError for an unknown reduction or an eps not above 0
 * @example
 * ```ts
 * gaussianNLLLoss(tensor([0]), tensor([2]), tensor([1]), { full: true }).item().toFixed(4); // "2.9189"
 * ```
 */
export function gaussianNLLLoss(
  input: Tensor,
  target: Tensor,
  variance: Tensor,
  options: GaussianNLLLossOptions = {},
): Tensor {
  const op = "gaussianNLLLoss";
  checkCall(
    op,
    arguments,
    "input:tensor target:tensor variance:tensor {full:boolean eps:number reduction:string}",
  );
  const { full = false, eps = 1e-6, reduction = "mean" } = options;
  checkReduction(op, reduction);
  requireSameShape(op, input, target);
  requireSameShape(op, input, variance);
  if (!(eps > 0 && eps < Infinity))
    throw new OptionError({ op, expected: "eps above 0", got: described(eps) });
  const known = variance.detach();
  const width = add(variance, sub(maximum(known, eps), known));
  const away = sub(input, target);
  const losses = mul(add(log(width), div(mul(away, away), width)), 0.5);
  return reduced(full ? add(losses, HALF_LOG_2_PI) : losses, reduction);
}

/** The parameters of Student's t distributions, each of the target's shape. */
export interface StudentT {
  /** Where the middle is. */
  location: Tensor;
  /** Above 0. */
  scale: Tensor;
  /** Degrees of freedom, above 0: the fewer, the more often is something far away. */
  degrees: Tensor;
}

/**
 * Negative log-likelihood of Student's t distribution, whose outliers cost less than a normal one's: what DeepAR has for series
 * of real numbers (Salinas et al. 2017). With z = (target - location) / scale and ν degrees it is
 * ln scale + ln(νπ) / 2 + lnΓ(ν / 2) - lnΓ((ν + 1) / 2) + (ν + 1) / 2 · ln(1 + z² / ν).
 *
 * @throws ShapeError for different shapes; DTypeError for int32; OptionError for an unknown reduction
 * @example
 * ```ts
 * const one = tensor([1]);
 * studentTNLLLoss({ location: tensor([0]), scale: one, degrees: one }, tensor([0])).item().toFixed(4); // "1.1447"
 * ```
 */
export function studentTNLLLoss(
  distribution: StudentT,
  target: Tensor,
  options: LossOptions = {},
): Tensor {
  const op = "studentTNLLLoss";
  checkCall(op, arguments, "distribution:object target:tensor {reduction:string}");
  checkKeys(op, distribution, "location!:tensor scale!:tensor degrees!:tensor");
  const { location, scale, degrees } = distribution;
  const { reduction = "mean" } = options;
  checkReduction(op, reduction);
  for (const parameter of [location, scale, degrees]) requireSameShape(op, target, parameter);
  const z = div(sub(target, location), scale);
  const more = mul(add(degrees, 1), 0.5);
  const spread = add(log(scale), mul(add(log(degrees), LOG_PI), 0.5));
  const tails = mul(more, log(add(div(mul(z, z), degrees), 1)));
  return reduced(add(sub(spread, logGammaStep(mul(degrees, 0.5))), tails), reduction);
}

export interface QuantileLossOptions extends LossOptions {
  /** Which quantiles the input has, each between 0 and 1: 0.5 is the median. */
  quantiles: readonly number[];
}

/**
 * The pinball loss, which the right quantiles of the target make smallest (Koenker & Bassett 1978): q · d where the target lies d
 * above quantile q, (1 - q) · d where it lies below.
 *
 * @param input `[..., quantiles]`
 * @param target `[...]`
 * @throws ShapeError for shapes that do not fit; OptionError for quantiles that are none
 * @example
 * ```ts
 * quantileLoss(tensor([[1, 2]]), tensor([3]), { quantiles: [0.5, 0.75], reduction: "sum" }).item(); // 1.75
 * ```
 */
export function quantileLoss(input: Tensor, target: Tensor, options: QuantileLossOptions): Tensor {
  const op = "quantileLoss";
  checkCall(op, arguments, "input:tensor target:tensor {quantiles!:list reduction:string}");
  const { quantiles, reduction = "mean" } = options;
  checkReduction(op, reduction);
  requireFloat(op, input);
  requireFloat(op, target);
  if (quantiles.length === 0 || !quantiles.every((q) => q > 0 && q < 1))
    throw new OptionError({
      op,
      expected: "quantiles between 0 and 1",
      got: described(quantiles),
    });
  const wanted = [...target.shape, quantiles.length];
  if (!sameShape(input.shape, wanted))
    throw new ShapeError({
      op,
      expected: `an input of shape ${formatShape(wanted)}: the target's, and ${quantiles.length} quantiles`,
      got: formatShape(input.shape),
    });
  const above = sub(reshape(target, [...target.shape, 1]), input);
  const levels = tensor(Float32Array.from(quantiles));
  return reduced(maximum(mul(above, levels), mul(above, sub(levels, 1))), reduction);
}

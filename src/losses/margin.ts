// Losses that ask for a distance: of two scores, of two vectors, of three.
import { described } from "../core/described.js";
import { checkCall } from "../core/check.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape, sameShape, type Shape } from "../core/shape.js";
import { badIndex } from "../ops/bad-index.js";
import { abs, sqrt } from "../ops/unary.js";
import { add, div, mul, sub } from "../ops/arithmetic.js";
import { maximum, minimum } from "../ops/extremes.js";
import { requireFloat, requireInt } from "../ops/check.js";
import { equal, less } from "../ops/compare.js";
import { sum } from "../ops/reduce.js";
import { where } from "../ops/where.js";
import type { Tensor } from "../tensor/tensor.js";
import { i32 } from "../wasm/memory.js";
import { requireSameShape, type LossOptions } from "./elementwise.js";
import { checkReduction, reduced } from "./reduction.js";

export interface MarginLossOptions extends LossOptions {
  /** How far apart is far enough. Default 0. */
  margin?: number | undefined;
}

/**
 * max(0, margin - target · (input1 - input2)): the first score should be higher where the target is 1, the
 * second where it is -1. PyTorch's `margin_ranking_loss`.
 *
 * @param target int32 of the inputs' shape, each 1 or -1
 * @throws IndexError for another target; ShapeError, DTypeError or OptionError for what does not fit
 */
export function marginRankingLoss(
  input1: Tensor,
  input2: Tensor,
  target: Tensor<"int32">,
  options: MarginLossOptions = {},
): Tensor {
  checkCall(
    "marginRankingLoss",
    arguments,
    "input1:tensor input2:tensor target:tensor {margin:number reduction:string}",
  );
  const { margin = 0, reduction = "mean" } = options;
  const op = "marginRankingLoss";
  requireSameShape(op, input1, input2);
  checkReduction(op, reduction);
  requireSigns(op, target, input1.shape);
  const lead = mul(target.to("float32"), sub(input1, input2));
  return reduced(hinge(sub(margin, lead)), reduction);
}

/**
 * 1 - cos for pairs that belong together (target 1), max(0, cos - margin) for those that do not (target -1),
 * with cos the cosine of the angle between two vectors. PyTorch's `cosine_embedding_loss`.
 *
 * @param input1 `[..., features]`
 * @param input2 of the same shape
 * @param target int32 of the leading shape, each 1 or -1
 * @param options `margin` (-1 to 1, default 0) and `reduction`
 * @throws IndexError for another target; ShapeError, DTypeError or OptionError for what does not fit
 */
export function cosineEmbeddingLoss(
  input1: Tensor,
  input2: Tensor,
  target: Tensor<"int32">,
  options: MarginLossOptions = {},
): Tensor {
  checkCall(
    "cosineEmbeddingLoss",
    arguments,
    "input1:tensor input2:tensor target:tensor {margin:number reduction:string}",
  );
  const { margin = 0, reduction = "mean" } = options;
  const op = "cosineEmbeddingLoss";
  requireVectors(op, input1, input2);
  checkReduction(op, reduction);
  requireSigns(op, target, input1.shape.slice(0, -1));
  const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), -1);
  const square = (x: Tensor): Tensor => add(dot(x, x), 1e-12);
  const cosine = div(dot(input1, input2), sqrt(mul(square(input1), square(input2))));
  const losses = where(equal(target, 1), sub(1, cosine), hinge(sub(cosine, margin)));
  return reduced(losses, reduction);
}

export interface TripletMarginLossOptions extends LossOptions {
  /** How much farther the negative should be. Default 1. */
  margin?: number | undefined;
  /** The distance: 2, Euclidean (default), or 1, the sum of the differences. */
  p?: 1 | 2 | undefined;
  /** Added to each difference. Default 1e-6. */
  eps?: number | undefined;
  /** Takes the distance of positive and negative where it is the smaller one. Default false. */
  swap?: boolean | undefined;
}

/**
 * max(0, margin + d(anchor, positive) - d(anchor, negative)): what belongs together should be closer than what
 * does not (Balntas et al. 2016). PyTorch's `triplet_margin_loss`; d(a, b) is the p-norm of a - b + eps.
 *
 * @param anchor `[..., features]`, as the two others
 * @returns a scalar, or for reduction "none" the leading shape
 * @throws ShapeError, DTypeError or OptionError for what does not fit
 * @example
 * ```ts
 * tripletMarginLoss(ones([1, 2]), ones([1, 2]), zeros([1, 2])).item() < 1; // true
 * ```
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginLossOptions = {},
): Tensor {
  checkCall(
    "tripletMarginLoss",
    arguments,
    "anchor:tensor positive:tensor negative:tensor {margin:number p:number eps:number swap:boolean reduction:string}",
  );
  const { margin = 1, p = 2, eps = 1e-6, swap = false, reduction = "mean" } = options;
  const op = "tripletMarginLoss";
  requireVectors(op, anchor, positive);
  requireVectors(op, anchor, negative);
  checkReduction(op, reduction);
  if (p !== 1 && p !== 2) throw new OptionError({ op, expected: "p 1 or 2", got: described(p) });
  const distance = (a: Tensor, b: Tensor): Tensor => {
    const d = add(sub(a, b), eps);
    // Never the root of 0, which has no slope.
    return p === 1 ? sum(abs(d), -1) : sqrt(maximum(sum(mul(d, d), -1), 1e-30));
  };
  let far = distance(anchor, negative);
  if (swap) far = minimum(far, distance(positive, negative));
  return reduced(hinge(add(sub(distance(anchor, positive), far), margin)), reduction);
}

/** @internal max(x, 0), whose gradient at 0 is that of x, as PyTorch's clamp has it: equal scores are told apart. */
export function hinge(x: Tensor): Tensor {
  return where(less(x, 0), 0, x);
}

/** @internal Refuses what are no vectors of one shape. */
export function requireVectors(op: string, a: Tensor, b: Tensor): void {
  requireFloat(op, a, b);
  if (a.shape.length === 0 || !sameShape(a.shape, b.shape))
    throw new ShapeError({
      op,
      expected: "vectors [..., features] of one shape",
      got: `${formatShape(a.shape)} and ${formatShape(b.shape)}`,
    });
}

function requireSigns(op: string, target: Tensor<"int32">, shape: Shape): void {
  requireInt(op, "target", target);
  if (!sameShape(target.shape, shape))
    throw new ShapeError({
      op,
      expected: `a target of shape ${formatShape(shape)}`,
      got: formatShape(target.shape),
    });
  const bad = i32(target.address(op), target.size).findIndex((sign) => sign !== 1 && sign !== -1);
  if (bad >= 0) throw badIndex(op, "targets 1 or -1", target, bad);
}

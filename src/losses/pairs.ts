// Losses of pairs of embeddings: those that belong together, those that do not, and all between.
import { checkCall, checkChoice } from "../core/check.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, sameShape, type Shape } from "../core/shape.js";
import { mul, sub } from "../ops/arithmetic.js";
import { badIndex } from "../ops/bad-index.js";
import { requireFloat, requireInt } from "../ops/check.js";
import { equal } from "../ops/compare.js";
import { square } from "../ops/power.js";
import { cosineSimilarity, pairwiseDistance } from "../ops/similarity.js";
import { relu } from "../ops/unary.js";
import { where } from "../ops/where.js";
import type { Tensor } from "../tensor/tensor.js";
import { i32 } from "../wasm/memory.js";
import type { LossOptions } from "./elementwise.js";
import { requireVectors } from "./margin.js";
import { checkReduction, reduced } from "./reduction.js";

export interface ContrastiveLossOptions extends LossOptions {
  /** How far what does not belong together should be. Default 0.5. */
  margin?: number | undefined;
  /** `"cosine"`, 1 - cos, or `"euclidean"`. Default `"cosine"`. */
  distance?: "cosine" | "euclidean" | undefined;
}

/**
 * d² / 2 for pairs that belong together, max(0, margin - d)² / 2 for those that do not (Hadsell et al. 2006), with d
 * the distance of the two.
 *
 * @param a `[..., features]`
 * @param b of the same shape
 * @param same int32 of the leading shape: 1 where they belong together, else 0
 * @returns a scalar, or for reduction "none" the leading shape
 * @throws IndexError where `same` is neither; ShapeError, DTypeError or OptionError for what does not fit
 */
export function contrastiveLoss(
  a: Tensor,
  b: Tensor,
  same: Tensor<"int32">,
  options: ContrastiveLossOptions = {},
): Tensor {
  const op = "contrastiveLoss";
  checkCall(
    op,
    arguments,
    "a:tensor b:tensor same:tensor {margin:number distance:string reduction:string}",
  );
  const { margin = 0.5, distance = "cosine", reduction = "mean" } = options;
  requireVectors(op, a, b);
  requireInt(op, "same", same);
  requireLeading(op, "same", same.shape, a.shape);
  checkChoice(op, "distance", distance, ["cosine", "euclidean"]);
  checkReduction(op, reduction);
  const bad = i32(same.address(op), same.size).findIndex((one) => one !== 0 && one !== 1);
  if (bad >= 0) throw badIndex(op, "1 or 0 in same", same, bad);
  const d = distance === "cosine" ? sub(1, cosineSimilarity(a, b)) : pairwiseDistance(a, b);
  const losses = where(equal(same, 1), square(d), square(relu(sub(margin, d))));
  return reduced(mul(losses, 0.5), reduction);
}

/**
 * (cos(a, b) - score)²: pairs should be as similar as they were judged to be.
 *
 * @param a `[..., features]`
 * @param b of the same shape
 * @param score float32 of the leading shape, from -1 to 1
 * @returns a scalar, or for reduction "none" the leading shape
 * @throws ShapeError, DTypeError or OptionError for what does not fit
 */
export function cosineSimilarityLoss(
  a: Tensor,
  b: Tensor,
  score: Tensor,
  options: LossOptions = {},
): Tensor {
  const op = "cosineSimilarityLoss";
  checkCall(op, arguments, "a:tensor b:tensor score:tensor {reduction:string}");
  const { reduction = "mean" } = options;
  requireVectors(op, a, b);
  requireFloat(op, score);
  requireLeading(op, "score", score.shape, a.shape);
  checkReduction(op, reduction);
  return reduced(square(sub(cosineSimilarity(a, b), score)), reduction);
}

function requireLeading(op: string, name: string, shape: Shape, vectors: Shape): void {
  const leading = vectors.slice(0, -1);
  if (!sameShape(shape, leading))
    throw new ShapeError({
      op,
      expected: `${name} of shape ${formatShape(leading)}`,
      got: formatShape(shape),
    });
}

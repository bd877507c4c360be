// Losses whose negatives are the other examples of the batch: what the two towers of one network learn from.
import { checkCall, checkChoice } from "../core/check.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape, sameShape } from "../core/shape.js";
import { softplus } from "../ops/activations.js";
import { add, div, mul, sub } from "../ops/arithmetic.js";
import { requireFloat, requireInt } from "../ops/check.js";
import { greater } from "../ops/compare.js";
import { logicalOr } from "../ops/logic.js";
import { booleanMask } from "../ops/masked-select.js";
import { transpose } from "../ops/permute.js";
import { max, sum } from "../ops/reduce.js";
import { unsqueeze } from "../ops/reshape.js";
import { cdist, cosineSimilarities } from "../ops/similarity.js";
import { slice } from "../ops/slice.js";
import { min } from "../ops/statistics.js";
import { diag } from "../ops/triangle.js";
import { where } from "../ops/where.js";
import { eye, tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { i32 } from "../wasm/memory.js";
import { crossEntropy } from "./cross-entropy.js";
import type { LossOptions } from "./elementwise.js";
import { hinge } from "./margin.js";
import { checkReduction, reduced } from "./reduction.js";

export interface HardTripletLossOptions extends LossOptions {
  /** How much more similar than a negative the positive should be, as a cosine. Default 0.25. */
  margin?: number | undefined;
  /**
   * Which negative is the closest one: `"any"`, the most similar of all; or `"semiHard"`, of those no more similar than
   * the positive (Schroff et al. 2015). Default `"any"`.
   */
  closest?: "any" | "semiHard" | undefined;
}

/**
 * Row i of a belongs to row i of b, and to no other row: max(0, margin - cos(aᵢ, bᵢ) + closest) + max(0, margin -
 * cos(aᵢ, bᵢ) + mean), with the closest and the mean of the cosines of aᵢ and the other rows of b. The loss of Siamese
 * networks in DeepLearning.AI's course, in both forms that circulate: `closest: "any"` with the batch's mean, as here
 * by default; `closest: "semiHard"` with `reduction: "sum"` in later ones.
 *
 * In the second form negatives that are not to be chosen lose 2 of their cosine, so that a row whose negatives are all
 * closer than its positive hardly has a closest one.
 *
 * @param a `[batch, features]`, two rows or more; normalized or not
 * @param b the same shape
 * @returns a scalar, or for reduction "none" `[batch]`
 * @throws ShapeError, DTypeError or OptionError for what does not fit
 */
export function hardTripletLoss(
  a: Tensor,
  b: Tensor,
  options: HardTripletLossOptions = {},
): Tensor {
  const op = "hardTripletLoss";
  checkCall(op, arguments, "a:tensor b:tensor {margin:number closest:string reduction:string}");
  const { margin = 0.25, closest = "any", reduction = "mean" } = options;
  requireRows(op, a, b);
  if (!sameShape(a.shape, b.shape) || a.shape[0]! < 2)
    throw new ShapeError({
      op,
      expected: "two or more rows [batch, features] of a, and as many of b",
      got: `${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      cure: "The other rows of the batch are the negatives.",
    });
  checkChoice(op, "closest", closest, ["any", "semiHard"]);
  checkReduction(op, reduction);
  const rows = a.shape[0]!;
  const cosines = cosineSimilarities(a, b);
  const positive = diag(cosines);
  const own = eye(rows, rows, { dtype: "int32" });
  const excluded =
    closest === "any" ? own : logicalOr(own, greater(cosines, unsqueeze(positive, 1)));
  const nearest = max(sub(cosines, mul(excluded.to("float32"), 2)), 1);
  const mean = div(sum(where(own, 0, cosines), 1), rows - 1);
  const short = sub(margin, positive);
  return reduced(add(hinge(add(short, nearest)), hinge(add(short, mean))), reduction);
}

export interface BatchHardTripletLossOptions extends LossOptions {
  /** How much farther the negative should be. Default 5; of cosine distances choose less than 2. */
  margin?: number | undefined;
  /** Between embeddings: `"euclidean"`, or `"cosine"`, 1 - cos. Default `"euclidean"`. */
  distance?: "euclidean" | "cosine" | undefined;
  /** log(1 + e^(positive - negative)) instead of a margin. Default false. */
  soft?: boolean | undefined;
}

/**
 * Each embedding's farthest of its own label should be closer than its nearest of another (Hermans et al. 2017):
 * max(0, margin + farthest - nearest). Embeddings that lack either, since no other of the batch has their label or all
 * have it, count for nothing.
 *
 * @param embeddings `[batch, features]`
 * @param labels int32 `[batch]`
 * @returns a scalar, or for reduction "none" a loss for each embedding that counts
 * @throws OptionError where none counts, or for a margin beside `soft`; ShapeError or DTypeError for what does not fit
 */
export function batchHardTripletLoss(
  embeddings: Tensor,
  labels: Tensor<"int32">,
  options: BatchHardTripletLossOptions = {},
): Tensor {
  const op = "batchHardTripletLoss";
  checkCall(
    op,
    arguments,
    "embeddings:tensor labels:tensor {margin:number distance:string soft:boolean reduction:string}",
  );
  const { margin, distance = "euclidean", soft = false, reduction = "mean" } = options;
  requireRows(op, embeddings);
  requireInt(op, "labels", labels);
  checkChoice(op, "distance", distance, ["euclidean", "cosine"]);
  checkReduction(op, reduction);
  if (soft && margin !== undefined)
    throw new OptionError({ op, expected: "margin, or soft without one", got: "both" });
  const rows = embeddings.shape[0]!;
  if (!sameShape(labels.shape, [rows]))
    throw new ShapeError({
      op,
      expected: `labels of shape [${rows}], one for each embedding`,
      got: formatShape(labels.shape),
    });
  const { alike, unlike, counted } = labelMasks(i32(labels.address(op), rows));
  const anchors = counted.reduce((count, one) => count + one, 0);
  if (anchors === 0)
    throw new OptionError({
      op,
      expected: "two embeddings of one label and one of another",
      got: `labels ${
        Array.from(i32(labels.address(op), rows))
          .join(", ")
          .slice(0, 60) || "of none"
      }`,
      cure: "Make batches of several labels with several examples each.",
    });
  const shape = [rows, rows];
  const distances =
    distance === "cosine"
      ? sub(1, cosineSimilarities(embeddings, embeddings))
      : cdist(embeddings, embeddings);
  const pick = (each: Tensor): Tensor =>
    anchors === rows ? each : booleanMask(each, tensor(counted));
  const farthest = pick(max(where(tensor(alike, { shape }), distances, -Infinity), 1));
  const nearest = pick(min(where(tensor(unlike, { shape }), distances, Infinity), 1));
  const lead = sub(farthest, nearest);
  return reduced(soft ? softplus(lead) : hinge(add(lead, margin ?? 5)), reduction);
}

/** Which of all pairs are another of the same label, which of another label, and which rows have both. */
function labelMasks(labels: Int32Array) {
  const { length } = labels;
  const [alike, unlike] = [new Int32Array(length * length), new Int32Array(length * length)];
  const counted = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    let [own, other] = [0, 0];
    for (let j = 0; j < length; j++) {
      const same = labels[i] === labels[j];
      own += alike[i * length + j] = same && i !== j ? 1 : 0;
      other += unlike[i * length + j] = same ? 0 : 1;
    }
    counted[i] = own > 0 && other > 0 ? 1 : 0;
  }
  return { alike, unlike, counted };
}

export interface MultipleNegativesRankingLossOptions extends LossOptions {
  /** What cosines are multiplied by: 1 / temperature. Default 20. */
  scale?: number | undefined;
  /** Whether candidates choose their anchors too: the mean of both directions. Default false. */
  symmetric?: boolean | undefined;
}

/**
 * Candidate i belongs to anchor i, and each anchor is to choose its own among all: the cross-entropy of `scale` times
 * the cosines (Henderson et al. 2017; with `symmetric` CLIP's, Radford et al. 2021). Candidates behind those of the
 * anchors are further negatives for all of them. What belongs together must not stand in two rows of a batch.
 *
 * @param anchors `[batch, features]`, normalized or not
 * @param candidates `[batch or more, features]`
 * @returns a scalar, or for reduction "none" `[batch]`
 * @throws ShapeError, DTypeError or OptionError for what does not fit
 */
export function multipleNegativesRankingLoss(
  anchors: Tensor,
  candidates: Tensor,
  options: MultipleNegativesRankingLossOptions = {},
): Tensor {
  const op = "multipleNegativesRankingLoss";
  checkCall(
    op,
    arguments,
    "anchors:tensor candidates:tensor {scale:number symmetric:boolean reduction:string}",
  );
  const { scale = 20, symmetric = false, reduction = "mean" } = options;
  requireRows(op, anchors, candidates);
  checkReduction(op, reduction);
  if (!(scale > 0 && scale < Infinity))
    throw new OptionError({ op, expected: "scale above 0", got: String(scale) });
  const [rows, features] = anchors.shape as [number, number];
  const [count, size] = candidates.shape as [number, number];
  if (rows === 0 || count < rows || size !== features)
    throw new ShapeError({
      op,
      expected: "anchors [batch, features] and candidates [batch or more, features]",
      got: `${formatShape(anchors.shape)} and ${formatShape(candidates.shape)}`,
    });
  const scores = mul(cosineSimilarities(anchors, candidates), scale);
  const target = tensor(Int32Array.from({ length: rows }, (_, i) => i));
  const chosen = crossEntropy(scores, target, { reduction });
  if (!symmetric) return chosen;
  const back = crossEntropy(transpose(slice(scores, 1, 0, rows), 0, 1), target, { reduction });
  return mul(add(chosen, back), 0.5);
}

function requireRows(op: string, ...tensors: readonly Tensor[]): void {
  requireFloat(op, ...tensors);
  for (const { shape } of tensors)
    if (shape.length !== 2)
      throw new ShapeError({
        op,
        expected: "embeddings [batch, features]",
        got: formatShape(shape),
      });
}

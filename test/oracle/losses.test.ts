// Losses against PyTorch.
import { describe, it } from "vitest";
import {
  binaryCrossEntropyWithLogits,
  crossEntropy,
  l1Loss,
  mseLoss,
  nllLoss,
  type Tensor,
} from "../../src/index.js";
import {
  batchHardTripletLoss,
  binaryCrossEntropy,
  contrastiveLoss,
  cosineEmbeddingLoss,
  cosineSimilarityLoss,
  hardTripletLoss,
  huberLoss,
  klDivLoss,
  marginRankingLoss,
  multipleNegativesRankingLoss,
  smoothL1Loss,
  tripletMarginLoss,
} from "../../src/losses/index.js";
import { casesOf, oracleCases } from "../helpers/oracle.js";
import { checkCase, type Leaves } from "./check-case.js";

const cases = oracleCases("losses");

/** A loss as the cases call it: what it compares, and every option the case names. */
type Loss = (input: Tensor, target: Tensor, options: Record<string, unknown>) => Tensor;

/** Inputs beyond these two are tensors that PyTorch takes as options. */
function run(loss: Loss, { input, target, ...tensors }: Leaves, options: object): Tensor {
  return loss(input!, target!, { ...options, ...tensors });
}

describe.each([
  ["crossEntropy", crossEntropy],
  ["nllLoss", nllLoss],
  ["mseLoss", mseLoss],
  ["l1Loss", l1Loss],
  ["binaryCrossEntropyWithLogits", binaryCrossEntropyWithLogits],
  ["binaryCrossEntropy", binaryCrossEntropy],
  ["huberLoss", huberLoss],
  ["smoothL1Loss", smoothL1Loss],
  ["klDivLoss", klDivLoss],
] as unknown as [string, Loss][])("%s", (op, loss) => {
  it.each(casesOf(cases, op).map((each) => [each.name, each] as const))("%s", (_, oracle) => {
    checkCase(oracle, (leaves) => ({ loss: run(loss, leaves, oracle.options) }));
  });
});

describe.each([
  ["marginRankingLoss", marginRankingLoss, ["input1", "input2", "target"]],
  ["cosineEmbeddingLoss", cosineEmbeddingLoss, ["input1", "input2", "target"]],
  ["tripletMarginLoss", tripletMarginLoss, ["anchor", "positive", "negative"]],
  ["hardTripletLoss", hardTripletLoss, ["a", "b"]],
  ["batchHardTripletLoss", batchHardTripletLoss, ["embeddings", "labels"]],
  ["multipleNegativesRankingLoss", multipleNegativesRankingLoss, ["anchors", "candidates"]],
  ["contrastiveLoss", contrastiveLoss, ["a", "b", "same"]],
  ["cosineSimilarityLoss", cosineSimilarityLoss, ["a", "b", "score"]],
] as unknown as [string, (...args: unknown[]) => Tensor, string[]][])("%s", (op, loss, names) => {
  it.each(casesOf(cases, op).map((each) => [each.name, each] as const))("%s", (_, oracle) => {
    checkCase(oracle, (leaves) => ({
      loss: loss(...names.map((name) => leaves[name]), oracle.options),
    }));
  });
});

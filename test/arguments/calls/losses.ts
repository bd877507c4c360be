import * as hs from "../../../src/losses/index.js";
import { call, type Call } from "../wrong-calls.js";
import { floats, ints, intsOf, onesOf } from "../values.js";

const LENGTHS = ["int tensor", "typed array"] as const;
const pair = (run: (...given: never[]) => unknown, options: object): Call =>
  call(run, () => [floats(2), floats(2), { reduction: "sum", ...options }]);

export const LOSS_CALLS = {
  mseLoss: pair(hs.mseLoss, {}),
  l1Loss: pair(hs.l1Loss, {}),
  huberLoss: pair(hs.huberLoss, { delta: 1 }),
  smoothL1Loss: pair(hs.smoothL1Loss, { beta: 1 }),
  klDivLoss: pair(hs.klDivLoss, { logTarget: true }),
  binaryCrossEntropy: call(hs.binaryCrossEntropy, () => [
    onesOf(2),
    onesOf(2),
    { weight: floats(2), reduction: "sum" },
  ]),
  binaryCrossEntropyWithLogits: call(hs.binaryCrossEntropyWithLogits, () => [
    floats(2),
    floats(2),
    { weight: floats(2), posWeight: floats(2), reduction: "sum" },
  ]),
  crossEntropy: call(
    hs.crossEntropy,
    () => [
      floats(2, 3),
      ints(1, 0),
      { weight: floats(3), ignoreIndex: -1, reduction: "sum", labelSmoothing: 0.1 },
    ],
    { also: { "1": "float tensor" } },
  ),
  nllLoss: call(hs.nllLoss, () => [
    floats(2, 3),
    ints(1, 0),
    { weight: floats(3), ignoreIndex: -1, reduction: "sum" },
  ]),
  gaussianNLLLoss: call(hs.gaussianNLLLoss, () => [
    floats(2),
    floats(2),
    onesOf(2),
    { full: true, eps: 1e-6, reduction: "sum" },
  ]),
  studentTNLLLoss: call(hs.studentTNLLLoss, () => [
    { location: floats(2), scale: onesOf(2), degrees: onesOf(2) },
    floats(2),
    { reduction: "sum" },
  ]),
  quantileLoss: call(hs.quantileLoss, () => [
    floats(2, 1),
    floats(2),
    { quantiles: [0.5], reduction: "sum" },
  ]),
  sampledSoftmaxLoss: call(
    hs.sampledSoftmaxLoss,
    () => [
      floats(2, 3),
      ints(1, 0),
      floats(4, 3),
      {
        sampler: hs.logUniformSampler(4),
        samples: 2,
        bias: floats(4),
        removeHits: true,
        reduction: "sum",
      },
    ],
    { also: { "3.sampler": "instance" } },
  ),
  logUniformSampler: call(hs.logUniformSampler, () => [4]),
  unigramSampler: call(hs.unigramSampler, () => [[1, 2]], { also: { "0": "typed array" } }),
  ctcLoss: call(
    hs.ctcLoss,
    () => [
      floats(1, 2, 3),
      intsOf([1, 1], 1),
      { inputLengths: [2], targetLengths: [1], blank: 0, zeroInfinity: true, reduction: "sum" },
    ],
    { also: { "2.inputLengths": LENGTHS, "2.targetLengths": LENGTHS } },
  ),
  cosineEmbeddingLoss: call(hs.cosineEmbeddingLoss, () => [
    floats(2, 3),
    floats(2, 3),
    ints(1, -1),
    { margin: 0.5, reduction: "sum" },
  ]),
  marginRankingLoss: call(hs.marginRankingLoss, () => [
    floats(2),
    floats(2),
    ints(1, -1),
    { margin: 0.5, reduction: "sum" },
  ]),
  tripletMarginLoss: call(hs.tripletMarginLoss, () => [
    floats(2, 3),
    floats(2, 3),
    floats(2, 3),
    { margin: 1, p: 2, eps: 1e-6, swap: true, reduction: "sum" },
  ]),
  hardTripletLoss: call(hs.hardTripletLoss, () => [
    floats(2, 3),
    floats(2, 3),
    { margin: 0.5, closest: "semiHard", reduction: "sum" },
  ]),
  batchHardTripletLoss: call(hs.batchHardTripletLoss, () => [
    floats(3, 3),
    ints(0, 0, 1),
    { margin: 1, distance: "cosine", soft: undefined, reduction: "sum" },
  ]),
  multipleNegativesRankingLoss: call(hs.multipleNegativesRankingLoss, () => [
    floats(2, 3),
    floats(2, 3),
    { scale: 10, symmetric: true, reduction: "sum" },
  ]),
  contrastiveLoss: call(hs.contrastiveLoss, () => [
    floats(2, 3),
    floats(2, 3),
    ints(1, 0),
    { margin: 0.5, distance: "euclidean", reduction: "sum" },
  ]),
  cosineSimilarityLoss: call(hs.cosineSimilarityLoss, () => [
    floats(2, 3),
    floats(2, 3),
    floats(2),
    { reduction: "sum" },
  ]),
};

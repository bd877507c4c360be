/**
 * All operations, those of the main entry too. What only layers need (convolution, attention) is in `hiddenstate/nn`.
 *
 * @packageDocumentation
 */
import "./methods.js";

export { eye, linspace } from "../tensor/create.js";
export { onesLike, randLike, randnLike, zerosLike, type LikeOptions } from "../tensor/like.js";

export { abs, exp, log, relu, sigmoid, sqrt, tanh } from "./unary.js";
export { add, div, mul, neg, sub, type Arithmetic } from "./arithmetic.js";
export { clamp, hardSigmoid, hardTanh } from "./clamp.js";
export { equal, greater, greaterEqual, less, lessEqual, type Comparison } from "./compare.js";
export { cumprod, prod } from "./cumprod.js";
export { cumsum } from "./cumsum.js";
export { dropout, type DropoutOptions } from "./dropout.js";
export { einsum } from "./einsum.js";
export { embedding } from "./embedding.js";
export { expand } from "./expand.js";
export { maximum, minimum } from "./extremes.js";
export { gather, scatterAdd } from "./gather.js";
export { glu } from "./glu.js";
export { flip, indexSelect, roll } from "./index-select.js";
export { floorDivide, remainder } from "./integers.js";
export { concat, stack } from "./join.js";
export { layerNorm, type LayerNormOptions } from "./layer-norm.js";
export { linear } from "./linear.js";
export { all, any, isFinite, isNaN, logicalAnd, logicalNot, logicalOr, notEqual } from "./logic.js";
export { booleanMask, maskedSelect, nonzero } from "./masked-select.js";
export { matmul, type MatmulOptions } from "./matmul.js";
export { median } from "./median.js";
export { multinomial, type MultinomialOptions } from "./multinomial.js";
export { oneHot } from "./one-hot.js";
export { argsort, sort, topk, type Ordered } from "./order.js";
export { pad } from "./pad.js";
export { permute, transpose } from "./permute.js";
export { pow, reciprocal, rsqrt, square } from "./power.js";
export {
  elu,
  gelu,
  leakyRelu,
  logSigmoid,
  silu,
  softplus,
  type GeluOptions,
} from "./activations.js";
export { argmax, logSumExp, max, mean, sum } from "./reduce.js";
export { reshape, squeeze, unsqueeze } from "./reshape.js";
export { rmsNorm, type RMSNormOptions } from "./rms-norm.js";
export { rotary, type RotaryOptions, type RotaryPairing } from "./rotary.js";
export { ceil, floor, round, sign } from "./round.js";
export {
  cdist,
  cosineSimilarities,
  cosineSimilarity,
  normalize,
  pairwiseDistance,
  squaredDistances,
  type NormalizeOptions,
} from "./similarity.js";
export { cos, sin } from "./sine.js";
export { chunk, select, slice, split, unbind } from "./slice.js";
export { logSoftmax, maskedLogSoftmax, maskedSoftmax, softmax } from "./softmax.js";
export {
  argmin,
  min,
  norm,
  std,
  variance,
  type NormOptions,
  type SpreadOptions,
} from "./statistics.js";
export { tile } from "./tile.js";
export { causalMask, diag, tril, triu } from "./triangle.js";
export { dot, outer } from "./vectors.js";
export { maskedFill, where } from "./where.js";

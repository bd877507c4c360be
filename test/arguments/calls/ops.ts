import * as nn from "../../../src/nn/index.js";
import * as ops from "../../../src/ops/index.js";
import { call, type Call } from "../wrong-calls.js";
import { floats, ints, intsOf, onesOf } from "../values.js";

const hs = { ...nn, ...ops };
const unary = (run: (x: never) => unknown): Call => call(run, () => [onesOf(2, 2)]);
/** Takes a number in place of the second tensor. */
const binary = (run: (...given: never[]) => unknown): Call =>
  call(run, () => [floats(2, 2), floats(2, 2)], { also: { "0": "number", "1": "number" } });
const compared = (run: (...given: never[]) => unknown): Call => binary(run);
const INT = { "0": "int tensor" } as const;
const reduction = (run: (...given: never[]) => unknown, also: object = {}): Call =>
  call(run, () => [floats(2, 2), 0, true], { also: { "1": "array", ...also } });

export const OPS_CALLS = {
  ...Object.fromEntries(
    (
      [
        ...["abs", "exp", "log", "relu", "sigmoid", "sqrt", "tanh", "neg", "hardSigmoid"],
        ...["hardTanh", "isFinite", "isNaN", "reciprocal", "rsqrt", "logSigmoid", "silu"],
        ...["sin", "cos", "ceil", "floor", "round", "sign"],
      ] as const
    ).map((name) => [name, unary(hs[name as keyof typeof hs] as never)]),
  ),
  softplus: call(hs.softplus, () => [floats(2), 2, 10]),
  square: call(hs.square, () => [floats(2)], { also: INT }),
  logicalNot: call(hs.logicalNot, () => [ints(1, 0)], { also: { "0": "float tensor" } }),
  diag: call(hs.diag, () => [floats(2)], { also: INT }),
  add: binary(hs.add),
  sub: binary(hs.sub),
  mul: binary(hs.mul),
  div: binary(hs.div),
  maximum: binary(hs.maximum),
  minimum: binary(hs.minimum),
  pow: binary(hs.pow),
  equal: compared(hs.equal),
  notEqual: compared(hs.notEqual),
  greater: compared(hs.greater),
  greaterEqual: compared(hs.greaterEqual),
  less: compared(hs.less),
  lessEqual: compared(hs.lessEqual),
  floorDivide: call(hs.floorDivide, () => [ints(4, 5), ints(2, 2)], { also: { "1": "number" } }),
  remainder: call(hs.remainder, () => [ints(4, 5), ints(2, 2)], { also: { "1": "number" } }),
  logicalAnd: call(hs.logicalAnd, () => [ints(1, 0), ints(1, 1)]),
  logicalOr: call(hs.logicalOr, () => [ints(1, 0), ints(1, 1)]),
  sum: reduction(hs.sum, INT),
  mean: reduction(hs.mean),
  max: reduction(hs.max, INT),
  min: reduction(hs.min, INT),
  logSumExp: reduction(hs.logSumExp),
  any: call(hs.any, () => [ints(1, 0), 0, true], { also: { "0": "float tensor", "1": "array" } }),
  all: call(hs.all, () => [ints(1, 0), 0, true], { also: { "0": "float tensor", "1": "array" } }),
  argmax: call(hs.argmax, () => [floats(2, 2), 0, true], { also: INT }),
  argmin: call(hs.argmin, () => [floats(2, 2), 0, true], { also: INT }),
  dropout: call(hs.dropout, () => [floats(2), 0.5, { training: true }]),
  embedding: call(hs.embedding, () => [ints(1, 0), floats(3, 2), 0]),
  gather: call(hs.gather, () => [floats(2, 2), 1, intsOf([2, 1], 0, 1)], { also: INT }),
  scatterAdd: call(hs.scatterAdd, () => [floats(2, 2), 1, intsOf([2, 1], 0, 1), floats(2, 1)]),
  concat: call(hs.concat, () => [[floats(2), floats(2)], 0]),
  stack: call(hs.stack, () => [[floats(2), floats(2)], 0]),
  layerNorm: call(
    hs.layerNorm,
    () => [floats(2, 3), 3, { weight: floats(3), bias: floats(3), eps: 1e-5 }],
    { also: { "1": "array" } },
  ),
  rmsNorm: call(hs.rmsNorm, () => [floats(2, 3), 3, { weight: floats(3), eps: 1e-5 }], {
    also: { "1": "array" },
  }),
  rotary: call(hs.rotary, () => [floats(2, 4), { base: 100, pairing: "halves", start: 1 }]),
  linear: call(hs.linear, () => [floats(2, 3), floats(4, 3), floats(4)]),
  matmul: call(hs.matmul, () => [floats(2, 3), floats(2, 3), { transposeB: true }]),
  permute: call(hs.permute, () => [floats(2, 3), [1, 0]], { also: INT }),
  transpose: call(hs.transpose, () => [floats(2, 3), 0, 1], { also: INT }),
  reshape: call(hs.reshape, () => [floats(2, 3), [3, 2]], { also: INT }),
  squeeze: call(hs.squeeze, () => [floats(2, 1), 1], { also: { ...INT, "1": "array" } }),
  unsqueeze: call(hs.unsqueeze, () => [floats(2, 1), 1], { also: INT }),
  slice: call(hs.slice, () => [floats(2, 2), 0, 0, 1], { also: INT }),
  split: call(hs.split, () => [floats(2, 2), [1, 1], 0], { also: { ...INT, "1": "number" } }),
  chunk: call(hs.chunk, () => [floats(2, 2), 2, 0], { also: INT }),
  softmax: call(hs.softmax, () => [floats(2, 2), 0]),
  logSoftmax: call(hs.logSoftmax, () => [floats(2, 2), 0]),
  maskedSoftmax: call(hs.maskedSoftmax, () => [floats(2, 2), ints(1, 0), 0]),
  maskedLogSoftmax: call(hs.maskedLogSoftmax, () => [floats(2, 2), ints(1, 1), 0]),
  where: call(hs.where, () => [ints(1, 0), floats(2), floats(2)], {
    also: { "1": "number", "2": "number" },
  }),
  maskedFill: call(hs.maskedFill, () => [floats(2), ints(1, 0), 0.5], { also: INT }),
  clamp: call(hs.clamp, () => [floats(2), -1, 1], { also: INT }),
  cumsum: call(hs.cumsum, () => [floats(2), 0], { also: INT }),
  cumprod: call(hs.cumprod, () => [floats(2), 0]),
  prod: call(hs.prod, () => [floats(2, 2), 0, true]),
  median: call(hs.median, () => [floats(2, 2), 0, true], { also: INT }),
  einsum: call(hs.einsum, () => ["i,i->", floats(2), floats(2)]),
  glu: call(hs.glu, () => [floats(2, 4), 1]),
  nonzero: call(hs.nonzero, () => [ints(1, 0)], { also: { "0": "float tensor" } }),
  maskedSelect: call(hs.maskedSelect, () => [floats(2), ints(1, 0)], { also: INT }),
  booleanMask: call(hs.booleanMask, () => [floats(2), ints(1, 0)], { also: INT }),
  multinomial: call(hs.multinomial, () => [onesOf(3), 2, { replacement: true }]),
  select: call(hs.select, () => [floats(2, 2), 0, 1], { also: INT }),
  unbind: call(hs.unbind, () => [floats(2, 2), 0], { also: INT }),
  expand: call(hs.expand, () => [floats(1), [3]], { also: INT }),
  flip: call(hs.flip, () => [floats(2), 0], { also: { ...INT, "1": "array" } }),
  indexSelect: call(hs.indexSelect, () => [floats(2), 0, ints(1, 0)], { also: INT }),
  roll: call(hs.roll, () => [floats(2), 1, 0], { also: INT }),
  oneHot: call(hs.oneHot, () => [ints(1, 0), 2]),
  argsort: call(hs.argsort, () => [floats(2), 0, { descending: true }], { also: INT }),
  sort: call(hs.sort, () => [floats(2), 0, { descending: true }], { also: INT }),
  topk: call(hs.topk, () => [floats(2), 1, 0, { largest: false }], { also: INT }),
  pad: call(hs.pad, () => [floats(2), [1, 1], 0.5], { also: INT }),
  elu: call(hs.elu, () => [floats(2), 1]),
  gelu: call(hs.gelu, () => [floats(2), { approximate: "tanh" }]),
  leakyRelu: call(hs.leakyRelu, () => [floats(2), 0.1]),
  cdist: call(hs.cdist, () => [floats(2, 3), floats(2, 3)]),
  squaredDistances: call(hs.squaredDistances, () => [floats(2, 3), floats(2, 3)]),
  cosineSimilarities: call(hs.cosineSimilarities, () => [floats(2, 3), floats(2, 3), 1e-8]),
  cosineSimilarity: call(hs.cosineSimilarity, () => [
    floats(2, 3),
    floats(2, 3),
    { axis: 1, eps: 1e-8 },
  ]),
  normalize: call(hs.normalize, () => [floats(2, 3), { p: 2, axis: 1, eps: 1e-8 }]),
  pairwiseDistance: call(hs.pairwiseDistance, () => [floats(2, 3), floats(2, 3), 1e-6]),
  norm: call(hs.norm, () => [floats(2, 3), { p: 2, axis: 1, keepdim: true }], {
    also: { "1.axis": "array" },
  }),
  std: call(hs.std, () => [floats(2, 3), 1, { correction: 1, keepdim: true }], {
    also: { "1": "array" },
  }),
  variance: call(hs.variance, () => [floats(2, 3), 1, { correction: 1, keepdim: true }], {
    also: { "1": "array" },
  }),
  tile: call(hs.tile, () => [floats(2), [2]], { also: INT }),
  causalMask: call(hs.causalMask, () => [2, 3]),
  tril: call(hs.tril, () => [floats(2, 2), 0], { also: INT }),
  triu: call(hs.triu, () => [floats(2, 2), 0], { also: INT }),
  dot: call(hs.dot, () => [floats(2), floats(2)]),
  outer: call(hs.outer, () => [floats(2), floats(2)]),
  scaledDotProductAttention: call(hs.scaledDotProductAttention, () => [
    floats(2, 3),
    floats(2, 3),
    floats(2, 3),
    { mask: intsOf([2, 2], 1, 1, 1, 1), causal: true, scale: 1, dropout: 0.5, needWeights: true },
  ]),
  conv1d: call(
    hs.conv1d,
    () => [
      floats(1, 2, 4),
      floats(2, 1, 2),
      floats(2),
      { stride: 1, padding: 1, dilation: 1, groups: 2 },
    ],
    { also: { "3.padding": "string" } },
  ),
  convTranspose1d: call(hs.convTranspose1d, () => [
    floats(1, 2, 4),
    floats(2, 1, 2),
    floats(2),
    { stride: 2, padding: 1, outputPadding: 1, dilation: 1, groups: 2 },
  ]),
  conv2d: call(
    hs.conv2d,
    () => [
      floats(1, 2, 4, 4),
      floats(2, 1, 2, 2),
      floats(2),
      { stride: 1, padding: 1, dilation: 1, groups: 2 },
    ],
    { also: { "3.padding": ["string", "array"], "3.stride": "array", "3.dilation": "array" } },
  ),
  maxPool1d: call(hs.maxPool1d, () => [floats(1, 2, 4), 2, { stride: 1, padding: 1, dilation: 1 }]),
  maxPool2d: call(
    hs.maxPool2d,
    () => [floats(1, 2, 4, 4), 2, { stride: 1, padding: 1, dilation: 1 }],
    { also: { "1": "array", "2.stride": "array", "2.padding": "array", "2.dilation": "array" } },
  ),
  avgPool1d: call(hs.avgPool1d, () => [
    floats(1, 2, 4),
    2,
    { stride: 1, padding: 1, countIncludePad: false },
  ]),
  avgPool2d: call(
    hs.avgPool2d,
    () => [floats(1, 2, 4, 4), 2, { stride: 1, padding: 1, countIncludePad: false }],
    { also: { "1": "array", "2.stride": "array", "2.padding": "array" } },
  ),
  poolSequence: call(hs.poolSequence, () => [floats(1, 2, 3), { mode: "last", lengths: [1] }], {
    also: { "1.lengths": ["int tensor", "typed array"] },
  }),
};

// The operations beyond arithmetic against PyTorch: values and gradients.
import { describe, it } from "vitest";
import * as ops from "../../src/ops/index.js";
import type { DType, Tensor } from "../../src/index.js";
import { casesOf, oracleCases } from "../helpers/oracle.js";
import { checkCase, type Leaves } from "./check-case.js";

interface Options {
  axis: number;
  exponent: number;
  beta: number;
  threshold: number;
  equation: string;
}

const int = (x: Tensor | undefined): Tensor<"int32"> => x as unknown as Tensor<"int32">;

const OPERATIONS: Record<string, (leaves: Leaves, options: Options) => Tensor<DType>> = {
  silu: ({ x }) => ops.silu(x!),
  gelu: ({ x }) => ops.gelu(x!),
  geluTanh: ({ x }) => ops.gelu(x!, { approximate: "tanh" }),
  softplus: ({ x }, { beta, threshold }) => ops.softplus(x!, beta, threshold),
  logSigmoid: ({ x }) => ops.logSigmoid(x!),
  elu: ({ x }) => ops.elu(x!),
  leakyRelu: ({ x }) => ops.leakyRelu(x!),
  hardTanh: ({ x }) => ops.hardTanh(x!),
  hardSigmoid: ({ x }) => ops.hardSigmoid(x!),
  square: ({ x }) => ops.square(x!),
  cumsum: ({ x }) => ops.cumsum(x!, -1),
  pow: ({ x }, { exponent }) => ops.pow(x!, exponent),
  reciprocal: ({ x }) => ops.reciprocal(x!),
  rsqrt: ({ x }) => ops.rsqrt(x!),
  clamp: ({ x }) => ops.clamp(x!, -0.5, 0.75),
  variance: ({ x }, { axis }) => ops.variance(x!, axis),
  std: ({ x }, { axis }) => ops.std(x!, axis),
  min: ({ x }, { axis }) => ops.min(x!, axis),
  norm1: ({ x }, { axis }) => ops.norm(x!, { p: 1, axis }),
  norm2: ({ x }, { axis }) => ops.norm(x!, { axis }),
  normInfinity: ({ x }, { axis }) => ops.norm(x!, { p: Infinity, axis }),
  normalize: ({ x }, { axis }) => ops.normalize(x!, { axis }),
  topk: ({ x }, { axis }) => ops.topk(x!, 2, axis).values,
  sort: ({ x }, { axis }) => ops.sort(x!, axis).values,
  cosineSimilarity: ({ a, b }) => ops.cosineSimilarity(a!, b!),
  pairwiseDistance: ({ a, b }) => ops.pairwiseDistance(a!, b!),
  cdist: ({ a, b }) => ops.cdist(a!, b!),
  outer: ({ a, b }) => ops.outer(a!, b!),
  dot: ({ a, b }) => ops.dot(a!, b!),
  sin: ({ x }) => ops.sin(x!),
  cos: ({ x }) => ops.cos(x!),
  glu: ({ x }, { axis }) => ops.glu(x!, axis),
  median: ({ x }, { axis }) => ops.median(x!, axis),
  prod: ({ x }, { axis }) => ops.prod(x!, axis),
  cumprod: ({ x }, { axis }) => ops.cumprod(x!, axis),
  einsum: (tensors, { equation }) => ops.einsum(equation, ...Object.values(tensors)),
  wholeSum: ({ ids }) => ops.sum(int(ids), 1),
  wholeMax: ({ ids }) => ops.max(int(ids), 1),
  wholeMin: ({ ids }) => ops.min(int(ids), 1),
  wholeCumsum: ({ ids }) => ops.cumsum(int(ids), 1),
  wholeClamp: ({ ids }) => ops.clamp(int(ids), -50, 20),
  wholeMedian: ({ ids }) => ops.median(int(ids), 1),
  flip: ({ x }) => ops.flip(x!, 1),
  roll: ({ x }) => ops.roll(x!, 2, 1),
  pad: ({ x }) => ops.pad(x!, [1, 2, 0, 1], 0.5),
  tile: ({ x }) => ops.tile(x!, [2, 3]),
  diag: ({ x }) => ops.diag(x!),
  indexSelect: ({ x, index }, { axis }) => ops.indexSelect(x!, axis, int(index)),
  scatterAdd: ({ x, index, source }, { axis }) => ops.scatterAdd(x!, axis, int(index), source!),
};

const cases = oracleCases("functions");
describe.each(Object.entries(OPERATIONS))("%s", (op, run) => {
  it.each(casesOf<Options>(cases, op).map((each) => [each.name, each] as const))(
    "%s",
    (_, oracle) => {
      checkCase(oracle, (leaves) => ({ output: run(leaves, oracle.options) }));
    },
  );
});

// Zeros, infinities, NaN, ties and rows of one element: values and gradients as PyTorch's, not finite where its are not.
import { describe, it } from "vitest";
import * as losses from "../../src/losses/index.js";
import * as ops from "../../src/ops/index.js";
import { scope, tensor, type Tensor } from "../../src/index.js";
import { casesOf, oracleCases, type OracleCase } from "../helpers/oracle.js";
import type { Leaves } from "./check-case.js";

interface Options {
  exponent: number;
}

const int = (x: Tensor | undefined): Tensor<"int32"> => x as unknown as Tensor<"int32">;
const each = { reduction: "none" } as const;
const positive = (x: Tensor) => ops.greater(x, 0);

const OPERATIONS: Record<string, (leaves: Leaves, options: Options) => Tensor> = {
  relu: ({ x }) => ops.relu(x!),
  tanh: ({ x }) => ops.tanh(x!),
  sigmoid: ({ x }) => ops.sigmoid(x!),
  exp: ({ x }) => ops.exp(x!),
  log: ({ x }) => ops.log(x!),
  abs: ({ x }) => ops.abs(x!),
  neg: ({ x }) => ops.neg(x!),
  silu: ({ x }) => ops.silu(x!),
  softplus: ({ x }) => ops.softplus(x!),
  logSigmoid: ({ x }) => ops.logSigmoid(x!),
  elu: ({ x }) => ops.elu(x!),
  leakyRelu: ({ x }) => ops.leakyRelu(x!),
  hardTanh: ({ x }) => ops.hardTanh(x!),
  hardSigmoid: ({ x }) => ops.hardSigmoid(x!),
  gelu: ({ x }) => ops.gelu(x!),
  geluTanh: ({ x }) => ops.gelu(x!, { approximate: "tanh" }),
  square: ({ x }) => ops.square(x!),
  reciprocal: ({ x }) => ops.reciprocal(x!),
  clamp: ({ x }) => ops.clamp(x!, -1, 3),
  xLogX: ({ x }) => x!.mul(ops.log(x!)),
  guardedLog: ({ x }) => ops.where(positive(x!), ops.log(ops.where(positive(x!), x!, 1)), x!),
  unguardedRoot: ({ x }) => ops.where(positive(x!), ops.sqrt(x!), 0),
  filled: ({ x }) => ops.maskedFill(x!, ops.logicalNot(ops.isFinite(x!)), 0),
  sqrt: ({ x }) => ops.sqrt(x!),
  rsqrt: ({ x }) => ops.rsqrt(x!),
  powNumber: ({ x }, { exponent }) => ops.pow(x!, exponent),
  add: ({ a, b }) => a!.add(b!),
  sub: ({ a, b }) => a!.sub(b!),
  mul: ({ a, b }) => a!.mul(b!),
  div: ({ a, b }) => a!.div(b!),
  maximum: ({ a, b }) => ops.maximum(a!, b!),
  minimum: ({ a, b }) => ops.minimum(a!, b!),
  pow: ({ a, b }) => ops.pow(a!, b!),
  where: ({ condition, a, b }) => ops.where(int(condition), a!, b!),
  sum: ({ x }) => ops.sum(x!, -1),
  mean: ({ x }) => ops.mean(x!, -1),
  max: ({ x }) => ops.max(x!, -1),
  min: ({ x }) => ops.min(x!, -1),
  logSumExp: ({ x }) => ops.logSumExp(x!, -1),
  softmax: ({ x }) => ops.softmax(x!),
  logSoftmax: ({ x }) => ops.logSoftmax(x!),
  variance: ({ x }) => ops.variance(x!, -1),
  std: ({ x }) => ops.std(x!, -1),
  norm1: ({ x }) => ops.norm(x!, { p: 1, axis: -1 }),
  norm2: ({ x }) => ops.norm(x!, { axis: -1 }),
  normInfinity: ({ x }) => ops.norm(x!, { p: Infinity, axis: -1 }),
  cumsum: ({ x }) => ops.cumsum(x!, -1),
  normalize: ({ x }) => ops.normalize(x!),
  layerNorm: ({ x }) => ops.layerNorm(x!, x!.shape.slice(-1)),
  cosineSimilarity: ({ a, b }) => ops.cosineSimilarity(a!, b!),
  pairwiseDistance: ({ a, b }) => ops.pairwiseDistance(a!, b!),
  cdist: ({ a, b }) => ops.cdist(a!, b!),
  crossEntropy: ({ input, target }) => losses.crossEntropy(input!, int(target), each),
  binaryCrossEntropyWithLogits: ({ input, target }) =>
    losses.binaryCrossEntropyWithLogits(input!, target!, each),
  mseLoss: ({ input, target }) => losses.mseLoss(input!, target!, each),
  l1Loss: ({ input, target }) => losses.l1Loss(input!, target!, each),
  huberLoss: ({ input, target }) => losses.huberLoss(input!, target!, each),
  smoothL1Loss: ({ input, target }) => losses.smoothL1Loss(input!, target!, each),
  klDivLoss: ({ input, target }) => losses.klDivLoss(input!, target!, each),
};

/** Not by a loss: one that is not finite has no backward pass. */
function check(oracle: OracleCase<Options>, run: (typeof OPERATIONS)[string]): void {
  scope(() => {
    const leaves: Leaves = {};
    for (const name of oracle.names("in")) {
      const { data, shape } = oracle.constant("in", name);
      const requiresGrad = oracle.has("grad", name);
      leaves[name] = tensor(data, { shape, requiresGrad }) as unknown as Tensor;
    }
    const output = run(leaves, oracle.options);
    oracle.expect("out", "output", output);
    if (!output.requiresGrad) return;
    const { data, shape } = oracle.constant("projection", "output");
    output.backward(tensor(data as Float32Array, { shape }));
    for (const name of oracle.names("grad"))
      oracle.expect(
        "grad",
        name,
        leaves[name]!.grad ??
          tensor(new Float32Array(leaves[name]!.size), { shape: leaves[name]!.shape }),
      );
  });
}

const cases = oracleCases("edges");
describe.each(Object.entries(OPERATIONS))("%s", (op, run) => {
  it.each(casesOf<Options>(cases, op).map((one) => [one.name, one] as const))("%s", (_, oracle) => {
    check(oracle, run);
  });
});

// Tensor operations against PyTorch: values and gradients.
import { describe, it } from "vitest";
import * as library from "../../src/ops/index.js";
import type { DType, Tensor } from "../../src/index.js";
import { casesOf, oracleCases } from "../helpers/oracle.js";
import { checkCase, type Leaves, type Outputs } from "./check-case.js";

interface OperationOptions {
  axis: number;
  axes: number[];
  keepdim: boolean;
  shape: number[];
  diagonal: number;
  transposeB: boolean;
  sizes: number | number[];
  index: number;
  start: number;
  end: number;
}
type Run = (leaves: Leaves, options: OperationOptions) => Tensor<DType> | readonly Tensor<DType>[];

const int = (x: Tensor | undefined): Tensor<"int32"> => x as unknown as Tensor<"int32">;

const FAMILIES: Record<string, Record<string, Run>> = {
  elementwise: {
    add: ({ a, b }) => a!.add(b!),
    sub: ({ a, b }) => a!.sub(b!),
    mul: ({ a, b }) => a!.mul(b!),
    div: ({ a, b }) => a!.div(b!),
    neg: ({ x }) => library.neg(x!),
    maximum: ({ a, b }) => library.maximum(a!, b!),
    minimum: ({ a, b }) => library.minimum(a!, b!),
    equal: ({ a, b }) => library.equal(a!, b!),
    less: ({ a, b }) => library.less(a!, b!),
    lessEqual: ({ a, b }) => library.lessEqual(a!, b!),
    greater: ({ a, b }) => library.greater(a!, b!),
    greaterEqual: ({ a, b }) => library.greaterEqual(a!, b!),
    relu: ({ x }) => library.relu(x!),
    tanh: ({ x }) => library.tanh(x!),
    sigmoid: ({ x }) => library.sigmoid(x!),
    exp: ({ x }) => library.exp(x!),
    log: ({ x }) => library.log(x!),
    sqrt: ({ x }) => library.sqrt(x!),
    abs: ({ x }) => library.abs(x!),
  },
  reductions: {
    sum: ({ x }, { axis, keepdim }) => x!.sum(axis, keepdim),
    mean: ({ x }, { axis, keepdim }) => x!.mean(axis, keepdim),
    max: ({ x }, { axis, keepdim }) => library.max(x!, axis, keepdim),
    logSumExp: ({ x }, { axis, keepdim }) => library.logSumExp(x!, axis, keepdim),
    softmax: ({ x }, { axis }) => library.softmax(x!, axis),
    logSoftmax: ({ x }, { axis }) => library.logSoftmax(x!, axis),
    maskedSoftmax: ({ x, mask }, { axis }) => library.maskedSoftmax(x!, int(mask), axis),
    // PyTorch's cases have 0 where the logarithm of 0 is.
    maskedLogSoftmax: ({ x, mask }, { axis }) =>
      library.where(int(mask), library.maskedLogSoftmax(x!, int(mask), axis), 0),
  },
  matmul: { matmul: ({ a, b }, options) => library.matmul(a!, b!, options) },
  movement: {
    concat: (leaves, { axis }) => library.concat(Object.values(leaves), axis),
    stack: (leaves, { axis }) => library.stack(Object.values(leaves), axis),
    split: ({ x }, { sizes, axis }) => library.split(x!, sizes, axis),
    gather: ({ x, index }, { axis }) => library.gather(x!, axis, int(index)),
    where: ({ condition, a, b }) => library.where(int(condition), a!, b!),
    permute: ({ x }, { axes }) => x!.permute(axes),
    slice: ({ x }, { axis, start, end }) => x!.slice(axis, start, end),
    reshape: ({ x }, { shape }) => x!.reshape(shape),
    squeeze: ({ x }, { axis }) => library.squeeze(x!, axis),
    unsqueeze: ({ x }, { axis }) => library.unsqueeze(x!, axis),
    transpose: ({ x }, { axes }) => library.transpose(x!, axes[0]!, axes[1]!),
    expand: ({ x }, { shape }) => library.expand(x!, shape),
    clone: ({ x }) => x!.clone(),
    tril: ({ x }, { diagonal }) => library.tril(x!, diagonal),
    triu: ({ x }, { diagonal }) => library.triu(x!, diagonal),
    argmax: ({ x }, { axis }) => library.argmax(x!, axis),
  },
  selection: {
    select: ({ x }, { axis, index }) => x!.select(axis, index),
    unbind: ({ x }, { axis }) => library.unbind(x!, axis),
    maskedSelect: ({ x, mask }) => library.maskedSelect(x!, int(mask)),
    booleanMask: ({ x, mask }) => library.booleanMask(x!, int(mask)),
    nonzero: ({ ids }) => library.nonzero(int(ids)),
  },
};

for (const [family, operations] of Object.entries(FAMILIES)) {
  const cases = oracleCases(family);
  describe.each(Object.entries(operations))("%s", (op, run) => {
    it.each(casesOf<OperationOptions>(cases, op).map((each) => [each.name, each] as const))(
      "%s",
      (_, oracle) => {
        checkCase(oracle, (leaves) => outputsOf(run(leaves, oracle.options)));
      },
    );
  });
}

/** One tensor is `output`; several are `0`, `1`, … */
function outputsOf(result: Tensor<DType> | readonly Tensor<DType>[]): Outputs {
  if ("shape" in result) return { output: result };
  return Object.fromEntries(result.map((part, i) => [String(i), part]));
}

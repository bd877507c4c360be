import { defineOp } from "../autograd/op.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, sizeOf } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { requireFloat } from "./check.js";
import { giveBiasGradients, giveWeightGradient } from "./weight-gradients.js";
import { inputGradient, weightProduct } from "./weight-products.js";

/**
 * `y = x · weightᵀ + bias` over the last axis.
 *
 * @param x `[…, in]`
 * @param weight `[out, in]`
 * @param bias `[out]`, optional
 * @returns `[…, out]`
 * @example
 * ```ts
 * linear(ones([1, 2]), tensor([[1, 2], [3, 4]]), tensor([10, 20])).toArray(); // [[13, 27]]
 * ```
 */
export const linear = /* @__PURE__ */ defineOp({
  name: "linear",
  signature: "x:tensor weight:tensor bias?:tensor",
  forward(x: Tensor, weight: Tensor, bias?: Tensor) {
    checkShapes(x, weight, bias);
    const outputs = weight.shape[0]!;
    const y = empty([...x.shape.slice(0, -1), outputs]);
    const rows = sizeOf(x.shape.slice(0, -1));
    weightProduct(y.storage.ptr, x.address("linear"), weight, bias?.address("linear") ?? 0, rows);
    return {
      inputs: bias ? [x, weight, bias] : [x, weight],
      output: y,
      saved: { x, weight, bias },
    };
  },
  backward(pass, { x, weight, bias }) {
    const [outputs, inputs] = weight.shape as [number, number];
    const rows = sizeOf(x.shape.slice(0, -1));
    const dy = pass.grad();
    pass.accumulate(0, (dx, accumulates) => inputGradient(dx, dy, weight, rows, accumulates));
    giveWeightGradient(pass, 1, { dy, x: x.address("linear"), rows, outputs, inputs });
    if (bias) giveBiasGradients(pass, [2], dy, rows, outputs);
  },
});

function checkShapes(x: Tensor, weight: Tensor, bias: Tensor | undefined): void {
  requireFloat("linear", x, weight);
  if (bias) requireFloat("linear", bias);
  const [outputs, inputs] = weight.shape as [number, number];
  if (weight.shape.length !== 2 || x.shape.length === 0 || x.shape.at(-1) !== inputs)
    throw new ShapeError({
      op: "linear",
      expected: weight.shape.length === 2 ? `input [..., ${inputs}]` : "a weight [out, in]",
      got: formatShape(weight.shape.length === 2 ? x.shape : weight.shape),
      cure: `The last axis must equal the weight's ${formatShape(weight.shape)} last one.`,
    });
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== outputs))
    throw new ShapeError({
      op: "linear",
      expected: `a bias [${outputs}]`,
      got: formatShape(bias.shape),
    });
}

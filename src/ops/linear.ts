import { defineOp } from "../autograd/op.js";
import type { BackwardPass } from "../autograd/backward-pass.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, sizeOf } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { copyBytes, scratch } from "../wasm/memory.js";
import { at, bytesOf, offset, type Ptr } from "../wasm/ptr.js";
import { requireFloat } from "./check.js";
import { gradientProduct, product } from "./weight-products.js";

/**
 * `y = x · weightᵀ + bias` over the last axis.
 *
 * @param x `[…, in]`
 * @param weight `[out, in]`
 * @param bias `[out]`, optional
 * @returns `[…, out]`
 */
export const linear = /* @__PURE__ */ defineOp({
  name: "linear",
  forward(x: Tensor, weight: Tensor, bias?: Tensor) {
    checkShapes(x, weight, bias);
    const outputs = weight.shape[0]!;
    const y = empty([...x.shape.slice(0, -1), outputs]);
    const rows = sizeOf(x.shape.slice(0, -1));
    product(y.storage.ptr, x.address("linear"), weight, bias?.address("linear") ?? 0, rows);
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
    pass.accumulate(0, (dx, accumulates) => gradientProduct(dx, dy, weight, rows, accumulates));
    accumulateWeightGradient(pass, 1, { dy, x: x.address("linear"), rows, outputs, inputs });
    if (bias) biasGradients(pass, [2], dy, rows, outputs);
  },
});

/** A block of a weight's rows, `[outputs, inputs]`, whose gradient is dyᵀ · x. */
export interface WeightBlock {
  readonly dy: Ptr;
  readonly x: Ptr;
  readonly rows: number;
  readonly outputs: number;
  readonly inputs: number;
  /** Elements from row to row of dy. Default `outputs`. */
  readonly stride?: number;
}

/** Gives a weight its gradient dyᵀ · x, of `rows` rows each, block of rows after block; x is contiguous. */
export function accumulateWeightGradient(
  pass: BackwardPass,
  input: number,
  ...blocks: readonly WeightBlock[]
): void {
  pass.accumulate(input, (dw, accumulates) => {
    const k = kernels();
    const product = accumulates ? k.gemmTNAcc : k.gemmTN;
    for (const { dy, x, rows, outputs, inputs, stride = outputs } of blocks) {
      const panels = k.packedBytes(rows, inputs);
      const space = scratch(panels + 64 + k.gemmTNScratchBytes(outputs));
      const block = offset(space, Math.ceil(panels / 64) * 64);
      k.packB(space, x, rows, inputs, inputs);
      product(dw, dy, space, block, outputs, inputs, rows, stride, inputs);
      dw = at(dw, outputs * inputs);
    }
  });
}

/** Gives biases, which share it, the sum of `dGates` `[rows, columns]` over all rows. */
export function biasGradients(
  pass: BackwardPass,
  inputs: readonly number[],
  dGates: Ptr,
  rows: number,
  columns: number,
): void {
  if (!inputs.some((input) => pass.needs(input))) return;
  const sum = scratch(bytesOf(columns));
  kernels().sumAxis(sum, dGates, 1, rows, columns);
  for (const input of inputs)
    pass.accumulate(input, (to, accumulates) => {
      if (accumulates) kernels().axpy(to, sum, columns, 1);
      else copyBytes(to, sum, bytesOf(columns));
    });
}

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

// Gradients of weights and biases: sums over the rows of what they were multiplied with, or added to.
import type { BackwardPass } from "../autograd/backward-pass.js";
import { kernels } from "../wasm/backend.js";
import { copyBytes } from "../wasm/memory.js";
import { withScratch } from "../wasm/scratch.js";
import { at, bytesOf, type Ptr } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { pack, packedBytes, transposedProduct } from "./products.js";

/** A block of a weight's rows, `[outputs, inputs]`, whose gradient is dyᵀ · x. */
interface WeightBlock {
  readonly dy: Ptr;
  /** `[rows, inputs]` */
  readonly x: Ptr;
  readonly rows: number;
  readonly outputs: number;
  readonly inputs: number;
  /** Elements from row to row of dy. Default `outputs`. */
  readonly stride?: number | undefined;
}

/** Gives a weight its gradient, block of rows after block. */
export function giveWeightGradient(
  pass: BackwardPass,
  input: number,
  ...blocks: readonly WeightBlock[]
): void {
  pass.accumulate(input, (dw, accumulates) => {
    let to = dw;
    for (const { dy, x, rows, outputs, inputs, stride = outputs } of blocks) {
      withScratch(packedBytes(rows, inputs), (packed) => {
        pack("packB", packed, x, rows, inputs, inputs);
        const sizes = { m: outputs, n: inputs, k: rows, aStride: stride };
        transposedProduct(to, dy, packed, sizes, accumulates);
      });
      to = at(to, outputs * inputs);
    }
  });
}

/** Gives biases, which share it, the sum of dy `[rows, outputs]` over all rows. */
export function giveBiasGradients(
  pass: BackwardPass,
  inputs: readonly number[],
  dy: Ptr,
  rows: number,
  outputs: number,
): void {
  if (!inputs.some((input) => pass.needs(input))) return;
  withScratch(bytesOf(outputs), (sum) => {
    kernels().sumAxis(sum, dy, 1, rows, outputs);
    for (const input of inputs)
      pass.accumulate(input, (to, accumulates) => {
        if (accumulates) trainingKernels().axpy(to, sum, outputs, 1);
        else copyBytes(to, sum, bytesOf(outputs));
      });
  });
}

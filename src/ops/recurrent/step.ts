// What one step of a cell without a graph reads: packed weights and sizes.
import type { Tensor } from "../../tensor/tensor.js";
import type { Ptr } from "../../wasm/ptr.js";
import type { LayerWeights } from "./weights.js";

export interface StepSizes {
  readonly batch: number;
  readonly hiddenSize: number;
  /** The size of h. */
  readonly outputSize: number;
}

/** One layer's weights as the step kernels read them. */
export interface PackedWeights {
  readonly wx: Ptr;
  readonly wh: Ptr;
  readonly bias: Ptr;
  /** What the cell has beside these. */
  readonly extra: Ptr;
}

export interface PackedLayer extends PackedWeights {
  readonly inputSize: number;
}

/** Makes the copies of weights that a stream owns. */
export interface Packer {
  /** A weight, or some of its rows, for products with a batch of rows. */
  matrix(weight: Tensor, first?: number, rows?: number): Ptr;
  /** The sum of the biases that there are. */
  sum(a: Tensor | undefined, b?: Tensor): Ptr;
}

/** How most cells read their weights: both biases as one. */
export function packSummed(
  { inputWeight, hiddenWeight, inputBias, hiddenBias }: LayerWeights,
  packer: Packer,
): PackedWeights {
  return {
    wx: packer.matrix(inputWeight),
    wh: packer.matrix(hiddenWeight),
    bias: packer.sum(inputBias, hiddenBias),
    extra: 0,
  };
}

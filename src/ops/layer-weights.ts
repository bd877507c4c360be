import type { Tensor } from "../tensor/tensor.js";

/** The weights of one layer in one direction, in PyTorch's layouts. */
export interface LayerWeights {
  /** `[gates · hidden, input]` */
  readonly inputWeight: Tensor;
  /** `[gates · hidden, hidden]` */
  readonly hiddenWeight: Tensor;
  /** `[gates · hidden]` */
  readonly inputBias: Tensor | undefined;
  /** `[gates · hidden]` */
  readonly hiddenBias: Tensor | undefined;
}

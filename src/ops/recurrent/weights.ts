import type { Tensor } from "../../tensor/tensor.js";

/** The weights of one layer in one direction, in PyTorch's layouts. P is the size of h: hidden, or the projection's. */
export interface LayerWeights {
  /** `[gates · hidden, input]` */
  readonly inputWeight: Tensor;
  /** `[gates · hidden, P]` */
  readonly hiddenWeight: Tensor;
  /** `[gates · hidden]` */
  readonly inputBias: Tensor | undefined;
  /** `[gates · hidden]` */
  readonly hiddenBias: Tensor | undefined;
}

/** The tensors among them, in the order an operation counts them. */
export function tensorsOf({
  inputWeight,
  hiddenWeight,
  inputBias,
  hiddenBias,
}: LayerWeights): Tensor[] {
  return [inputWeight, hiddenWeight, inputBias, hiddenBias].filter((each) => each !== undefined);
}

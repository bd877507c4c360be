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
  /** `[P, hidden]`, where h is projected. */
  readonly projection?: Tensor | undefined;
}

/** The tensors among them, in the order an operation counts them. */
export function tensorsOf(weights: LayerWeights): Tensor[] {
  const { inputWeight, hiddenWeight, inputBias, hiddenBias, projection } = weights;
  return [inputWeight, hiddenWeight, inputBias, hiddenBias, projection].filter(
    (each) => each !== undefined,
  );
}

import { cannotTrain } from "../core/inference.js";
import type { Tensor } from "../tensor/tensor.js";
import type { DropoutOptions } from "./dropout.js";

/** Gives x itself, as in evaluation. In training it refuses: modules begin in training mode, `eval()` ends it. */
export function dropout(x: Tensor, p = 0.5, { training = true }: DropoutOptions = {}): Tensor {
  if (training && p > 0) throw cannotTrain("dropout in training mode; after eval() it passes on");
  return x;
}

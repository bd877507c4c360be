import type { DType } from "../core/dtype.js";
import { formatShape } from "../core/shape.js";
import type { Tensor } from "./tensor.js";

/** `tensor(shape [2, 2], int32)`: the inference build shows no numbers, `toArray()` has them. */
export function formatTensor({ shape, dtype }: Tensor<DType>): string {
  return `tensor(shape ${formatShape(shape)}, ${dtype})`;
}

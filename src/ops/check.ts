import type { DType } from "../core/dtype.js";
import { DTypeError } from "../core/errors.js";
import type { Tensor } from "../tensor/tensor.js";

/** Refuses what is no float32 tensor: nothing is promoted silently. */
export function requireFloat(op: string, ...tensors: readonly Tensor<DType>[]): void {
  const other = tensors.find(({ dtype }) => dtype !== "float32");
  if (other)
    throw new DTypeError({
      op,
      expected: "float32",
      got: other.dtype,
      cure: 'Convert it with to("float32").',
    });
}

/** Refuses what is no int32 tensor: ids, targets, lengths. */
export function requireInt(op: string, name: string, tensor: Tensor<DType>): void {
  if (tensor.dtype !== "int32")
    throw new DTypeError({
      op,
      expected: `${name} of dtype int32`,
      got: tensor.dtype,
      cure: 'Make it from an Int32Array, or with to("int32").',
    });
}

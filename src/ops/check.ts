import { described } from "../core/described.js";
import type { DType } from "../core/dtype.js";
import { DTypeError } from "../core/errors.js";
import type { Tensor } from "../tensor/tensor.js";

/** Refuses what is no float32 tensor: nothing is promoted silently. */
export function requireFloat(op: string, ...tensors: readonly Tensor<DType>[]): void {
  for (const { dtype } of tensors)
    if (dtype !== "float32")
      throw new DTypeError({
        op,
        expected: "float32",
        got: dtype,
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

/** The dtype that all tensors have; numbers beside int32 tensors must be whole. */
export function commonDType(op: string, ...operands: readonly (Tensor<DType> | number)[]): DType {
  let dtype: DType | undefined;
  for (const x of operands) {
    if (typeof x === "number") continue;
    if (dtype !== undefined && x.dtype !== dtype)
      throw new DTypeError({
        op,
        expected: "operands of one dtype",
        got: `${dtype} and ${x.dtype}`,
        cure: 'Convert one with to("float32") or to("int32"): nothing is promoted.',
      });
    dtype = x.dtype;
  }
  if (dtype === "int32")
    for (const x of operands)
      if (typeof x === "number" && (x | 0) !== x)
        throw new DTypeError({
          op,
          expected: "a whole number beside an int32 tensor",
          got: described(x),
          cure: 'Convert the tensor with to("float32").',
        });
  return dtype ?? "float32";
}

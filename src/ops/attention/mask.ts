// A mask that broadcasts, as the kernels read it.
import type { Shape } from "../../core/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { requireInt } from "../check.js";
import { stridesOf } from "../strided.js";
import type { AttentionMask } from "./layout.js";

/**
 * Strides of a mask over `[…, queries, keys]`, whose leading axes but the last are taken as one; undefined where it does not
 * broadcast with them, or they are not one for it.
 */
export function maskFor(
  op: string,
  tensor: Tensor<"int32">,
  shape: Shape,
): AttentionMask | undefined {
  requireInt(op, "mask", tensor);
  const missing = shape.length - tensor.shape.length;
  if (missing < 0) return undefined;
  const own = stridesOf(tensor.shape);
  const strides: number[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    const length = axis < missing ? 1 : tensor.shape[axis - missing]!;
    if (length !== 1 && length !== shape[axis]) return undefined;
    strides.push(length === 1 ? 0 : own[axis - missing]!);
  }
  const [key, query, head = 0, ...leading] = strides.reverse() as [number, number, ...number[]];
  const batch = leading[0] ?? 0;
  // From row to row of the batch is one stride if each axis goes on where the next one ends.
  const lengths = [...shape].reverse().slice(3);
  const isOne = leading.every(
    (stride, i) => i === 0 || stride === leading[i - 1]! * lengths[i - 1]!,
  );
  return isOne ? { tensor, strides: [batch, head, query, key] } : undefined;
}

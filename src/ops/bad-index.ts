import { IndexError } from "../core/errors.js";
import { formatShape, type Shape } from "../core/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { i32 } from "../wasm/memory.js";

/** The error for an index that a kernel refused: names its value and its place in the tensor of indices. */
export function badIndex(
  op: string,
  expected: string,
  indices: Tensor<"int32">,
  position: number,
): IndexError {
  const value = i32(indices.address(op), indices.size)[position]!;
  return new IndexError({
    op,
    expected,
    got: `${value} at ${formatShape(unravel(position, indices.shape))}`,
  });
}

function unravel(position: number, shape: Shape): number[] {
  const index = new Array<number>(shape.length);
  let rest = position;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!;
    rest = (rest - index[axis]!) / shape[axis]!;
  }
  return index;
}

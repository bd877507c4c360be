// Other shapes for the same numbers: no copy, the memory is shared.
import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import type { DType } from "../core/dtype.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, normalizeAxis, sizeOf, type Shape } from "../core/shape.js";
import { shareStorage, type Tensor } from "../tensor/tensor.js";
import { normalizeAxes } from "./axes.js";

const view = /* @__PURE__ */ defineOp({
  name: "reshape",
  forward(x: Tensor<DType>, shape: Shape, op: string) {
    return { inputs: [x], output: shareStorage(x, shape, op), saved: undefined };
  },
  backward(pass) {
    pass.passOn(0, { move: true });
  },
});

/**
 * The same numbers in the same order under another shape, sharing memory.
 *
 * @param shape sizes whose product is the number of elements; one of them may be -1: worked out
 * @throws ShapeError when the sizes do not give the number of elements
 * @example
 * ```ts
 * reshape(arange(6), [2, -1]).toArray(); // [[0, 1, 2], [3, 4, 5]]
 * ```
 */
export function reshape<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  checkCall("reshape", arguments, "x:tensor shape:list");
  return view(x, resolveShape(x, shape), "reshape") as Tensor<D>;
}

/**
 * Drops axes of size 1, sharing memory: all of them, or those given that have size 1 (others are left
 * as they are, as in PyTorch).
 *
 * @throws OptionError for an axis out of range
 */
export function squeeze<D extends DType>(
  x: Tensor<D>,
  axis?: number | readonly number[],
): Tensor<D> {
  checkCall("squeeze", arguments, "x:tensor axis?:number|list");
  const axes = normalizeAxes("squeeze", axis, x.shape.length);
  const shape = x.shape.filter((size, i) => size !== 1 || !axes.includes(i));
  return view(x, shape, "squeeze") as Tensor<D>;
}

/**
 * A new axis of size 1 at position `axis` (negative: counted from the end of the result), sharing memory.
 *
 * @throws OptionError for an axis out of range
 */
export function unsqueeze<D extends DType>(x: Tensor<D>, axis: number): Tensor<D> {
  checkCall("unsqueeze", arguments, "x:tensor axis:number");
  const at = normalizeAxis("unsqueeze", axis, x.shape.length + 1);
  return view(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)], "unsqueeze") as Tensor<D>;
}

function resolveShape({ shape: from, size }: Tensor<DType>, shape: Shape): Shape {
  const open = shape.indexOf(-1);
  const rest = open < 0 ? 1 : sizeOf(shape) / -1;
  const resolved = open < 0 ? [...shape] : shape.map((n, i) => (i === open ? size / rest : n));
  // A second -1, a product that does not divide the size, and 0/0 all fail here.
  if (!resolved.every((n) => Number.isInteger(n) && n >= 0) || sizeOf(resolved) !== size)
    throw new ShapeError({
      op: "reshape",
      expected: `sizes for the ${size} elements of ${formatShape(from)}`,
      got: formatShape(shape),
      cure: "Their product must be the number of elements; one of them may be -1, to be worked out.",
    });
  return resolved;
}

import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import type { DType } from "../core/dtype.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, type Shape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { strided, stridesOf } from "./strided.js";
import { sumTo } from "./sum-to.js";

interface Expansion {
  readonly x: Tensor<DType>;
  readonly y: Tensor<DType>;
}

const repeat = /* @__PURE__ */ defineOp({
  name: "expand",
  forward(x: Tensor<DType>, shape: Shape) {
    const missing = shape.length - x.shape.length;
    const own = stridesOf(x.shape);
    const strides = shape.map((_, axis) =>
      axis < missing || x.shape[axis - missing] === 1 ? 0 : own[axis - missing]!,
    );
    const y: Tensor<DType> = empty(shape, x.dtype);
    strided(kernels().copyStrided, y.storage.ptr, x.address("expand"), { shape, strides });
    return { inputs: [x], output: y, saved: { x, y } };
  },
  backward(pass, { x, y: { shape, size } }: Expansion) {
    const dy = { ptr: pass.grad(), shape, size };
    pass.accumulate(0, (dx, accumulates) => sumTo(dx, x.shape, dy, accumulates));
  },
});

/**
 * Axes of size 1, and new ones in front, repeated to a shape; copied. A size of -1 keeps the axis.
 *
 * @throws ShapeError when x does not broadcast to the shape
 */
export function expand<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  checkCall("expand", arguments, "x:tensor shape:list");
  const missing = shape.length - x.shape.length;
  const target = shape.map((size, axis) => (size === -1 ? x.shape[axis - missing]! : size));
  const fits =
    missing >= 0 &&
    x.shape.every((size, axis) => size === 1 || size === target[axis + missing]) &&
    target.every((size) => Number.isInteger(size) && size >= 0);
  if (!fits)
    throw new ShapeError({
      op: "expand",
      expected: `a shape that ${formatShape(x.shape)} broadcasts to`,
      got: formatShape(shape),
      cure: "Only axes of size 1 can be repeated, and new axes come in front.",
    });
  return repeat(x, target) as Tensor<D>;
}

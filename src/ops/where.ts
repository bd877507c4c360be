import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import type { DType } from "../core/dtype.js";
import { broadcastShapes } from "../core/shape.js";
import { empty, type Operand, type Tensor } from "../tensor/tensor.js";
import { select, shapeOf, sourceOf } from "./broadcast.js";
import { commonDType, requireInt } from "./check.js";
import { giveSummed } from "./sum-to.js";

interface Choice {
  readonly condition: Tensor<"int32">;
  readonly a: Operand<DType>;
  readonly b: Operand<DType>;
  readonly y: Tensor<DType>;
}

const choice = /* @__PURE__ */ defineOp({
  name: "where",
  forward(condition: Tensor<"int32">, a: Operand<DType>, b: Operand<DType>) {
    requireInt("where", "condition", condition);
    const dtype = commonDType("where", a, b);
    const shape = broadcastShapes(
      "where",
      condition.shape,
      broadcastShapes("where", shapeOf(a), shapeOf(b)),
    );
    const y: Tensor<DType> = empty(shape, dtype);
    const mask = sourceOf("where", condition);
    select(y.storage.ptr, shape, mask, sourceOf("where", a), sourceOf("where", b), dtype);
    const inputs = [a, b].filter((x) => typeof x !== "number");
    return { inputs, output: y, saved: { condition, a, b, y } };
  },
  backward(pass, { condition, a, b, y: { shape, size } }: Choice) {
    const mask = sourceOf("where", condition);
    const dy = { ptr: pass.grad(), shape, size };
    const inputOfB = typeof a === "number" ? 0 : 1;
    if (typeof a !== "number") giveSummed(pass, 0, a, dy, (to) => select(to, shape, mask, dy, 0));
    if (typeof b !== "number")
      giveSummed(pass, inputOfB, b, dy, (to) => select(to, shape, mask, 0, dy));
  },
});

/**
 * a where the condition is not 0, b where it is 0, broadcasting all three.
 *
 * @param condition int32, as comparisons give it
 * @param a a tensor, or a number beside a tensor b
 * @param b a tensor of a's dtype, or a number
 * @throws ShapeError when the shapes do not broadcast; DTypeError for a float32 condition or mixed dtypes
 * @example
 * ```ts
 * const x = tensor([-1, 2]);
 * where(greater(x, 0), x, 0).toArray(); // [0, 2]
 * ```
 */
export function where<D extends DType>(
  condition: Tensor<"int32">,
  a: Tensor<D>,
  b: NoInfer<Operand<D>>,
): Tensor<D>;
export function where<D extends DType>(
  condition: Tensor<"int32">,
  a: number,
  b: Tensor<D>,
): Tensor<D>;
export function where(
  condition: Tensor<"int32">,
  a: Operand<DType>,
  b: Operand<DType>,
): Tensor<DType> {
  checkCall("where", arguments, "condition:tensor a:tensor|number b:tensor|number");
  return choice(condition, a, b);
}

/**
 * x with a number in place of its elements where the mask is not 0; they get no gradient.
 *
 * @param mask int32; broadcasts with x
 * @throws as {@link where}
 */
export function maskedFill<D extends DType>(
  x: Tensor<D>,
  mask: Tensor<"int32">,
  value: number,
): Tensor<D> {
  checkCall("maskedFill", arguments, "x:tensor mask:tensor value:number");
  return where(mask, value, x);
}

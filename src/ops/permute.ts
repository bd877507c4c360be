// Axes in another order.
import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import type { DType } from "../core/dtype.js";
import { normalizeAxis } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { normalizePermutation } from "./axes.js";
import { strided, stridesOf, type StridedView } from "./strided.js";

const reorder = /* @__PURE__ */ defineOp({
  name: "permute",
  forward(x: Tensor<DType>, order: readonly number[], op: string) {
    const strides = stridesOf(x.shape);
    const view = {
      shape: order.map((axis) => x.shape[axis]!),
      strides: order.map((axis) => strides[axis]!),
    };
    const y: Tensor<DType> = empty(view.shape, x.dtype);
    strided(kernels().copyStrided, y.storage.ptr, x.address(op), view);
    return { inputs: [x], output: y, saved: view };
  },
  backward(pass, view: StridedView) {
    pass.accumulate(0, (dx, accumulates) =>
      strided(
        accumulates ? trainingKernels().scatterStridedAcc : kernels().scatterStrided,
        dx,
        pass.grad(),
        view,
      ),
    );
  },
});

/**
 * Axes in another order, copied: axis i of the result is axis `axes[i]` of x.
 *
 * @throws OptionError unless `axes` names every axis once
 * @example
 * ```ts
 * permute(ones([2, 3, 4]), [2, 0, 1]).shape; // [4, 2, 3]
 * ```
 */
export function permute<D extends DType>(x: Tensor<D>, axes: readonly number[]): Tensor<D> {
  checkCall("permute", arguments, "x:tensor axes:list");
  return reorder(x, normalizePermutation("permute", axes, x.shape.length), "permute") as Tensor<D>;
}

/**
 * Two axes swapped, copied.
 *
 * @throws OptionError for an axis out of range
 * @example
 * ```ts
 * transpose(ones([2, 3]), 0, 1).shape; // [3, 2]
 * ```
 */
export function transpose<D extends DType>(x: Tensor<D>, axis0: number, axis1: number): Tensor<D> {
  checkCall("transpose", arguments, "x:tensor axis0:number axis1:number");
  const rank = x.shape.length;
  const first = normalizeAxis("transpose", axis0, rank);
  const second = normalizeAxis("transpose", axis1, rank);
  const order = x.shape.map((_, i) => (i === first ? second : i === second ? first : i));
  return reorder(x, order, "transpose") as Tensor<D>;
}

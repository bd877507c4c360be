import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import type { DType } from "../core/dtype.js";
import { normalizeAxis, splitAtAxis, type Shape } from "../core/shape.js";
import { tensor } from "../tensor/create.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { extraKernels } from "../wasm/extra.js";
import type { Ptr } from "../wasm/ptr.js";
import { requireFloat } from "./check.js";

/** Running sums along an axis, from its start, or (backward) from its end. */
function run(to: Ptr, from: Ptr, shape: Shape, axis: number, reverse: number): void {
  const { outer, length, inner } = splitAtAxis(shape, axis);
  extraKernels().cumsum(to, from, outer, length, inner, reverse);
}

const runningSum = /* @__PURE__ */ defineOp({
  name: "cumsum",
  forward(x: Tensor, axis: number) {
    requireFloat("cumsum", x);
    const { shape } = x;
    const normal = normalizeAxis("cumsum", axis, shape.length);
    const y = empty(shape);
    run(y.storage.ptr, x.address("cumsum"), shape, normal, 0);
    return { inputs: [x], output: y, saved: { shape, normal } };
  },
  backward(pass, { shape, normal }) {
    pass.write(0, (dx) => run(dx, pass.grad(), shape, normal, 1));
  },
});

/**
 * Sums of the elements up to and including each, along an axis; each exact up to one rounding, of int32 tensors modulo
 * 2^32.
 *
 * @throws OptionError for an axis out of range
 */
export function cumsum<D extends DType>(x: Tensor<D>, axis: number): Tensor<D>;
export function cumsum(x: Tensor<DType>, axis: number): Tensor<DType> {
  checkCall("cumsum", arguments, "x:tensor axis:number");
  if (x.dtype === "float32") return runningSum(x as Tensor, axis);
  const normal = normalizeAxis("cumsum", axis, x.shape.length);
  const { length, inner } = splitAtAxis(x.shape, normal);
  const sums = x.data() as Int32Array;
  for (let i = 0; i < sums.length; i++)
    if (Math.floor(i / inner) % length > 0) sums[i] = sums[i]! + sums[i - inner]!;
  return tensor(sums, { shape: x.shape });
}

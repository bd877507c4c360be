import { defineOp } from "../autograd/op.js";
import { normalizeAxis, splitAtAxis, type Shape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { extraKernels } from "../wasm/extra.js";
import type { Ptr } from "../wasm/ptr.js";
import { requireFloat } from "./check.js";

/** Running sums along an axis, from its start, or (backward) from its end. */
function run(to: Ptr, from: Ptr, shape: Shape, axis: number, reverse: number): void {
  const { outer, length, inner } = splitAtAxis(shape, axis);
  extraKernels().cumsum(to, from, outer, length, inner, reverse);
}

/**
 * Sums of the elements up to and including each, along an axis; each exact up to one rounding.
 *
 * @throws OptionError for an axis out of range; DTypeError for int32
 */
export const cumsum = /* @__PURE__ */ defineOp({
  name: "cumsum",
  signature: "x:tensor axis:number",
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

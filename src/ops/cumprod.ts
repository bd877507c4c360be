import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import { normalizeAxis, splitAtAxis } from "../core/shape.js";
import { ones } from "../tensor/create.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { extraKernels } from "../wasm/extra.js";
import { requireFloat } from "./check.js";
import { reshape, unsqueeze } from "./reshape.js";
import { select } from "./slice.js";

/**
 * Products of the elements up to and including each, along an axis; the gradient is exact where elements are 0.
 *
 * @throws OptionError for an axis out of range; DTypeError for int32
 */
export const cumprod = /* @__PURE__ */ defineOp({
  name: "cumprod",
  signature: "x:tensor axis:number",
  forward(x: Tensor, axis: number) {
    requireFloat("cumprod", x);
    const part = splitAtAxis(x.shape, normalizeAxis("cumprod", axis, x.shape.length));
    const y = empty(x.shape);
    const { outer, length, inner } = part;
    extraKernels().cumprodForward(y.storage.ptr, x.address("cumprod"), outer, length, inner);
    return { inputs: [x], output: y, saved: { x, y, ...part } };
  },
  backward(pass, { x, y, outer, length, inner }) {
    const [from, products] = [x.address("cumprod"), y.address("cumprod")];
    pass.write(0, (dx) =>
      extraKernels().cumprodBackward(dx, pass.grad(), from, products, outer, length, inner),
    );
  },
});

/**
 * The product of the elements along an axis, or (by default) of all; of no elements 1. The gradient is exact where
 * elements are 0.
 *
 * @param keepdim keep the axis with size 1. Default false.
 * @throws OptionError for an axis out of range; DTypeError for int32
 */
export function prod(x: Tensor, axis?: number, keepdim = false): Tensor {
  checkCall("prod", arguments, "x:tensor axis?:number keepdim?:boolean");
  requireFloat("prod", x);
  if (axis === undefined) {
    const all = prod(reshape(x, [-1]), 0);
    return keepdim
      ? reshape(
          all,
          x.shape.map(() => 1),
        )
      : all;
  }
  const normal = normalizeAxis("prod", axis, x.shape.length);
  const rest = x.shape.filter((_, i) => i !== normal);
  const y = x.shape[normal] === 0 ? ones(rest) : select(cumprod(x, normal), normal, -1);
  return keepdim ? unsqueeze(y, normal) : y;
}

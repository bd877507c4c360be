// Functions that stop at bounds.
import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { extraKernels } from "../wasm/extra.js";
import { add, div } from "./arithmetic.js";
import { requireFloat } from "./check.js";

interface Bounds {
  readonly low: number;
  readonly high: number;
  /** Between which, both included, the gradient passes. */
  readonly from: number;
  readonly to: number;
}

const bounded = /* @__PURE__ */ defineOp({
  name: "clamp",
  forward(x: Tensor, { low, high, from, to }: Bounds, op: string) {
    requireFloat(op, x);
    const y = empty(x.shape);
    extraKernels().clampForward(y.storage.ptr, x.address(op), x.size, low, high);
    return { inputs: [x], output: y, saved: { x, from, to } };
  },
  backward(pass, { x, from, to }: { x: Tensor; from: number; to: number }) {
    const values = x.address("clamp");
    pass.write(0, (dx) => extraKernels().clampBackward(dx, pass.grad(), values, x.size, from, to));
  },
});

/**
 * x, but no less than `min` and no more than `max`; NaN stays. The gradient passes where x lies within, the
 * bounds included.
 *
 * @param min default: none
 * @param max default: none; where it is below min, all become max
 */
export function clamp(x: Tensor, min = -Infinity, max = Infinity): Tensor {
  checkCall("clamp", arguments, "x:tensor min?:number max?:number");
  return bounded(x, { low: min, high: max, from: min, to: max }, "clamp");
}

/** x within -1 and 1. The gradient is 0 at both ends, as in PyTorch. */
export function hardTanh(x: Tensor): Tensor {
  checkCall("hardTanh", arguments, "x:tensor");
  const inside = 0.99999994; // the last float32 before 1
  return bounded(x, { low: -1, high: 1, from: -inside, to: inside }, "hardTanh");
}

/** x / 6 + 1/2 within 0 and 1. The gradient is 0 at both ends, as in PyTorch. */
export function hardSigmoid(x: Tensor): Tensor {
  checkCall("hardSigmoid", arguments, "x:tensor");
  // The first float32 after 0, and the last before 6.
  const inside = { from: 1.4e-45, to: 5.9999995 };
  return div(bounded(add(x, 3), { low: 0, high: 6, ...inside }, "hardSigmoid"), 6);
}

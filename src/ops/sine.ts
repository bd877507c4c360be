import { defineOp } from "../autograd/op.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { extraKernels } from "../wasm/extra.js";
import { requireFloat } from "./check.js";

/** sin(x + quarter · π / 2), whose derivative is that of the next quarter. */
function sineFrom(name: "sin" | "cos", quarter: number): (x: Tensor) => Tensor {
  return defineOp({
    name,
    signature: "x:tensor",
    forward(x: Tensor) {
      requireFloat(name, x);
      const y = empty(x.shape);
      extraKernels().sineForward(y.storage.ptr, x.address(name), x.size, quarter);
      return { inputs: [x], output: y, saved: x };
    },
    backward(pass, x: Tensor) {
      pass.write(0, (dx) => {
        extraKernels().sineForward(dx, x.address(name), x.size, quarter + 1);
        kernels().mul(dx, dx, pass.grad(), x.size);
      });
    },
  });
}

/** Sine of x in radians, of any size, within 0.51 ulp; NaN of what is not finite. */
export const sin = /* @__PURE__ */ sineFrom("sin", 0);

/** Cosine of x in radians, of any size, within 0.51 ulp; NaN of what is not finite. */
export const cos = /* @__PURE__ */ sineFrom("cos", 1);

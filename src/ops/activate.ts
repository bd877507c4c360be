// Activations, element by element. Gradients are taken from the outputs.
import { defineOp } from "../autograd/op.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { requireFloat } from "./check.js";
import { kernels } from "../wasm/backend.js";

/** Hyperbolic tangent; error bound in docs/numerics.md. */
export const tanh = /* @__PURE__ */ defineOp({
  name: "tanh",
  forward(x: Tensor) {
    requireFloat("tanh", x);
    const y = empty(x.shape);
    kernels().tanhForward(y.storage.ptr, x.address("tanh"), x.size);
    return { inputs: [x], output: y, saved: y };
  },
  backward(pass, y: Tensor) {
    pass.write(0, (dx) => kernels().tanhBackward(dx, pass.grad(), y.address("tanh"), y.size));
  },
});

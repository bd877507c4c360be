// Functions of one operand, element by element, each with a kernel of its own. activations.ts has more of them.
import { defineOp } from "../autograd/op.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { requireFloat } from "./check.js";

type Forward = "relu" | "tanh" | "sigmoid" | "exp" | "log" | "sqrt" | "abs";
/** Kernels (dx, dy, saved, n) that give a gradient from what was saved. */
type Backward =
  | "reluBackward"
  | "tanhBackward"
  | "sigmoidBackward"
  | "sqrtBackward"
  | "absBackward"
  | "mul"
  | "div";

function pointwise(
  name: Forward,
  backward: Backward,
  saves: "input" | "output",
): (x: Tensor) => Tensor {
  const forward = `${name}Forward` as const;
  return defineOp({
    name,
    signature: "x:tensor",
    forward(x: Tensor) {
      requireFloat(name, x);
      const y = empty(x.shape);
      kernels()[forward](y.storage.ptr, x.address(name), x.size);
      return { inputs: [x], output: y, saved: saves === "input" ? x : y };
    },
    backward(pass, saved: Tensor) {
      pass.write(0, (dx) =>
        trainingKernels()[backward](dx, pass.grad(), saved.address(name), saved.size),
      );
    },
  });
}

/** max(x, 0). Its gradient at 0 is 0. */
export const relu = /* @__PURE__ */ pointwise("relu", "reluBackward", "output");

/** Hyperbolic tangent, within 6 ulp. */
export const tanh = /* @__PURE__ */ pointwise("tanh", "tanhBackward", "output");

/** 1 / (1 + e^-x), within 3 ulp. */
export const sigmoid = /* @__PURE__ */ pointwise("sigmoid", "sigmoidBackward", "output");

/** e^x, within 1.05 ulp. */
export const exp = /* @__PURE__ */ pointwise("exp", "mul", "output");

/** Natural logarithm, within 1 ulp: -Infinity at 0, NaN below. */
export const log = /* @__PURE__ */ pointwise("log", "div", "input");

/** Square root; NaN below 0. */
export const sqrt = /* @__PURE__ */ pointwise("sqrt", "sqrtBackward", "output");

/** |x|. Its gradient at 0 is 0. */
export const abs = /* @__PURE__ */ pointwise("abs", "absBackward", "input");

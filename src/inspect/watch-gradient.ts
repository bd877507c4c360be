import { defineOp } from "../autograd/op.js";
import { requireFloat } from "../ops/check.js";
import { shareStorage, type Tensor } from "../tensor/tensor.js";
import { f32 } from "../wasm/memory.js";

/**
 * `x` as it is. When a backward pass comes by, `seen` gets a copy of the gradient that arrives there, in
 * row-major order: PyTorch's `register_hook`, for looking at results that are no leaves. It is not
 * called where no gradient arrives.
 *
 * @example
 * ```ts
 * const norms: number[] = [];
 * const x = ones([2], { requiresGrad: true });
 * const h = watchGradient(x.mul(3), (gradient) => norms.push(Math.max(...gradient)));
 * h.mul(2).sum().backward();
 * norms; // [2]
 * ```
 */
export const watchGradient = /* @__PURE__ */ defineOp({
  name: "watchGradient",
  signature: "x:tensor seen:function",
  forward(x: Tensor, seen: (gradient: Float32Array) => void) {
    requireFloat("watchGradient", x);
    const output = shareStorage(x, x.shape, "watchGradient");
    return { inputs: [x], unread: [x], output, saved: { seen, size: x.size } };
  },
  backward(pass, { seen, size }) {
    seen(f32(pass.grad(), size).slice());
    pass.passOn(0, { move: true });
  },
});

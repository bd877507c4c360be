// Powers and roots.
import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import type { DType } from "../core/dtype.js";
import { ones } from "../tensor/create.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import type { Ptr } from "../wasm/ptr.js";
import { exp, log, sqrt } from "./unary.js";
import { div, mul } from "./arithmetic.js";
import { requireFloat } from "./check.js";

/** x² */
export function square<D extends DType>(x: Tensor<D>): Tensor<D> {
  checkCall("square", arguments, "x:tensor");
  return mul(x, x);
}

/** 1 / x */
export function reciprocal(x: Tensor): Tensor {
  checkCall("reciprocal", arguments, "x:tensor");
  requireFloat("reciprocal", x);
  return div(1, x);
}

/** 1 / √x */
export function rsqrt(x: Tensor): Tensor {
  checkCall("rsqrt", arguments, "x:tensor");
  requireFloat("rsqrt", x);
  return div(1, sqrt(x));
}

/** x^p = e^(p · log x), n elements. */
function raise(to: Ptr, x: Ptr, n: number, p: number): void {
  kernels().logForward(to, x, n);
  kernels().scale(to, to, n, p);
  kernels().expForward(to, to, n);
}

const realPower = /* @__PURE__ */ defineOp({
  name: "pow",
  forward(x: Tensor, p: number) {
    const y = empty(x.shape);
    raise(y.storage.ptr, x.address("pow"), x.size, p);
    return { inputs: [x], output: y, saved: { x, p } };
  },
  backward(pass, { x, p }: { x: Tensor; p: number }) {
    pass.write(0, (dx) => {
      raise(dx, x.address("pow"), x.size, p - 1);
      kernels().scale(dx, dx, x.size, p);
      kernels().mul(dx, dx, pass.grad(), x.size);
    });
  },
});

/**
 * x to a power. Whole powers are products, exact up to the rounding of each, for x of either sign. Any
 * other is e^(p · log x), with a relative error of about 1e-7 · (1 + |p · log x|): NaN below 0.
 *
 * @param exponent a number, or a tensor that broadcasts with x, which then must be above 0
 */
export function pow(x: Tensor, exponent: number | Tensor): Tensor {
  checkCall("pow", arguments, "x:tensor|number exponent:tensor|number");
  requireFloat("pow", x);
  if (typeof exponent !== "number") return exp(mul(log(x), exponent));
  if (exponent === 0.5) return sqrt(x);
  if (!Number.isSafeInteger(exponent)) return realPower(x, exponent);
  return exponent < 0 ? reciprocal(wholePower(x, -exponent)) : wholePower(x, exponent);
}

/** By repeated squaring. */
function wholePower(x: Tensor, exponent: number): Tensor {
  if (exponent === 0) return ones(x.shape);
  if (exponent === 1) return x;
  const half = square(wholePower(x, Math.floor(exponent / 2)));
  return exponent % 2 === 1 ? mul(half, x) : half;
}
